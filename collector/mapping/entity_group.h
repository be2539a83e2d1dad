// SPDX-License-Identifier: MIT
// The discovered entities that read one topic. Internal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

struct DiscoveredEntity;

struct EntityGroup {
    std::vector<DiscoveredEntity*> values;        // whose state is on this topic
    std::vector<DiscoveredEntity*> availability;  // whose availability is
    std::vector<std::vector<std::string>> paths;  // payload members that their templates read
    bool whole = false;                           // one reads all of the payload

    // True when a discovered entity takes this member of the payload.
    [[nodiscard]] bool covers(const std::vector<std::string_view>& path) const;
};

}  // namespace cistern::collector
