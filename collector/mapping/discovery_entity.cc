// SPDX-License-Identifier: MIT
#include "collector/mapping/discovery_entity.h"

#include "collector/decode/text_scalar.h"
#include "collector/mapping/discovery_extractors.h"
#include "collector/mapping/naming.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace cistern::collector {
namespace {

using Json = nlohmann::json;

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

double number_or(const Json& config, const char* key, double otherwise) {
    const auto found = config.find(key);
    const bool good = found != config.end() && found->is_number();
    return good && std::isfinite(found->get<double>()) ? found->get<double>() : otherwise;
}

bool is_one_of(std::string_view one, std::initializer_list<std::string_view> all) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

class EntityReader {
  public:
    EntityReader(const HaDiscoveryOptions& options,
                 const DiscoveredComponent& component,
                 const Json& config)
        : options_(options), component_(component), config_(config) {
        const std::string own_id = text("object_id");
        object_ = own_id.empty() ? component.object : own_id;
        const auto device = config.find("device");
        device_ = device != config.end() && device->is_object() ? *device : Json::object();
    }

    void read(DiscoveredEntities& into) const {
        const auto& wanted = options_.components;
        const bool named = std::find(wanted.begin(), wanted.end(), component_.kind) != wanted.end();
        for (const Extractor& extractor : extractors()) {
            const bool ours = component_.kind == extractor.component &&
                              (named || (wanted.empty() && !extractor.on_request));
            if (ours && applies(extractor.when) && !text(extractor.topic).empty()) {
                into.push_back(read_value(extractor));
            }
        }
    }

  private:
    [[nodiscard]] std::string text(std::string_view key) const {
        return discovery_text(config_, key);
    }

    [[nodiscard]] bool applies(std::string_view when) const {
        const size_t equals = when.find('=');
        if (equals == std::string_view::npos) {
            return true;
        }
        const std::string_view option = when.substr(0, equals);
        std::string value = text(option);
        if (option == "schema") {
            value = value == "json" || value == "template" ? value : "basic";
        } else if (value.empty()) {
            value = "false";
        }
        return value == when.substr(equals + 1);
    }

    [[nodiscard]] std::unique_ptr<DiscoveredEntity> read_value(const Extractor& extractor) const {
        auto entity = std::make_unique<DiscoveredEntity>();
        entity->component = component_.kind;
        entity->state_topic = text(extractor.topic);
        entity->optional = extractor.optional;
        entity->member = extractor.member;
        read_template(extractor, *entity);
        read_name(extractor, *entity);
        read_words(extractor, *entity);
        read_range(extractor, *entity);
        read_labels(*entity);
        read_availability(*entity);
        const std::string state_class = text("state_class");
        entity->is_counter =
            extractor.metric.empty() && is_one_of(state_class, {"total", "total_increasing"});
        constexpr double kSecondsMax = 1e9;
        const double seconds = number_or(config_, "expire_after", 0);
        if (options_.expire_after && seconds > 0 && seconds < kSecondsMax) {
            entity->expire_after_ns = static_cast<int64_t>(seconds * 1e9);
        }
        return entity;
    }

    void read_template(const Extractor& extractor, DiscoveredEntity& entity) const {
        std::string source = text(extractor.template_);
        if (source.empty() && extractor.template_.empty()) {
            source = fmt::format("{{{{ value_json.{} }}}}", extractor.member);
        }
        const bool shared = extractor.reading == Reading::State && extractor.member.empty();
        if (source.empty() && (shared || is_one_of(component_.kind, {"climate", "water_heater"}))) {
            source = text("value_template");
        }
        if (!source.empty() && extractor.template_ == "json_attributes_template") {
            source = member_of_attributes(source, extractor.member);
        }
        if (source.empty()) {
            return;
        }
        auto parsed = ValueTemplate::parse(source);
        if (parsed.has_value()) {
            entity.template_ = std::move(*parsed);
        } else {
            entity.unsupported = parsed.error().message;
        }
    }

    // "{{ value_json.data | tojson }}" -> "{{ (value_json.data).latitude }}"
    static std::string member_of_attributes(std::string_view source, std::string_view member) {
        std::string_view inside = trim_scalar(source);
        if (!inside.starts_with("{{") || !inside.ends_with("}}") || inside.size() < 4) {
            return std::string(source);
        }
        inside = trim_scalar(inside.substr(2, inside.size() - 4));
        for (const std::string_view filter : {"tojson", "to_json"}) {
            if (inside.ends_with(filter)) {
                inside = trim_scalar(inside.substr(0, inside.size() - filter.size()));
                inside = inside.ends_with('|') ? inside.substr(0, inside.size() - 1) : inside;
            }
        }
        return fmt::format("{{{{ ({}).{} }}}}", inside, member);
    }

    void read_name(const Extractor& extractor, DiscoveredEntity& entity) const {
        if (!extractor.metric.empty()) {
            entity.metric = extractor.metric;
            entity.unit = extractor.unit;
            if (extractor.unit == "temperature") {
                entity.unit = text("temperature_unit") == "F" ? "°F" : "°C";
            } else if (extractor.unit == "color_temp") {
                entity.unit = text("color_temp_kelvin") == "true" ? "K" : "mired";
            }
            return;
        }
        const std::string device_class = text("device_class");
        entity.unit = text("unit_of_measurement");
        entity.is_date = device_class == "timestamp";
        if (entity.is_date) {
            entity.unit = "s";
        }
        // A class that says no more than "one of some words" is no name.
        if (!device_class.empty() && device_class != "enum") {
            entity.metric = snake(device_class);
            return;
        }
        entity.word_table = device_class != "enum";
        const std::vector<std::string> prefixes = {
            discovery_text(device_, "name"), first_identifier(device_), component_.node};
        entity.metric = object_.empty() ? snake(text("name")) : without_device(object_, prefixes);
    }

    [[nodiscard]] std::string word(std::string_view name,
                                   std::string_view or_name,
                                   std::string_view otherwise) const {
        const std::string own = text(name);
        const std::string other = own.empty() && !or_name.empty() ? text(or_name) : own;
        return other.empty() ? std::string(otherwise) : other;
    }

    void read_words(const Extractor& extractor, DiscoveredEntity& entity) const {
        const std::string_view kind = component_.kind;
        entity.text_only = extractor.reading == Reading::Text;
        if (extractor.reading == Reading::Flag && extractor.metric == "oscillation") {
            entity.map = {{word("payload_oscillation_on", "", "oscillate_on"), 1},
                          {word("payload_oscillation_off", "", "oscillate_off"), 0}};
        } else if (extractor.reading == Reading::Flag) {
            entity.map = {{word("payload_on", "", "ON"), 1}, {word("payload_off", "", "OFF"), 0}};
        } else if (extractor.reading != Reading::State) {
            return;
        } else if (kind == "light" && !applies("schema=basic")) {
            entity.map = {{"ON", 1}, {"OFF", 0}, {"on", 1}, {"off", 0}};
        } else if (kind == "binary_sensor") {
            entity.map = {{word("payload_on", "", "ON"), 1}, {word("payload_off", "", "OFF"), 0}};
        } else if (is_one_of(kind, {"switch", "light", "fan", "humidifier", "siren"})) {
            entity.map = {{word("state_on", "payload_on", "ON"), 1},
                          {word("state_off", "payload_off", "OFF"), 0}};
        } else if (kind == "lock") {
            entity.map = {{word("state_locked", "", "LOCKED"), 1},
                          {word("state_unlocked", "", "UNLOCKED"), 0}};
        } else if (kind == "cover" || kind == "valve") {
            entity.map = {{word("state_open", "", "open"), 1},
                          {word("state_closed", "", "closed"), 0}};
        } else if (kind == "device_tracker") {
            entity.map = {{word("payload_home", "", "home"), 1},
                          {word("payload_not_home", "", "not_home"), 0}};
        }
        // Of these, what is neither (jammed, opening, a zone's name) is worth keeping as text.
        entity.mapped_only =
            !entity.map.empty() && !is_one_of(kind, {"lock", "cover", "valve", "device_tracker"});
    }

    // Positions and speeds that count otherwise than from 0 to 100 % become percent, as Home
    // Assistant shows them.
    void read_range(const Extractor& extractor, DiscoveredEntity& entity) const {
        double none = 0;
        double all = 100;
        if (extractor.metric == "position") {
            none = number_or(config_, "position_closed", none);
            all = number_or(config_, "position_open", all);
        } else if (extractor.metric == "tilt_position") {
            none = number_or(config_, "tilt_min", none);
            all = number_or(config_, "tilt_max", all);
        } else if (extractor.metric == "percentage") {
            none = number_or(config_, "speed_range_min", 1) - 1;
            all = number_or(config_, "speed_range_max", all);
        }
        if (all != none) {
            entity.scale = 100 / (all - none);
            entity.offset = -none * entity.scale;
        }
    }

    void read_labels(DiscoveredEntity& entity) const {
        const std::string name = discovery_text(device_, "name");
        const std::pair<const char*, std::string> known[] = {
            {"device", name.empty() ? first_identifier(device_) : name},
            {"area", discovery_text(device_, "suggested_area")},
            {"manufacturer", discovery_text(device_, "manufacturer")},
            {"model", discovery_text(device_, "model")},
            {"entity", object_},
            {"unique_id", text("unique_id")}};
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

    void read_availability(DiscoveredEntity& entity) const {
        if (!options_.availability) {
            return;
        }
        const std::string mode = text("availability_mode");
        using Mode = DiscoveredEntity::AvailabilityMode;
        entity.availability_mode = mode == "all"   ? Mode::All
                                   : mode == "any" ? Mode::Any
                                                   : Mode::Latest;
        const auto list = config_.find("availability");
        if (const std::string topic = text("availability_topic"); !topic.empty()) {
            add_availability(config_, topic, "availability_template", entity);
        } else if (list != config_.end() && list->is_array()) {
            for (const Json& one : *list) {
                if (const std::string of = discovery_text(one, "topic"); !of.empty()) {
                    add_availability(one, of, "value_template", entity);
                }
            }
        }
    }

    static void add_availability(const Json& from,
                                 std::string topic,
                                 std::string_view key,
                                 DiscoveredEntity& entity) {
        EntityAvailability availability;
        availability.topic = std::move(topic);
        const std::string source = discovery_text(from, key);
        if (!source.empty()) {
            auto parsed = ValueTemplate::parse(source);
            if (!parsed.has_value()) {
                return;
            }
            availability.template_ = std::move(*parsed);
        }
        const std::string online = discovery_text(from, "payload_available");
        const std::string offline = discovery_text(from, "payload_not_available");
        availability.online = online.empty() ? availability.online : online;
        availability.offline = offline.empty() ? availability.offline : offline;
        entity.availability.push_back(std::move(availability));
    }

    const HaDiscoveryOptions& options_;
    const DiscoveredComponent& component_;
    const Json& config_;
    std::string object_;
    Json device_;
};

}  // namespace

std::vector<std::string> discovered_components() {
    std::vector<std::string> kinds;
    for (const Extractor& extractor : extractors()) {
        if (std::find(kinds.begin(), kinds.end(), extractor.component) == kinds.end()) {
            kinds.emplace_back(extractor.component);
        }
    }
    return kinds;
}

std::string discovery_text(const Json& json, std::string_view key) {
    const auto found = json.is_object() && !key.empty() ? json.find(std::string(key)) : json.end();
    if (found == json.end()) {
        return {};
    }
    if (found->is_string()) {
        return found->get<std::string>();
    }
    return found->is_number() || found->is_boolean() ? found->dump() : std::string();
}

void read_component(const HaDiscoveryOptions& options,
                    const DiscoveredComponent& component,
                    const Json& config,
                    DiscoveredEntities& into) {
    EntityReader(options, component, config).read(into);
}

}  // namespace cistern::collector
