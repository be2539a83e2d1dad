// SPDX-License-Identifier: MIT
// What each kind of Home Assistant's components can tell, and under which of its options. Source:
// home-assistant.io, the MQTT page of each component. Internal to collector/mapping.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cistern::collector {

enum class Reading : uint8_t {
    State,   // the entity's own value, with the component's words
    Number,  // a number; words and units as everywhere
    Flag,    // on and off
    Text,    // a mode or an effect: kept as text, "off" included
};

// One value that a component can tell.
struct Extractor {
    std::string_view component;
    std::string_view when;       // "option=value": only where the configuration says so
    std::string_view topic;      // the option that names its topic
    std::string_view template_;  // the option with its template; empty = none
    std::string_view member;     // the payload's member where there is no template
    std::string_view metric;     // empty = the entity's own name
    Reading reading = Reading::State;
    std::string_view unit;
    bool optional = false;    // not every message has it
    bool on_request = false;  // only where ha_discovery.components names the component
};

std::span<const Extractor> extractors();

}  // namespace cistern::collector
