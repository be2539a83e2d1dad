// SPDX-License-Identifier: MIT
// Sparkplug's topic names: spBv1.0/<group>/<type>/<node>[/<device>] and the hosts' STATE.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cistern::collector {

enum class SparkplugKind : uint8_t {
    State,  // of a host: spBv1.0/STATE/<host>, before 3.0 STATE/<host>
    NodeBirth,
    NodeDeath,
    NodeData,
    NodeCommand,
    DeviceBirth,
    DeviceDeath,
    DeviceData,
    DeviceCommand,
};

// Views into the topic.
struct SparkplugTopic {
    SparkplugKind kind = SparkplugKind::State;
    std::string_view group;
    std::string_view node;
    std::string_view device;  // empty for the node's own
    std::string_view host;    // of State
};

// Nothing when the topic is not Sparkplug's, or of a type that it does not define.
std::optional<SparkplugTopic> parse_sparkplug_topic(std::string_view topic);
// Where the host asks a node to be born again.
std::string rebirth_topic(std::string_view group, std::string_view node);

}  // namespace cistern::collector
