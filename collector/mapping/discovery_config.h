// SPDX-License-Identifier: MIT
// Home Assistant's MQTT discovery messages, read into entities: what a topic carries, in which
// unit, of which device. Source: home-assistant.io, "MQTT discovery";
// homeassistant/components/mqtt/abbreviations.py.
#pragma once

#include "collector/mapping/expression.h"
#include "collector/mapping/options.h"
#include "store/base/result.h"
#include "store/model/labels.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

struct EntityAvailability {
    std::string topic;
    std::optional<ValueTemplate> template_;
    std::string online = "online";
    std::string offline = "offline";
    int8_t state = -1;  // unknown, offline, online
};

// One value of one entity: a thermostat is several of these.
struct DiscoveredEntity {
    std::string component;
    std::string state_topic;
    std::optional<ValueTemplate> template_;
    std::string unsupported;  // why the template cannot be used; empty = it can
    std::string metric;
    std::string unit;
    bool is_counter = false;
    bool is_date = false;  // device_class timestamp
    int64_t expire_after_ns = 0;
    std::string member;        // without a template: this member, where the payload is an object
    bool optional = false;     // not every message has it
    ValueMap map;              // payload_on and payload_off
    bool mapped_only = false;  // what is neither is no value
    bool text_only = false;    // a mode: text, "off" included
    bool word_table = true;    // "on" is 1 without a map, too
    double scale = 1;          // position and speed to percent
    double offset = 0;
    store::Labels labels;  // without a name
    store::Labels device_labels;
    std::vector<EntityAvailability> availability;
    enum class AvailabilityMode : uint8_t {
        Latest,
        All,
        Any
    } availability_mode = AvailabilityMode::Latest;

    uint32_t slot = UINT32_MAX;            // of the series, once it has one
    uint32_t available_slot = UINT32_MAX;  // of `available`
};

// Topic <prefix>/<component>/[<node>/]<object>/config.
struct DiscoveryTopic {
    std::string_view component;
    std::string_view node;
    std::string_view object;
};
std::optional<DiscoveryTopic> parse_discovery_topic(std::string_view prefix,
                                                    std::string_view topic);

// The entities of one configuration message that carry values; none for components without.
// InvalidArgument when it is not a JSON object.
Result<std::vector<std::unique_ptr<DiscoveredEntity>>> parse_discovery(
    const HaDiscoveryOptions& options, const DiscoveryTopic& topic, std::string_view payload);

// The kinds of components that can be read.
std::vector<std::string> discovered_components();

// "stat_t" -> "state_topic"; the name itself when it is none.
std::string_view expand_abbreviation(std::string_view name);
std::string_view expand_device_abbreviation(std::string_view name);

}  // namespace cistern::collector
