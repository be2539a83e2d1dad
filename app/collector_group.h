// SPDX-License-Identifier: MIT
// The collectors of all brokers as one: started, stopped, changed and asked together.
#pragma once

#include "collector/ingest/ingest.h"
#include "config/engine_config.h"
#include "store/base/mutex.h"
#include "store/base/result.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cistern::app {

// Thread safe.
class CollectorGroup {
  public:
    explicit CollectorGroup(collector::IngestContext context) : context_(context) {}

    // Brings the collectors to what the settings say: the same broker keeps its connection, a
    // changed one gets a new one, a missing one is stopped. Bad rules change nothing; a broker that
    // cannot be set up is left out, the others run, and the first such error is returned.
    [[nodiscard]] Status apply(const config::EngineConfig& config);
    // Disconnects all, keeping the sessions.
    void stop();

    struct Topic {
        std::string broker;
        collector::TopicStatus status;
    };
    [[nodiscard]] std::vector<collector::IngestStatus> status() const;
    struct Topics {
        std::vector<Topic> list;
        size_t total = 0;  // all that fit the search
    };
    // In the order of broker and topic; at most query.limit of all brokers together.
    [[nodiscard]] Topics topics(collector::TopicQuery query) const;
    struct Source {
        std::string broker;
        collector::Provenance provenance;
    };
    // Who fed these series in this run; a series may have several sources.
    [[nodiscard]] std::vector<Source> sources(const store::Database& database,
                                              std::span<const store::SeriesId> series) const;
    // What the mapper of that broker learned so far; an empty name means the first. Empty: none.
    [[nodiscard]] std::string mapper_state(std::string_view broker) const;

  private:
    using Ingests = std::vector<std::unique_ptr<collector::Ingest>>;

    Result<std::unique_ptr<collector::Ingest>> keep_or_replace(
        const collector::BrokerOptions& options, const collector::MappingOptions& mapping)
        CISTERN_REQUIRES(mutex_);

    const collector::IngestContext context_;
    mutable Mutex mutex_;
    Ingests ingests_ CISTERN_GUARDED_BY(mutex_);
};

}  // namespace cistern::app
