// SPDX-License-Identifier: MIT
// The state that Sparkplug B needs between messages: who is born, what the aliases mean, which
// sequence number comes next. Turns each message into samples of named metrics.
// Source: Sparkplug 3.0.0, "Operational Behavior" and "Sparkplug Host Applications".
#pragma once

#include "collector/mapping/mapper.h"
#include "collector/mapping/sparkplug_topic.h"
#include "store/base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

// One metric of a node or device, or one element of an array metric. Its number is dense from 0
// within a session and keeps its meaning for as long as the session lives, so that the mapper can
// keep what it made of it in an array.
struct SparkplugDefinition {
    std::string group;
    std::string node;
    std::string device;  // empty for the node's own
    std::string host;    // host_online only
    std::string name;    // "Motor/RPM"; "M1/rpm" of a template's instance; node_online, …
    std::string unit;    // of the birth's engUnit; "s" of a DateTime
    std::string description;
    int32_t index = -1;  // element of an array, row of a data set
    bool is_row = false;
    std::vector<std::pair<std::string, std::string>> labels;  // string columns of the row
    bool is_status = false;  // node_online, device_online, host_online
};

struct SparkplugSample {
    uint32_t definition = 0;
    double value = 0;
    int64_t timestamp_ns = 0;
    bool timestamp_from_payload = false;
    bool historical = false;
    bool inexact = false;
};
struct SparkplugText {
    uint32_t definition = 0;
    std::string_view value;  // in the message's payload
    int64_t timestamp_ns = 0;
};
struct SparkplugStale {
    uint32_t definition = 0;
    int64_t timestamp_ns = 0;
};

struct SparkplugOutcome {
    std::vector<SparkplugSample> samples;
    std::vector<SparkplugText> texts;
    std::vector<SparkplugStale> stale;
    std::vector<DroppedField> dropped;  // fields are metric names, or "alias 99"
    std::vector<DroppedField> notes;
    // What to publish where that is permitted; the timers only tell: tick() keeps them.
    std::vector<MappedAction> actions;

    void clear();
};

// Not thread safe.
class SparkplugSession {
  public:
    struct Limits {
        size_t nodes = 10'000;
        size_t devices_per_node = 4'096;
        size_t definitions = 200'000;  // and as many metrics
        size_t array_elements = 512;
        size_t metrics_per_message = 65'536;
    };

    static std::unique_ptr<SparkplugSession> create(const SparkplugOptions& options,
                                                    const Limits& limits);
    virtual ~SparkplugSession() = default;

    // Replaces `into`. Never fails: what is no data is in `dropped`.
    virtual void handle(const Message& message,
                        const SparkplugTopic& topic,
                        SparkplugOutcome& into) = 0;
    // What the connection's will must say, with a host_id: STATE offline. tick() then publishes
    // STATE online with the same time, and again whenever somebody says that we are offline.
    virtual std::optional<MappedWill> will(int64_t now_ns) = 0;
    // Rebirth requests of sequence gaps that were not filled in time. Replaces `into`.
    virtual void tick(int64_t now_ns, SparkplugOutcome& into) = 0;
    // The broker is gone: every node may have died unseen, all metrics become stale.
    virtual void disconnected(std::string_view broker, int64_t now_ns, SparkplugOutcome& into) = 0;

    [[nodiscard]] virtual const SparkplugDefinition& definition(uint32_t number) const = 0;
    [[nodiscard]] virtual size_t definition_count() const = 0;
    [[nodiscard]] virtual size_t memory_bytes() const = 0;

    // Alias tables and sequence numbers; bytes, not text. Definition numbers may differ after
    // restore(), which replaces all that is there. Corruption leaves the session empty.
    [[nodiscard]] virtual std::string save() const = 0;
    virtual Status restore(std::string_view state) = 0;
};

}  // namespace cistern::collector
