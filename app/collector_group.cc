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

CollectorGroup::Topics CollectorGroup::topics(collector::TopicQuery query) const {
    const MutexLock lock(mutex_);
    Topics all;
    for (const auto& ingest : ingests_) {
        collector::TopicPage page = ingest->topics(query);
        all.total += page.total;
        query.limit -= page.topics.size();
        for (collector::TopicStatus& topic : page.topics) {
            all.list.push_back({ingest->name(), std::move(topic)});
        }
    }
    return all;
}

std::vector<CollectorGroup::Source> CollectorGroup::sources(
    const store::Database& database, std::span<const store::SeriesId> series) const {
    const MutexLock lock(mutex_);
    std::vector<Source> all;
    for (const auto& ingest : ingests_) {
        for (collector::Provenance& one : ingest->provenance(database, series)) {
            all.push_back({ingest->name(), std::move(one)});
        }
    }
    return all;
}

std::string CollectorGroup::mapper_state(std::string_view broker) const {
    const MutexLock lock(mutex_);
    for (const auto& ingest : ingests_) {
        if (broker.empty() || ingest->name() == broker) {
            return ingest->mapper_state();
        }
    }
    return {};
}

}  // namespace cistern::app
