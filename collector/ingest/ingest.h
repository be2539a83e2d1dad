// SPDX-License-Identifier: MIT
// The collector of one broker: its connection, its pipeline, and what it remembers between runs.
#pragma once

#include "collector/ingest/options.h"
#include "collector/ingest/pipeline.h"
#include "collector/ingest/session_files.h"
#include "collector/mqtt/client.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cistern::collector {

struct IngestStatus {
    std::string broker;
    mqtt::ClientStatus connection;
    PipelineStatus pipeline;
};

// What an ingest works with; everything must outlive it.
struct IngestContext {
    store::Store& store;
    MetricsRegistry& metrics;
    Clock& clock = system_clock();
    FileSystem& file_system = posix_file_system();
};

// create, start, stop; the other methods from any thread in between. Stop before the store closes.
class Ingest {
  public:
    // InvalidArgument: a setting is wrong. Reads the log for what was stored last; does not
    // connect.
    static Result<std::unique_ptr<Ingest>> create(BrokerOptions options,
                                                  std::unique_ptr<Mapper> mapper,
                                                  IngestContext context);
    ~Ingest();
    Ingest(const Ingest&) = delete;
    Ingest& operator=(const Ingest&) = delete;

    void start();
    // Disconnects with the session kept. No message arrives after this returns.
    void stop();

    // New rules and filters without dropping the connection. InvalidArgument when the change needs
    // a new Ingest (address, credentials, name); nothing is changed then.
    Status reload(BrokerOptions options, std::unique_ptr<Mapper> mapper);

    // The broker keeps the messages until resume().
    void park(std::string_view reason) { client_->park(reason); }
    void resume() { client_->resume(); }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] IngestStatus status() const;
    [[nodiscard]] TopicPage topics(const TopicQuery& query) const {
        return pipeline_->topics(query);
    }
    [[nodiscard]] std::vector<Provenance> provenance(
        const store::Database& database, std::span<const store::SeriesId> series) const {
        return pipeline_->provenance(database, series);
    }
    // What the mapper learned so far, for a second one that must not disturb it.
    [[nodiscard]] std::string mapper_state() const { return pipeline_->mapper_state(); }
    [[nodiscard]] std::vector<LastText> texts() const { return pipeline_->texts(); }

  private:
    Ingest(BrokerOptions options, IngestContext context);

    Status set_up(std::unique_ptr<Mapper> mapper);
    void hold_filters(const Mapper& mapper);
    void act(const MappedAction& action);
    void run_timers();
    bool wait_for_timer();
    // False when that monotonic time has come; else waits for it, or less long.
    bool wait_some(int64_t end_ns) CISTERN_REQUIRES(mutex_);
    void save_mapper_state();
    void forget_old_filters();
    void probe();

    const std::string name_;
    BrokerOptions options_;  // of the owner's thread
    IngestContext context_;
    SessionFiles files_;
    std::unique_ptr<Pipeline> pipeline_;
    std::unique_ptr<mqtt::Client> client_;  // before the pipeline dies, no callback may run

    Mutex mutex_;
    CondVar wake_;
    bool stopping_ CISTERN_GUARDED_BY(mutex_) = false;
    bool has_batch_ CISTERN_GUARDED_BY(mutex_) = false;  // messages wait to be written
    // The file names filters of earlier settings, until the broker has unsubscribed them.
    bool has_old_filters_ CISTERN_GUARDED_BY(mutex_) = false;
    std::vector<std::string> filters_ CISTERN_GUARDED_BY(mutex_);  // wanted now
    uint32_t probe_interval_s_ CISTERN_GUARDED_BY(mutex_) = 0;
    int64_t probed_ns_ = 0;  // of the timers' thread; monotonic
    std::thread timers_;
};

// The filters to subscribe for these settings: none covers another.
std::vector<mqtt::Filter> filters_for(const BrokerOptions& options, const Mapper& mapper);

}  // namespace cistern::collector
