// SPDX-License-Identifier: MIT
// Everything about one [[broker]] besides the rules.
#pragma once

#include "collector/mqtt/options.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

// What to do with a retained message that the broker replays after a subscription.
enum class RetainedPolicy : uint8_t {
    IfNewer,  // stored when the series is empty or the payload's time is newer than the last sample
    Ignore,
    Store,  // stored like any other
};

struct BrokerOptions {
    // The name of `client` is the broker's: in labels, counters and file names; unique.
    mqtt::ClientOptions client;
    // What to ask for; empty = what the rules, presets and the generic mapper need.
    std::vector<std::string> subscribe;
    uint8_t qos = 1;  // of `subscribe`; 2 is asked for as 1
    // Messages on these filters are acknowledged and counted, nothing else.
    std::vector<std::string> ignore;
    RetainedPolicy retained = RetainedPolicy::IfNewer;
    int64_t arrival_resolution_ns = 1'000'000;  // arrival times are truncated to this
    uint32_t series_max = 120'000;  // distinct series from this broker; over it, known ones go on
    uint32_t topics_max = 120'000;  // topics shown with their last message
    uint32_t texts_max = 20'000;    // series whose last text is kept
    uint32_t payload_preview_bytes = 256;  // of a topic's last payload
    // Permits publishing: everything, or what is named (a Sparkplug "rebirth", a Sparkplug
    // host's "host_state", the "status" topic and the last will, the round-trip "probe"). Off:
    // never publishes.
    bool publish = false;
    std::vector<std::string> publish_only;  // empty = everything
    // How often the way to the broker and back is measured; 0 = never.
    uint32_t probe_interval_s = 0;
    // Where sessions remember what they subscribed, below the data root. Empty: nowhere.
    std::string state_folder;
    std::string default_database = "main";

    [[nodiscard]] bool may_publish(std::string_view what) const {
        return publish &&
               (publish_only.empty() ||
                std::find(publish_only.begin(), publish_only.end(), what) != publish_only.end());
    }
};

}  // namespace cistern::collector
