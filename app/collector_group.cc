// SPDX-License-Identifier: MIT
#include "app/collector_group.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/log.h"

namespace cistern::app {
namespace {

using collector::Ingest;

Ingest* find_by_name(const std::vector<std::unique_ptr<Ingest>>& all, const std::string& name) {
    const auto found = std::find_if(all.begin(), all.end(), [&name](const auto& ingest) {
        return ingest && ingest->name() == name;
    });
    return found == all.end() ? nullptr : found->get();
}

}  // namespace

Status CollectorGroup::apply(const config::EngineConfig& config) {
    const MutexLock lock(mutex_);
    // Everything that can fail on the settings' account comes first.
    std::vector<std::unique_ptr<collector::Mapper>> mappers;
    for (size_t i = 0; i < config.brokers.size(); ++i) {
        mappers.push_back(TRY(collector::Mapper::create(config.mapping)));
    }
    Ingests next;
    for (size_t i = 0; i < config.brokers.size(); ++i) {
        const collector::BrokerOptions& options = config.brokers[i];
        Ingest* present = find_by_name(ingests_, options.client.name);
        if (present != nullptr && present->reload(options, std::move(mappers[i]))) {
            const auto slot =
                std::find_if(ingests_.begin(), ingests_.end(), [present](const auto& one) {
                    return one.get() == present;
                });
            next.push_back(std::move(*slot));
            continue;
        }
        if (present != nullptr) {
            present->stop();  // two connections must not share a session
            mappers[i] = TRY(collector::Mapper::create(config.mapping));
        }
        auto fresh = TRY(Ingest::create(options, std::move(mappers[i]), context_)
                             .with_context("broker " + options.client.name));
        fresh->start();
        next.push_back(std::move(fresh));
    }
    for (const auto& left : ingests_) {
        if (left) {
            left->stop();
        }
    }
    ingests_ = std::move(next);
    return {};
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
