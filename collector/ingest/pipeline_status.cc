// SPDX-License-Identifier: MIT
#include "collector/ingest/pipeline.h"

#include <algorithm>

namespace cistern::collector {
namespace {

// mosquitto's names, which others follow.
constexpr std::pair<std::string_view, std::string_view> kBrokerFigures[] = {
    {"$SYS/broker/version", "version"},
    {"$SYS/broker/uptime", "uptime"},
    {"$SYS/broker/clients/connected", "clients_connected"},
    {"$SYS/broker/clients/disconnected", "clients_disconnected"},
    {"$SYS/broker/messages/received", "messages_received"},
    {"$SYS/broker/messages/sent", "messages_sent"},
    {"$SYS/broker/publish/messages/dropped", "messages_dropped"},
    {"$SYS/broker/store/messages/count", "messages_stored"},
    {"$SYS/broker/store/messages/bytes", "messages_stored_bytes"},
    {"$SYS/broker/retained messages/count", "retained_messages"},
    {"$SYS/broker/subscriptions/count", "subscriptions"},
    {"$SYS/broker/heap/current", "heap_bytes"},
};

}  // namespace

std::vector<std::pair<std::string, std::string>> Pipeline::broker_figures() const {
    std::vector<std::pair<std::string, std::string>> figures;
    for (const auto& [topic, name] : kBrokerFigures) {
        const SeenTopic* seen = topics_.find(topic);
        if (seen != nullptr) {
            figures.emplace_back(name, seen->payload.view());
        }
    }
    return figures;
}

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
    status.broker_figures = broker_figures();
    status.round_trip = probe_.figures();
    status.refusing = full_database_ != nullptr;
    status.refusal = status.refusing ? refusal_ : std::string();
    status.rules = counters_.rules();
    status.dropped = counters_.dropped();
    return status;
}

TopicStatus Pipeline::topic_status(const SeenTopic& seen) const {
    TopicStatus status;
    status.topic = seen.topic();
    static_cast<TopicFigures&>(status.entry) = seen.figures;
    status.entry.payload = seen.payload.view();
    status.rule = seen.rule != nullptr ? seen.rule->rule : std::string();
    status.dropped = topics_.dropped(seen);
    for (const SeenTopic::LastSample& sample : seen.samples) {
        status.samples.push_back({sample.series->database, sample.series->id, sample.value});
    }
    return status;
}

// The lock is let go between the steps: messages do not wait for a hundred thousand topics.
TopicPage Pipeline::topics(const TopicQuery& query) const {
    std::vector<const SeenTopic*> rows;
    {
        MutexLock lock(mutex_);
        rows = topics_.find(query.search, query.since_ns);
    }
    TopicPage page;
    page.total = rows.size();
    const size_t begin = std::min(query.offset, rows.size());
    const size_t end = begin + std::min(query.limit, rows.size() - begin);
    std::partial_sort(rows.begin(),
                      rows.begin() + static_cast<std::ptrdiff_t>(end),
                      rows.end(),
                      [](const auto& a, const auto& b) { return a->topic() < b->topic(); });
    page.topics.reserve(end - begin);
    constexpr size_t kStep = 128;
    for (size_t at = begin; at < end; at += kStep) {
        MutexLock lock(mutex_);
        for (size_t i = at; i < std::min(end, at + kStep); ++i) {
            page.topics.push_back(topic_status(*rows[i]));
        }
    }
    return page;
}

std::vector<Provenance> Pipeline::provenance(const store::Database& database,
                                             std::span<const store::SeriesId> series) const {
    MutexLock lock(mutex_);
    std::vector<Provenance> found;
    for (const store::SeriesId id : series) {
        const SeriesState* state = series_.find(database, id);
        if (state != nullptr && state->rule != nullptr) {
            found.push_back(
                {id,
                 state->topic != nullptr ? std::string(state->topic->topic()) : std::string(),
                 state->rule->rule,
                 state->last_ns,
                 state->last_value});
        }
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
