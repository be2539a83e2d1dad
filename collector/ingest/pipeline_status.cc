// SPDX-License-Identifier: MIT
#include "collector/ingest/pipeline.h"

namespace cistern::collector {

PipelineStatus Pipeline::status() const {
    MutexLock lock(mutex_);
    PipelineStatus status;
    status.received = counters_.received();
    status.bytes = counters_.bytes();
    status.samples = counters_.samples();
    status.redelivered = counters_.redelivered();
    status.series = series_.size();
    status.topics = topics_.size();
    status.topics_overflow = topics_.overflow();
    status.last_message_ns = last_message_ns_;
    status.refusing = full_database_ != nullptr;
    status.refusal = status.refusing ? refusal_ : std::string();
    status.rules = counters_.rules();
    status.dropped = counters_.dropped();
    return status;
}

std::vector<TopicStatus> Pipeline::topics(std::string_view search,
                                          size_t offset,
                                          size_t limit) const {
    MutexLock lock(mutex_);
    std::vector<TopicStatus> found;
    for (SeenTopics::Row& row : topics_.list(search, offset, limit)) {
        TopicStatus& status = found.emplace_back();
        status.topic = std::move(row.topic);
        status.rule = row.entry.rule != nullptr ? row.entry.rule->rule : std::string();
        status.dropped = std::string(row.entry.dropped);
        for (const TopicEntry::LastSample& sample : row.entry.samples) {
            status.samples.push_back(
                {sample.series->database->name(), sample.series->id, sample.value});
        }
        row.entry.samples.clear();
        row.entry.rule = nullptr;
        row.entry.dropped = {};
        status.entry = std::move(row.entry);
    }
    return found;
}

std::vector<LastText> Pipeline::texts() const {
    MutexLock lock(mutex_);
    return {texts_.all().begin(), texts_.all().end()};
}

std::string Pipeline::mapper_state() const {
    MutexLock lock(mutex_);
    return mapper_->save_state();
}

}  // namespace cistern::collector
