// SPDX-License-Identifier: MIT
#include "collector/mapping/discovery_config.h"

#include "collector/decode/text_scalar.h"
#include "collector/mapping/naming.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace cistern::collector {
namespace {

using Json = nlohmann::json;
using Entities = std::vector<std::unique_ptr<DiscoveredEntity>>;

std::string text_of(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end()) {
        return {};
    }
    if (found->is_string()) {
        return found->get<std::string>();
    }
    return found->is_number() || found->is_boolean() ? found->dump() : std::string();
}

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
    const std::string base = text_of(json, "~");
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

std::string first_identifier(const Json& device) {
    const auto found = device.find("identifiers");
    if (found == device.end()) {
        return {};
    }
    if (found->is_array()) {
        return !found->empty() && found->front().is_string() ? found->front().get<std::string>()
                                                             : std::string();
    }
    return found->is_string() ? found->get<std::string>() : std::string();
}

// "pow1_power" of device "Pow1" is "power".
std::string without_device(const std::string& object, const std::vector<std::string>& prefixes) {
    const std::string name = snake(object);
    for (const std::string& prefix : prefixes) {
        const std::string start = snake(prefix) + "_";
        if (!prefix.empty() && name.size() > start.size() && name.rfind(start, 0) == 0) {
            return name.substr(start.size());
        }
    }
    return name;
}

// What a component can tell: where, how, and what it is called besides the entity.
struct Extractor {
    const char* component;
    const char* topic;
    const char* template_;
    const char* metric;  // empty = the entity's own
};
constexpr Extractor kExtractors[] = {
    {"sensor", "state_topic", "value_template", ""},
    {"binary_sensor", "state_topic", "value_template", ""},
    {"switch", "state_topic", "value_template", ""},
    {"number", "state_topic", "value_template", ""},
    {"lock", "state_topic", "value_template", ""},
    {"light", "state_topic", "state_value_template", ""},
    {"light", "brightness_state_topic", "brightness_value_template", "brightness"},
    {"fan", "state_topic", "state_value_template", ""},
    {"fan", "percentage_state_topic", "percentage_value_template", "percentage"},
    {"cover", "position_topic", "position_template", "position"},
    {"valve", "position_topic", "position_template", "position"},
    {"climate", "current_temperature_topic", "current_temperature_template", "current_temperature"},
    {"climate", "temperature_state_topic", "temperature_state_template", "target_temperature"},
    {"climate", "current_humidity_topic", "current_humidity_template", "current_humidity"},
    {"climate", "action_topic", "action_template", "action"},
    {"climate", "mode_state_topic", "mode_state_template", "mode"},
    {"water_heater",
     "current_temperature_topic",
     "current_temperature_template",
     "current_temperature"},
    {"water_heater", "temperature_state_topic", "temperature_state_template", "target_temperature"},
    {"humidifier", "state_topic", "state_value_template", ""},
    {"humidifier", "current_humidity_topic", "current_humidity_template", "current_humidity"},
    {"humidifier",
     "target_humidity_state_topic",
     "target_humidity_state_template",
     "target_humidity"},
    {"device_tracker", "state_topic", "value_template", ""},
};

class EntityReader {
  public:
    EntityReader(const HaDiscoveryOptions& options, const DiscoveryTopic& topic, Entities& into)
        : options_(options), topic_(topic), into_(into) {}

    void read(const Json& config, const std::string& component, const std::string& object) {
        const auto& wanted = options_.components;
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), component) == wanted.end()) {
            return;
        }
        component_ = component;
        const std::string own_id = text_of(config, "object_id");
        object_ = own_id.empty() ? object : own_id;
        device_ = config.contains("device") && config["device"].is_object() ? config["device"]
                                                                            : Json::object();
        for (const Extractor& extractor : kExtractors) {
            if (component == extractor.component && !text_of(config, extractor.topic).empty()) {
                add(config, extractor);
            }
        }
    }

  private:
    void add(const Json& config, const Extractor& extractor) {
        auto entity = std::make_unique<DiscoveredEntity>();
        entity->component = component_;
        entity->state_topic = text_of(config, extractor.topic);
        read_template(config, extractor, *entity);
        read_name(config, extractor, *entity);
        read_words(config, extractor, *entity);
        read_labels(config, *entity);
        read_availability(config, *entity);
        const std::string state_class = text_of(config, "state_class");
        entity->is_counter = state_class == "total" || state_class == "total_increasing";
        if (options_.expire_after && config.contains("expire_after") &&
            config["expire_after"].is_number()) {
            const double seconds = config["expire_after"].get<double>();
            constexpr double kSecondsMax = 1e9;
            entity->expire_after_ns =
                seconds > 0 && seconds < kSecondsMax ? static_cast<int64_t>(seconds * 1e9) : 0;
        }
        into_.push_back(std::move(entity));
    }

    void read_template(const Json& config,
                       const Extractor& extractor,
                       DiscoveredEntity& entity) const {
        std::string text = text_of(config, extractor.template_);
        const bool json_light = component_ == "light" && text_of(config, "schema") == "json";
        if (text.empty() && json_light && extractor.metric[0] == '\0') {
            text = "{{ value_json.state }}";
        }
        if (text.empty()) {
            text = text_of(config, "value_template");
        }
        if (text.empty()) {
            return;
        }
        auto parsed = ValueTemplate::parse(text);
        if (parsed.has_value()) {
            entity.template_ = std::move(*parsed);
        } else {
            entity.unsupported = parsed.error().message;
        }
    }

    void read_name(const Json& config, const Extractor& extractor, DiscoveredEntity& entity) const {
        const std::string device_class = text_of(config, "device_class");
        entity.unit = text_of(config, "unit_of_measurement");
        entity.is_date = device_class == "timestamp";
        if (entity.is_date) {
            entity.unit = "s";
        }
        if (extractor.metric[0] != '\0') {
            entity.metric = extractor.metric;
            const bool temperature = entity.metric.find("temperature") != std::string::npos;
            const std::string unit = text_of(config, "temperature_unit");
            entity.unit = temperature                 ? (unit == "F" ? "°F" : "°C")
                          : entity.metric == "action" ? ""
                                                      : "%";
            entity.unit =
                entity.metric == "brightness" || entity.metric == "mode" ? "" : entity.unit;
            return;
        }
        if (!device_class.empty()) {
            entity.metric = snake(device_class);
            return;
        }
        const std::vector<std::string> prefixes = {
            text_of(device_, "name"), first_identifier(device_), std::string(topic_.node)};
        entity.metric =
            object_.empty() ? snake(text_of(config, "name")) : without_device(object_, prefixes);
    }

    void read_words(const Json& config,
                    const Extractor& extractor,
                    DiscoveredEntity& entity) const {
        const auto word = [&](const char* name, const char* or_name, const char* otherwise) {
            const std::string own = text_of(config, name);
            const std::string other = own.empty() ? text_of(config, or_name) : own;
            return other.empty() ? std::string(otherwise) : other;
        };
        const bool is_state = extractor.metric[0] == '\0';
        if (is_state && component_ == "binary_sensor") {
            entity.map = {{word("payload_on", "", "ON"), 1}, {word("payload_off", "", "OFF"), 0}};
        } else if (is_state && (component_ == "switch" || component_ == "light" ||
                                component_ == "fan" || component_ == "humidifier")) {
            entity.map = {{word("state_on", "payload_on", "ON"), 1},
                          {word("state_off", "payload_off", "OFF"), 0}};
        } else if (component_ == "lock") {
            entity.map = {{word("state_locked", "", "LOCKED"), 1},
                          {word("state_unlocked", "", "UNLOCKED"), 0}};
        } else if (component_ == "device_tracker") {
            entity.map = {{word("payload_home", "", "home"), 1},
                          {word("payload_not_home", "", "not_home"), 0}};
        }
        entity.mapped_only = !entity.map.empty();
    }

    void read_labels(const Json& config, DiscoveredEntity& entity) const {
        const std::string name = text_of(device_, "name");
        const std::pair<const char*, std::string> known[] = {
            {"device", name.empty() ? first_identifier(device_) : name},
            {"area", text_of(device_, "suggested_area")},
            {"manufacturer", text_of(device_, "manufacturer")},
            {"model", text_of(device_, "model")},
            {"entity", object_},
            {"unique_id", text_of(config, "unique_id")}};
        std::vector<store::Label> all;
        std::vector<store::Label> device;
        for (const auto& [label, value] : known) {
            if (std::find(options_.labels.begin(), options_.labels.end(), label) ==
                options_.labels.end()) {
                continue;
            }
            std::string clean = value.substr(0, store::kLabelValueBytesMax / 4);
            clean.erase(std::remove(clean.begin(), clean.end(), '\0'), clean.end());
            all.push_back({label, clean});
            if (label == std::string_view("device")) {
                device.push_back({label, clean});
            }
        }
        entity.labels = store::Labels(std::move(all));
        entity.device_labels = store::Labels(std::move(device));
        if (!entity.device_labels.has("device")) {
            entity.device_labels = entity.labels;
        }
    }

    void read_availability(const Json& config, DiscoveredEntity& entity) const {
        if (!options_.availability) {
            return;
        }
        const std::string mode = text_of(config, "availability_mode");
        using Mode = DiscoveredEntity::AvailabilityMode;
        entity.availability_mode = mode == "all"   ? Mode::All
                                   : mode == "any" ? Mode::Any
                                                   : Mode::Latest;
        if (!text_of(config, "availability_topic").empty()) {
            add_availability(
                config, text_of(config, "availability_topic"), "availability_template", entity);
        } else if (config.contains("availability") && config["availability"].is_array()) {
            for (const Json& one : config["availability"]) {
                if (!text_of(one, "topic").empty()) {
                    add_availability(one, text_of(one, "topic"), "value_template", entity);
                }
            }
        }
    }

    static void add_availability(const Json& from,
                                 std::string topic,
                                 const char* key,
                                 DiscoveredEntity& entity) {
        EntityAvailability availability;
        availability.topic = std::move(topic);
        const std::string text = text_of(from, key);
        if (!text.empty()) {
            auto parsed = ValueTemplate::parse(text);
            if (!parsed.has_value()) {
                return;
            }
            availability.template_ = std::move(*parsed);
        }
        const std::string online = text_of(from, "payload_available");
        const std::string offline = text_of(from, "payload_not_available");
        availability.online = online.empty() ? availability.online : online;
        availability.offline = offline.empty() ? availability.offline : offline;
        entity.availability.push_back(std::move(availability));
    }

    const HaDiscoveryOptions& options_;
    const DiscoveryTopic& topic_;
    Entities& into_;
    std::string component_;
    std::string object_;
    Json device_;
};

void read_device_payload(const Json& config, EntityReader& reader) {
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
        component.update(own);
        put_base(component, text_of(config, "~"));
        reader.read(component, text_of(own, "platform"), id);
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

Result<Entities> parse_discovery(const HaDiscoveryOptions& options,
                                 const DiscoveryTopic& topic,
                                 std::string_view payload) {
    const Json raw = Json::parse(trim_scalar(payload), nullptr, false);
    if (!raw.is_object()) {
        return fail(ErrorCode::InvalidArgument, "the discovery message is not a JSON object");
    }
    Entities entities;
    EntityReader reader(options, topic, entities);
    const Json config = normalized(raw);
    if (topic.component == "device") {
        read_device_payload(config, reader);
    } else {
        reader.read(config, std::string(topic.component), std::string(topic.object));
    }
    return entities;
}

}  // namespace cistern::collector
