// SPDX-License-Identifier: MIT
// Message -> samples: rules, presets, Home Assistant discovery and the generic mapper behind one
// call. `cistern explain`, the web UI and the ingest path all use this.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "collector/decode/message.h"
#include "collector/mapping/options.h"
#include "store/base/result.h"
#include "store/model/labels.h"

namespace cistern::collector {

struct MappedSample {
    std::string db;         // empty = the default database
    store::Labels labels;   // with __name__
    double value = 0;
    int64_t timestamp_ns = 0;
    bool timestamp_from_payload = false;
    std::string unit;
    std::string type;  // "gauge", "counter" or empty
    int64_t stale_after_ns = 0;  // as in store::SeriesHandle
};
struct MappedText {
    std::string db;
    store::Labels labels;
    std::string value;
};
struct StaleSeries {
    std::string db;
    store::Labels labels;  // every series whose labels include these gets a stale marker
};
struct DroppedField {
    std::string reason;  // a counter's label value: snake_case, from a fixed set
    std::string field;   // path in the payload; empty = the whole message
};

struct MappedMessage {
    std::string rule;  // user rule's name, "preset:<family>", "ha_discovery", "generic", "ignore" or empty
    std::vector<std::string> steps;  // what was tried, for people; filled only when asked for
    std::vector<MappedSample> samples;
    std::vector<MappedText> texts;
    std::vector<StaleSeries> stale;
    std::vector<DroppedField> dropped;
};

// Keeps state between messages (discovery, Sparkplug aliases, last values of on_change rules).
// Not thread safe: one mapper per ingest thread.
class Mapper {
  public:
    // All problems of the rules at once, each with the rule's name.
    static Result<std::unique_ptr<Mapper>> create(const MappingOptions& options);
    virtual ~Mapper() = default;

    // Never fails: what cannot be mapped is in `dropped`. Replaces `into`, reusing its memory.
    virtual void map(const Message& message, bool explain, MappedMessage& into) = 0;
    // MQTT filters that the rules, presets and discovery need.
    [[nodiscard]] virtual std::vector<std::string> topic_filters() const = 0;
};

}  // namespace cistern::collector
