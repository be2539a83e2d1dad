// SPDX-License-Identifier: MIT
#include "collector/mapping/discovery_config.h"

#include "collector/decode/text_scalar.h"
#include "collector/mapping/discovery_entity.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace cistern::collector {
namespace {

using Json = nlohmann::json;

Json expanded(const Json& json, bool device = false) {
    Json out = Json::object();
    for (const auto& [name, value] : json.items()) {
        const std::string_view full =
            device ? expand_device_abbreviation(name) : expand_abbreviation(name);
        out[std::string(full)] = value;
    }
    return out;
}

// `~` at the start or end of a topic stands for the base.
void put_base(Json& json, const std::string& base) {
    if (base.empty() || !json.is_object()) {
        return;
    }
    for (auto& [name, value] : json.items()) {
        if (!value.is_string() || !std::string_view(name).ends_with("topic")) {
            continue;
        }
        std::string text = value.get<std::string>();
        if (!text.empty() && text.front() == '~') {
            text = base + text.substr(1);
        } else if (!text.empty() && text.back() == '~') {
            text = text.substr(0, text.size() - 1) + base;
        }
        value = text;
    }
}

// All names in full, the base in its places.
Json normalized(const Json& raw) {
    Json json = expanded(raw);
    const std::string base = discovery_text(json, "~");
    put_base(json, base);
    if (json.contains("device") && json["device"].is_object()) {
        json["device"] = expanded(json["device"], true);
    }
    if (json.contains("availability") && json["availability"].is_object()) {
        json["availability"] = Json::array({json["availability"]});
    }
    if (json.contains("availability") && json["availability"].is_array()) {
        for (Json& one : json["availability"]) {
            one = one.is_object() ? expanded(one) : Json::object();
            put_base(one, base);
        }
    }
    return json;
}

void read_device_payload(const HaDiscoveryOptions& options,
                         const DiscoveryTopic& topic,
                         const Json& config,
                         DiscoveredEntities& into) {
    if (!config.contains("components") || !config["components"].is_object()) {
        return;
    }
    for (const auto& [id, raw] : config["components"].items()) {
        if (!raw.is_object()) {
            continue;
        }
        // What the device says holds for each component that says nothing else.
        Json component = config;
        component.erase("components");
        const Json own = normalized(raw);
        if (own.size() == 1 && own.contains("platform")) {
            continue;  // a component that was removed
        }
        if (own.contains("availability") || own.contains("availability_topic")) {
            component.erase("availability");
            component.erase("availability_topic");
        }
        component.update(own);
        put_base(component, discovery_text(config, "~"));
        read_component(options,
                       {discovery_text(own, "platform"), id, std::string(topic.node)},
                       component,
                       into);
    }
}

}  // namespace

std::optional<DiscoveryTopic> parse_discovery_topic(std::string_view prefix,
                                                    std::string_view topic) {
    constexpr std::string_view kEnd = "/config";
    if (topic.size() <= prefix.size() + kEnd.size() + 1 ||
        topic.substr(0, prefix.size()) != prefix || topic[prefix.size()] != '/' ||
        !topic.ends_with(kEnd)) {
        return std::nullopt;
    }
    std::string_view rest =
        topic.substr(prefix.size() + 1, topic.size() - prefix.size() - 1 - kEnd.size());
    std::vector<std::string_view> parts;
    for (size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
        parts.push_back(rest.substr(0, slash));
        rest.remove_prefix(slash + 1);
    }
    parts.push_back(rest);
    if (parts.size() == 2) {
        return DiscoveryTopic{parts[0], {}, parts[1]};
    }
    return parts.size() == 3 ? std::optional(DiscoveryTopic{parts[0], parts[1], parts[2]})
                             : std::nullopt;
}

Result<DiscoveredEntities> parse_discovery(const HaDiscoveryOptions& options,
                                           const DiscoveryTopic& topic,
                                           std::string_view payload) {
    const Json raw = Json::parse(trim_scalar(payload), nullptr, false);
    if (!raw.is_object()) {
        return fail(ErrorCode::InvalidArgument, "the discovery message is not a JSON object");
    }
    DiscoveredEntities entities;
    const Json config = normalized(raw);
    if (topic.component == "device") {
        read_device_payload(options, topic, config, entities);
    } else {
        read_component(
            options,
            {std::string(topic.component), std::string(topic.object), std::string(topic.node)},
            config,
            entities);
    }
    return entities;
}

}  // namespace cistern::collector
