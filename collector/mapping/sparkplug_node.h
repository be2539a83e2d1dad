// SPDX-License-Identifier: MIT
// What a Sparkplug session remembers of one edge node and its devices.
#pragma once

#include "collector/mapping/sparkplug_sequence.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cistern::collector {

inline constexpr uint32_t kNoDefinition = std::numeric_limits<uint32_t>::max();

// A metric of a birth certificate. Outlives its birth, so that it keeps its definition.
struct SparkplugNodeMetric {
    uint32_t definition = kNoDefinition;  // of scalars
    uint32_t datatype = 0;
    bool born = false;               // in the present birth
    bool was_born = false;           // in the one before
    bool is_control = false;         // Node Control/…, bdSeq: no data
    bool is_row = false;             // a cell of a data set: not remembered over a restart
    std::vector<uint32_t> elements;  // definitions of an array's elements
};

// The node itself is its own first device, with an empty name.
struct SparkplugDevice {
    std::string name;
    bool born = false;
    uint32_t online = kNoDefinition;
    // A node-based map: pointers to its values stay.
    std::unordered_map<std::string, SparkplugNodeMetric> metrics;
    // Aliases are unique per node by the specification and per device with some senders.
    std::unordered_map<uint64_t, std::pair<const std::string*, SparkplugNodeMetric*>> aliases;

    // Before the metrics of a new birth.
    void begin_birth() {
        born = true;
        aliases.clear();
        for (auto& [key, metric] : metrics) {
            metric.was_born = metric.born;
            metric.born = false;
        }
    }
};

// Data before its birth: kept for when the birth comes.
struct SparkplugHeld {
    std::string device;
    std::string payload;
    int64_t received_ns = 0;
};

struct SparkplugNode {
    std::string broker;
    std::string group;
    std::string name;
    bool born = false;
    std::optional<uint64_t> bd_seq;  // of the present session
    SparkplugSequence sequence;
    int64_t ended_ns = 0;                 // when its death was told; 0 = never
    int64_t gap_due_ns = 0;               // when a gap is asked about; 0 = no gap
    int64_t last_rebirth_ns = 0;          // when rebirth was last asked for; 0 = never
    std::deque<SparkplugDevice> devices;  // addresses stay
    std::map<std::string, SparkplugDevice*, std::less<>> by_name;
    std::deque<SparkplugHeld> held;

    SparkplugNode() { devices.emplace_back(); }
    SparkplugNode(const SparkplugNode&) = delete;
    SparkplugNode& operator=(const SparkplugNode&) = delete;
    [[nodiscard]] SparkplugDevice& own() { return devices.front(); }
    SparkplugDevice* find(std::string_view device) {
        if (device.empty()) {
            return &own();
        }
        const auto found = by_name.find(device);
        return found == by_name.end() ? nullptr : found->second;
    }
    SparkplugDevice& add(std::string_view device) {
        devices.emplace_back();
        devices.back().name = device;
        by_name.emplace(device, &devices.back());
        return devices.back();
    }
};

// Names a node within a session. 0 is no character of a topic, so parts never run together.
inline std::string node_key(std::string_view broker,
                            std::string_view group,
                            std::string_view name) {
    std::string key(broker);
    for (const std::string_view part : {group, name}) {
        key += '\0';
        key += part;
    }
    return key;
}

}  // namespace cistern::collector
