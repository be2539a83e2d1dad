// SPDX-License-Identifier: MIT
// One component of a discovery message, all its names in full, read into entities. Internal to
// collector/mapping.
#pragma once

#include "collector/mapping/discovery_config.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace cistern::collector {

using DiscoveredEntities = std::vector<std::unique_ptr<DiscoveredEntity>>;

struct DiscoveredComponent {
    std::string kind;    // sensor, light, …
    std::string object;  // of the topic or of the device's list
    std::string node;    // of the topic; may be empty
};

// Appends what the component tells; nothing for kinds that carry no values.
void read_component(const HaDiscoveryOptions& options,
                    const DiscoveredComponent& component,
                    const nlohmann::json& config,
                    DiscoveredEntities& into);

// A text, number or truth value as text; "" when it is absent or something else.
std::string discovery_text(const nlohmann::json& json, std::string_view key);

}  // namespace cistern::collector
