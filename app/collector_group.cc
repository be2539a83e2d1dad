// SPDX-License-Identifier: MIT
#include "app/collector_group.h"

#include <algorithm>
#include <optional>

namespace cistern::app {
using collector::Ingest;

Status CollectorGroup::apply(const config::EngineConfig& config) {
    const MutexLock lock(mutex_);
    // The rules are the same for all brokers: when they are bad, nothing is touched.
    TRY(collector::Mapper::create(config.mapping));
    Ingests next;
    std::optional<Error> first_error;
    for (const collector::BrokerOptions& options : config.brokers) {
        auto ingest = keep_or_replace(options, config.mapping);
        if (ingest) {
            next.push_back(std::move(*ingest));
        } else if (!first_error) {
            first_error = ingest.error().with_context("broker " + options.client.name);
        }
    }
    for (const auto& left : ingests_) {
        if (left) {
            left->stop();
        }
    }
    ingests_ = std::move(next);
    return first_error ? Status(tl::unexpected(*first_error)) : Status();
}

Result<std::unique_ptr<Ingest>> CollectorGroup::keep_or_replace(
    const collector::BrokerOptions& options, const collector::MappingOptions& mapping) {
    const auto present =
        std::find_if(ingests_.begin(), ingests_.end(), [&options](const auto& ingest) {
            return ingest && ingest->name() == options.client.name;
        });
    if (present != ingests_.end()) {
        if ((*present)->reload(options, TRY(collector::Mapper::create(mapping)))) {
            return std::move(*present);
        }
        (*present)->stop();  // two connections must not share a session
    }
    auto fresh = TRY(Ingest::create(options, TRY(collector::Mapper::create(mapping)), context_));
    fresh->start();
    return fresh;
}

void CollectorGroup::stop() {
    const MutexLock lock(mutex_);
    for (const auto& ingest : ingests_) {
        ingest->stop();
    }
    ingests_.clear();
}

std::vector<collector::IngestStatus> CollectorGroup::status() const {
    const MutexLock lock(mutex_);
    std::vector<collector::IngestStatus> all;
    for (const auto& ingest : ingests_) {
        all.push_back(ingest->status());
    }
    return all;
}

std::vector<CollectorGroup::Topic> CollectorGroup::topics(std::string_view search,
                                                          size_t limit) const {
    const MutexLock lock(mutex_);
    std::vector<Topic> all;
    for (const auto& ingest : ingests_) {
        for (collector::TopicStatus& topic : ingest->topics(search, 0, limit - all.size())) {
            all.push_back({ingest->name(), std::move(topic)});
        }
    }
    return all;
}

}  // namespace cistern::app
