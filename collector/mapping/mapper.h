// SPDX-License-Identifier: MIT
// Message -> samples: rules, presets, Home Assistant discovery and the generic mapper behind one
// call. `cistern explain`, the web UI and the ingest path all use this.
#pragma once

#include "collector/decode/message.h"
#include "collector/mapping/options.h"
#include "store/base/result.h"
#include "store/model/labels.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

// Identity of a series within one Mapper: (db, labels). The low half is a slot, dense from 0 and at
// most as many as the series of the known topics; the high half tells successive users of a slot
// apart. Keep an array indexed by slot of {key, SeriesId}: equal key = same series, no hashing.
// A key stays valid as long as its topic is known; describe() answers for every key of the last
// map().
struct SeriesKey {
    uint64_t bits = 0;
    [[nodiscard]] uint32_t slot() const { return static_cast<uint32_t>(bits); }
    bool operator==(const SeriesKey&) const = default;
};

// What a key stands for.
struct MappedSeries {
    std::string db;              // empty = the default database
    store::Labels labels;        // with __name__
    std::string unit;            // as of the last message
    std::string type;            // "gauge", "counter" or empty
    int64_t stale_after_ns = 0;  // as in store::SeriesHandle: 0 = auto, < 0 = until said offline
    std::string rule;            // which rule made it
};

struct MappedSample {
    SeriesKey series;
    double value = 0;
    int64_t timestamp_ns = 0;
    bool timestamp_from_payload = false;
    bool historical = false;  // late by design: store at its time, do not move "latest"
};
// A value that is no number: kept beside the store as the series' last text.
struct MappedText {
    SeriesKey series;
    std::string_view value;  // valid until the next map() and while the message's payload is
};
struct StaleSeries {
    std::string db;
    store::Labels labels;  // every series whose labels include these gets a stale marker
    int64_t timestamp_ns = 0;
};
// Why a field (or, with an empty field, the message) gave no sample, or what was odd about it.
struct DroppedField {
    std::string_view reason;  // a counter's label value: one of mapping/reasons.h
    std::string field;        // path in the payload; filled only when explaining
};
// What the collector should do on the broker, where publishing is permitted.
struct MappedAction {
    enum class Kind : uint8_t { Publish, ReorderTimer, CancelTimer };
    Kind kind = Kind::Publish;
    std::string name;   // "rebirth", "reorder_timer", "cancel_timer"
    std::string topic;  // of a publish, or the node that the timer is for
    std::string payload;
    int64_t due_ns = 0;  // of a timer: call tick() then
    int qos = 0;         // of a publish, as retain
    bool retain = false;
    std::string broker = {};  // where to; empty = where the message came from, or the mapper's own
};
// What the broker must say for us when the connection breaks; goes into CONNECT.
struct MappedWill {
    std::string topic;
    std::string payload;
    int qos = 1;
    bool retain = true;
};

struct MappedMessage {
    std::string rule;  // user rule's name, "preset:<family>", "ha_discovery", "sparkplug",
                       // "generic", "ignore" or empty
    std::vector<std::string> steps;  // what was tried, for people; filled only when asked for
    std::vector<MappedSample> samples;
    std::vector<MappedText> texts;
    std::vector<StaleSeries> stale;
    std::vector<DroppedField> dropped;  // not stored
    std::vector<DroppedField>
        notes;  // stored, but worth counting: duplicate_key, time_in_future, …
    std::vector<MappedAction> actions;
    bool keep_raw = false;  // a rule asks for the raw payload to be kept (rule.raw)

    // Keeps the memory.
    void clear();
};

// Where and how the collector must subscribe.
struct TopicFilter {
    std::string filter;
    int qos = 1;
};

// What the store has already, for limits on the number of series: a topic that is forgotten leaves
// its series there. Asked for each series that the mapper does not know, under its caller's locks.
struct StoredSeries {
    std::function<bool(std::string_view db, const store::Labels& labels)>
        has;             // db: empty = default
    uint64_t count = 0;  // of all databases, now
};

// Keeps state between messages (discovery, Sparkplug aliases, last values of on_change rules, plans
// of known topics). Not thread safe: one mapper per ingest thread.
class Mapper {
  public:
    // All problems of the rules at once, each with the rule's name and what to do about it.
    static Result<std::unique_ptr<Mapper>> create(const MappingOptions& options);
    virtual ~Mapper() = default;

    // Never fails: what cannot be mapped is in `dropped`. Replaces `into`, reusing its memory.
    virtual void map(const Message& message, bool explain, MappedMessage& into) = 0;
    // Timers: gives the actions that are due (Sparkplug reorder timeout).
    virtual void tick(int64_t now_ns, MappedMessage& into) = 0;

    // To be asked before each connect to `broker`, where publishing is permitted. With a Sparkplug
    // host_id: its STATE offline; the next tick() publishes STATE online with the same time.
    virtual std::optional<MappedWill> will(std::string_view /*broker*/, int64_t /*now_ns*/) {
        return std::nullopt;
    }

    // After restore_state() and before the first map(). Without it the series of forgotten topics
    // count as gone.
    virtual void set_stored_series(StoredSeries /*stored*/) {}

    // What the key stands for; replaces `into`, reusing its memory. False when the key is
    // forgotten.
    virtual bool describe(SeriesKey key, MappedSeries& into) const = 0;

    // MQTT filters that the rules, presets, discovery and the generic mapper need, merged (none is
    // covered by another), in the order to subscribe: discovery comes first, so that its retained
    // names are known before the values arrive.
    [[nodiscard]] virtual std::vector<TopicFilter> topic_filters() const = 0;
    // Rules that can never match, and the like: worth telling, not wrong.
    [[nodiscard]] virtual std::vector<std::string> warnings() const = 0;

    struct Usage {
        size_t topics = 0;
        size_t series = 0;
        size_t bytes = 0;  // of plans and series, estimated
    };
    [[nodiscard]] virtual Usage usage() const = 0;

    // What must outlive a restart (Sparkplug aliases, discovery); restore() takes the same text.
    [[nodiscard]] virtual std::string save_state() const = 0;
    virtual Status restore_state(std::string_view state) = 0;
};

}  // namespace cistern::collector
