// SPDX-License-Identifier: MIT
// One MQTT message from callback to log: is it a redelivery, what does it mean, is it news, store.
// Everything of one broker but the connection itself.
#pragma once

#include "collector/ingest/counters.h"
#include "collector/ingest/fed_series.h"
#include "collector/ingest/last_texts.h"
#include "collector/ingest/options.h"
#include "collector/ingest/redelivery.h"
#include "collector/ingest/round_trip.h"
#include "collector/ingest/seen_topics.h"
#include "collector/mapping/mapper.h"
#include "collector/mqtt/client.h"
#include "store/base/clock.h"
#include "store/base/metrics.h"
#include "store/base/mutex.h"
#include "store/engine/store.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

struct PipelineStatus {
    uint64_t received = 0;
    uint64_t bytes = 0;
    uint64_t samples = 0;
    uint64_t redelivered = 0;
    uint64_t series = 0;
    uint64_t topics = 0;
    uint64_t topics_overflow = 0;
    int64_t last_message_ns = 0;
    // What the broker tells about itself below $SYS, by the names of pipeline_status.cc.
    std::vector<std::pair<std::string, std::string>> broker_figures;
    RoundTrip round_trip;
    bool refusing = false;  // the store has no room: the broker keeps the messages
    std::string refusal;
    std::vector<RuleCounts> rules;
    std::vector<std::pair<std::string, uint64_t>> dropped;
};

struct TopicSample {
    const store::Database* database = nullptr;
    store::SeriesId series;
    double value = 0;
};
struct TopicEntry : TopicFigures {
    std::string payload;  // the last one, its beginning
};
struct TopicStatus {
    std::string topic;
    TopicEntry entry;
    std::string rule;
    std::string dropped;
    std::vector<TopicSample> samples;
};

struct TopicQuery {
    std::string_view search;  // part of the topic
    int64_t since_ns = 0;     // of the last message
    size_t offset = 0;        // in byte order of the topics
    size_t limit = SIZE_MAX;
};
struct TopicPage {
    std::vector<TopicStatus> topics;
    size_t total = 0;  // that fit, without offset and limit
};
// Who fed a series last.
struct Provenance {
    store::SeriesId series;
    std::string topic;  // empty: not listed
    std::string rule;
    int64_t last_ns = 0;
    double last_value = 0;
};

// Handler methods come from the MQTT library's thread, the others from any. One lock; a message
// holds it for microseconds, a list of topics for a hundred topics at a time.
class Pipeline final : public mqtt::Handler {
  public:
    // Everything referred to must outlive the pipeline.
    Pipeline(const BrokerOptions& options,
             std::unique_ptr<Mapper> mapper,
             store::Store& store,
             MetricsRegistry& metrics,
             Clock& clock);

    void on_connected(const mqtt::Connected& connected) override;
    bool on_message(const mqtt::MessageView& view) override;
    void on_disconnected(std::string_view reason) override;
    bool is_ready() override;
    std::optional<mqtt::LastWill> will() override;

    // What the mapper asks to do on the broker; called without the lock.
    using Actor = std::function<void(const MappedAction&)>;
    void set_actor(Actor actor) { actor_ = std::move(actor); }
    // The mapper's timers; call a few times a second.
    void tick();

    // QoS 0 messages carry no acknowledgement: those that come in quick succession are written
    // together, at the latest this long after the first of them.
    static constexpr int64_t kBatchDelayNs = 10'000'000;
    // Called, without the lock, when a message waits to be written; write_batch() is due
    // kBatchDelayNs later.
    void set_batch_waker(std::function<void()> waker) { batch_waker_ = std::move(waker); }
    void write_batch();

    // The round trip to the broker: publish the answer of begin_probe() to this topic; what comes
    // back is measured, and not mapped. Set before the first message; empty: no probes.
    void set_probe_topic(std::string topic);
    [[nodiscard]] std::string begin_probe();

    // New rules from the next message on. The connection and the counters stay.
    void replace(const BrokerOptions& options, std::unique_ptr<Mapper> mapper);

    [[nodiscard]] PipelineStatus status() const;
    [[nodiscard]] TopicPage topics(const TopicQuery& query) const;
    // Of the series that this broker has fed in this run.
    [[nodiscard]] std::vector<Provenance> provenance(const store::Database& database,
                                                     std::span<const store::SeriesId> series) const;
    [[nodiscard]] std::vector<LastText> texts() const;
    [[nodiscard]] std::string mapper_state() const;

  private:
    // Stamp flags above those of Redelivery: how many databases got a part of the message, minus
    // one.
    static constexpr int kStampPartsShift = 24;

    struct Item {
        SeriesState* state = nullptr;
        int64_t timestamp_ns = 0;
        double value = 0;
        bool by_arrival = false;
    };
    // A message that the store had no room for: kept, so that it is stored with the same times when
    // the broker delivers it again, and rules with a memory see it once.
    struct Refused {
        bool is_set = false;
        uint64_t hash = 0;
        std::vector<Item> items;
    };
    // QoS 0 messages that were mapped and are not in the log yet.
    struct Batch {
        std::vector<Item> items;
        uint64_t messages = 0;
        uint64_t bytes = 0;
        int64_t last_write_ns =
            -kBatchDelayNs;  // monotonic; a message long after it is written at once
    };
    // A message of several databases that a crash cut short: these have it.
    struct Partial {
        bool is_set = false;
        uint64_t hash = 0;
        std::vector<const store::Database*> stored_in;
    };

    void restore_log() CISTERN_REQUIRES(mutex_);
    void introduce_store() CISTERN_REQUIRES(mutex_);
    bool receive(const mqtt::MessageView& view, std::vector<MappedAction>& actions)
        CISTERN_REQUIRES(mutex_);
    void map_message(const mqtt::MessageView& view, int64_t arrival_ns) CISTERN_REQUIRES(mutex_);
    void collect_items(const mqtt::MessageView& view, int64_t arrival_ns) CISTERN_REQUIRES(mutex_);
    bool is_news(SeriesState& state, const MappedSample& sample) CISTERN_REQUIRES(mutex_);
    void collect_stale(const StaleSeries& stale, int64_t arrival_ns) CISTERN_REQUIRES(mutex_);
    void spread_arrival_times() CISTERN_REQUIRES(mutex_);
    bool keep_in_batch(const mqtt::MessageView& view, int64_t monotonic_ns)
        CISTERN_REQUIRES(mutex_);
    void write_batch_locked() CISTERN_REQUIRES(mutex_);
    Status store_items(std::span<const Item> items, const Delivery* delivery)
        CISTERN_REQUIRES(mutex_);
    Status append(store::Database& database,
                  std::span<const Item> items,
                  const store::MessageStamp& stamp) CISTERN_REQUIRES(mutex_);
    void note_room() CISTERN_REQUIRES(mutex_);
    void note_stored(SeenTopic* topic) CISTERN_REQUIRES(mutex_);
    SeenTopic* note_message(const mqtt::MessageView& view, int64_t now_ns, int64_t monotonic_ns)
        CISTERN_REQUIRES(mutex_);
    void note_refusal(std::string_view why, std::string_view topic) CISTERN_REQUIRES(mutex_);
    void note_full(const Error& error) CISTERN_REQUIRES(mutex_);
    [[nodiscard]] TopicStatus topic_status(const SeenTopic& seen) const CISTERN_REQUIRES(mutex_);
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> broker_figures() const
        CISTERN_REQUIRES(mutex_);
    [[nodiscard]] bool is_ignored(std::string_view topic) const CISTERN_REQUIRES(mutex_);

    store::Store& store_;
    Clock& clock_;
    Actor actor_;
    std::function<void()> batch_waker_;

    mutable Mutex mutex_;
    bool is_connected_ CISTERN_GUARDED_BY(mutex_) = false;
    BrokerOptions options_ CISTERN_GUARDED_BY(mutex_);
    std::unique_ptr<Mapper> mapper_ CISTERN_GUARDED_BY(mutex_);
    IngestCounters counters_ CISTERN_GUARDED_BY(mutex_);
    FedSeries series_ CISTERN_GUARDED_BY(mutex_);
    SeenTopics topics_ CISTERN_GUARDED_BY(mutex_);
    LastTexts texts_ CISTERN_GUARDED_BY(mutex_);
    Redelivery redelivery_ CISTERN_GUARDED_BY(mutex_);
    Refused refused_ CISTERN_GUARDED_BY(mutex_);
    Partial partial_ CISTERN_GUARDED_BY(mutex_);
    Batch batch_ CISTERN_GUARDED_BY(mutex_);
    std::string probe_topic_ CISTERN_GUARDED_BY(mutex_);
    RoundTripMeter probe_ CISTERN_GUARDED_BY(mutex_);
    store::Database* full_database_ CISTERN_GUARDED_BY(mutex_) = nullptr;
    int64_t full_since_ns_ CISTERN_GUARDED_BY(mutex_) = 0;  // monotonic
    std::string refusal_ CISTERN_GUARDED_BY(mutex_);
    int64_t last_message_ns_ CISTERN_GUARDED_BY(mutex_) = 0;

    // Of the message in hand; members to keep their memory.
    MappedMessage mapped_ CISTERN_GUARDED_BY(mutex_);
    std::vector<Item> items_ CISTERN_GUARDED_BY(mutex_);
    std::vector<store::Sample> samples_ CISTERN_GUARDED_BY(mutex_);
    std::vector<store::Database*> databases_ CISTERN_GUARDED_BY(mutex_);
};

}  // namespace cistern::collector
