// SPDX-License-Identifier: MIT
// One MQTT message as the collector sees it, free of any client library.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::collector {

// Views into the caller's memory, valid during the call that receives the message.
struct Message {
    std::string_view broker;  // the [[broker]]'s name
    std::string_view topic;
    std::string_view payload;  // bytes, not necessarily text
    bool retain = false;       // a replay of a retained message
    uint8_t qos = 0;
    int64_t received_ns = 0;
    // MQTT 5 only.
    std::string_view content_type;
    std::vector<std::pair<std::string_view, std::string_view>> user_properties;
};

}  // namespace cistern::collector
