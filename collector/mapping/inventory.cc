// SPDX-License-Identifier: MIT
#include "collector/mapping/inventory.h"

namespace cistern::collector {
namespace {

std::string_view text_of(const Node& node, std::string_view key) {
    const Node* found = node.find(key);
    return found != nullptr && found->is_string() ? found->text() : std::string_view();
}

// Composites and lights nest their properties in features; depth is bounded by the decoder.
bool learn_exposes(const std::string& prefix, const Node& exposes, LearnedUnits& units) {
    bool news = false;
    for (const Node& expose : children(exposes)) {
        const std::string_view property = text_of(expose, "property");
        const std::string key = property.empty() ? prefix : prefix + std::string(property);
        if (!property.empty() && !text_of(expose, "unit").empty()) {
            news |= units.learn(key, text_of(expose, "unit"));
        }
        if (const Node* features = expose.find("features");
            features != nullptr && features->is_array()) {
            news |= learn_exposes(property.empty() ? prefix : key + ".", *features, units);
        }
    }
    return news;
}

}  // namespace

bool learn_zigbee_devices(const Node& devices, LearnedUnits& units) {
    bool news = false;
    for (const Node& device : children(devices)) {
        const std::string_view name = text_of(device, "friendly_name");
        const Node* definition = device.find("definition");
        const Node* exposes = definition != nullptr ? definition->find("exposes") : nullptr;
        if (!name.empty() && exposes != nullptr && exposes->is_array()) {
            news |= learn_exposes("zigbee2mqtt/" + std::string(name) + "/", *exposes, units);
        }
    }
    return news;
}

bool learn_homie_description(std::string_view device,
                             const Node& description,
                             LearnedUnits& units) {
    bool news = false;
    const Node* nodes = description.find("nodes");
    if (nodes == nullptr || !nodes->is_object()) {
        return false;
    }
    for (const Node& node : children(*nodes)) {
        const Node* properties = node.find("properties");
        if (properties == nullptr || !properties->is_object()) {
            continue;
        }
        for (const Node& property : children(*properties)) {
            const std::string_view unit = text_of(property, "unit");
            if (!unit.empty()) {
                news |= units.learn("homie/" + std::string(device) + "/" + std::string(node.key) +
                                        "/" + std::string(property.key),
                                    unit);
            }
        }
    }
    return news;
}

}  // namespace cistern::collector
