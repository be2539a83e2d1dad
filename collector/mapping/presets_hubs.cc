// SPDX-License-Identifier: MIT
// Home Assistant statestream, Homie, Hubitat, Z-Wave JS UI, Frigate, OwnTracks, TeslaMate.
#include "collector/mapping/preset_builder.h"

namespace cistern::collector {
namespace {

Preset ha_statestream() {
    const std::string family = "ha_statestream";
    const std::string base =
        "{_=hass|ha|homeassistant|home-assistant|home_assistant|statestream|ha_statestream}/";
    const std::string entity = base + "{domain}/{entity}/";
    Preset preset{family, {}, {}};
    preset.rules.push_back(RuleBuilder(family, {entity + "unit_of_measurement"})
                               .learn_unit("statestream/{domain}/{entity}"));
    preset.rules.push_back(
        RuleBuilder(family,
                    {entity + "{_=last_changed|last_updated|last_reported|friendly_name|icon|"
                              "entity_picture|device_class|state_class|attribution|"
                              "supported_features|options}"})
            .drop());
    preset.rules.push_back(RuleBuilder(family, {entity + "state"})
                               .match("$ is not mapping")
                               .metric("state")
                               .capture_labels({"domain", "entity"})
                               .unit_key("statestream/{domain}/{entity}")
                               .epoch_dates()
                               .absent_is_stale()
                               .stale_after(kStaleAfterNever));
    preset.rules.push_back(RuleBuilder(family, {entity + "{attribute}"})
                               .match("$ is string or $ is number or $ is boolean")
                               .metric("{attribute}")
                               .capture_labels({"domain", "entity"})
                               .stale_after(kStaleAfterNever));
    preset.rules.push_back(RuleBuilder(family, {entity + "{attribute}"}).drop());
    return preset;
}

// Valetudo, for vacuum cleaners, speaks Homie under a name of its own.
Preset homie(const std::string& family) {
    const ValueMap states = {
        {"ready", 1}, {"alert", 1}, {"sleeping", 1}, {"init", 0}, {"disconnected", 0}, {"lost", 0}};
    Preset preset{family,
                  {{{family + "/$broadcast/#",
                     family + "/5/$broadcast/#",
                     family + "/{_...}/set",
                     family + "/{_}/MapData/#"}}},
                  {}};
    // Version 5 comes first: its topics have one level more.
    for (const std::string& base : {family + "/5/", family + "/"}) {
        preset.rules.push_back(RuleBuilder(family, {base + "{device}/$state"})
                                   .metric("available")
                                   .capture_labels({"device"})
                                   .map("*", states)
                                   .availability());
        preset.rules.push_back(
            RuleBuilder(family, {base + "{device}/$description"}).hook("homie_description"));
        preset.rules.push_back(RuleBuilder(family, {base + "{device}/{node}/{property}/$unit"})
                                   .learn_unit("homie/{device}/{node}/{property}"));
        preset.rules.push_back(RuleBuilder(family,
                                           {base + "{_}/${_}",
                                            base + "{_}/${_}/{_}",
                                            base + "{_}/{_}/${_}",
                                            base + "{_}/{_}/{_}/${_}",
                                            base + "{_}/${_}/{_}/{_}"})
                                   .drop());
        preset.rules.push_back(RuleBuilder(family, {base + "{device}/{node}/{property}"})
                                   .metric("{property}")
                                   .capture_labels({"device", "node"})
                                   .unit_key("homie/{device}/{node}/{property}")
                                   .unit({{"temperature", "°C"}, {"humidity", "%"}})
                                   .stale_after(kStaleAfterNever));
    }
    return preset;
}

Preset hubitat() {
    const std::string family = "hubitat";
    Preset preset{family, {}, {}};
    preset.rules.push_back(RuleBuilder(family,
                                       {"hubitat/{hub}/{device}/attributes/{attribute}/value",
                                        "hubitat/{hub}/{device}/attributes/{attribute}"})
                               .metric("{attribute}")
                               .capture_labels({"hub", "device"})
                               .stale_after(kStaleAfterNever));
    return preset;
}

Preset zwave() {
    const std::string family = "zwave";
    const ByName<std::string> units = {
        {"*temperature*", "°C"}, {"Humidity", "%"}, {"Illuminance", "lx"}, {"Power", "W"}};
    Preset preset{family,
                  {{{"zwave/_CLIENTS/#",
                     "zwave/_EVENTS/#",
                     "zwave/{_...}/set",
                     "zwave/{_...}/lastActive",
                     "zwave/{_...}/nodeinfo"}}},
                  {}};
    const auto value = [&](const std::string& topic, RuleBuilder::Texts labels) {
        RuleBuilder wrapped(family, {topic});
        wrapped.metric("{property}")
            .capture_labels(labels)
            .root("$.value")
            .time("$$.time|$$.lastUpdate");
        RuleBuilder with_unit = wrapped;
        preset.rules.push_back(
            with_unit.match("$.value is defined and $.unit is string").unit({{"*", "$$.unit"}}));
        preset.rules.push_back(wrapped.match("$.value is defined").unit(units));
        preset.rules.push_back(RuleBuilder(family, {topic})
                                   .metric("{property}_{field}")
                                   .capture_labels(labels)
                                   .unit(units));
    };
    value("zwave/{location}/{device}/{_=\\d}/0/{property...}", {"location", "device"});
    value("zwave/{location}/{device}/{_=\\d}/{endpoint=\\d}/{property...}",
          {"location", "device", "endpoint"});
    value("zwave/{device}/{_=\\d}/0/{property...}", {"device"});
    value("zwave/{device}/{_=\\d}/{endpoint=\\d}/{property...}", {"device", "endpoint"});
    const ValueMap states = {{"Alive", 1}, {"Awake", 1}, {"Asleep", 1}, {"Dead", 0}};
    for (const RuleBuilder::Texts& labels :
         {RuleBuilder::Texts{"location", "device"}, RuleBuilder::Texts{"device"}}) {
        const std::string topic =
            labels.size() == 2 ? "zwave/{location}/{device}/status" : "zwave/{device}/status";
        preset.rules.push_back(RuleBuilder(family, {topic})
                                   .match("$.status is defined")
                                   .root("$.status")
                                   .time("$$.time")
                                   .metric("available")
                                   .capture_labels(labels)
                                   .map("*", states)
                                   .availability());
    }
    return preset;
}

void add_frigate_stats(Preset& preset) {
    const auto part =
        [&](const std::string& root, const std::string& label, RuleBuilder::Texts exclude) {
            RuleBuilder rule("frigate", {"frigate/stats"});
            rule.root(root).exclude(std::move(exclude)).go_on();
            if (!label.empty()) {
                rule.key_label({label});
            }
            return rule;
        };
    preset.rules.push_back(part("$.cameras", "camera", {"pid", "*_pid"}));
    preset.rules.push_back(part("$.detectors", "detector", {"pid", "*_pid", "detection_start"})
                               .unit({{"inference_speed", "ms"}}));
    preset.rules.push_back(
        part("$.cpu_usages['frigate.full_system']", "", {"cmdline", "cpu_average"})
            .labels({{"process", "frigate.full_system"}})
            .unit({{"cpu", "%"}, {"mem", "%"}}));
    preset.rules.push_back(part("$.gpu_usages", "gpu", {}).unit({{"*", "%"}}));
    preset.rules.push_back(part("$.service.temperatures", "", {})
                               .key_pattern("{device}", "")
                               .metric("temperature")
                               .unit({{"*", "°C"}}));
    preset.rules.push_back(part("$.service.storage", "path", {"mount_type"})
                               .metric("storage_{field}")
                               .unit({{"*", "MB"}}));
    preset.rules.push_back(RuleBuilder("frigate", {"frigate/stats"})
                               .add_value("$.detection_fps", "detection_fps")
                               .add_value("$.service.uptime", "uptime", "s"));
}

Preset frigate() {
    const std::string family = "frigate";
    Preset preset{family, {}, {}};
    preset.ignores.push_back({{"frigate/events",
                               "frigate/reviews",
                               "frigate/triggers",
                               "frigate/tracked_object_update",
                               "frigate/camera_activity",
                               "frigate/onConnect",
                               "frigate/{_...}/snapshot",
                               "frigate/{_...}/set",
                               "frigate/notifications/#"}});
    preset.rules.push_back(
        RuleBuilder(family, {"frigate/available"}).metric("available").availability());
    add_frigate_stats(preset);
    preset.rules.push_back(RuleBuilder(family, {"frigate/{camera}/motion"})
                               .metric("motion")
                               .capture_labels({"camera"}));
    preset.rules.push_back(RuleBuilder(family, {"frigate/{camera}/audio/{what}"})
                               .metric("audio_{what}")
                               .capture_labels({"camera"})
                               .unit({{"dBFS", "dB"}}));
    preset.rules.push_back(RuleBuilder(family, {"frigate/{camera}/status/{role}"})
                               .metric("status_{role}")
                               .capture_labels({"camera"}));
    preset.rules.push_back(RuleBuilder(family, {"frigate/{camera}/{what}/state"})
                               .metric("{what}_state")
                               .capture_labels({"camera"}));
    preset.rules.push_back(RuleBuilder(family, {"frigate/{camera}/{label}/active"})
                               .match("value | is_number")
                               .metric("objects_active")
                               .capture_labels({"camera", "label"}));
    preset.rules.push_back(RuleBuilder(family, {"frigate/{camera}/{label}"})
                               .match("value | is_number")
                               .metric("objects")
                               .capture_labels({"camera", "label"}));
    return preset;
}

Preset owntracks() {
    const std::string family = "owntracks";
    Preset preset{family, {}, {}};
    preset.rules.push_back(RuleBuilder(family, {"owntracks/{user}/{device}"})
                               .match("$._type == 'location'")
                               .capture_labels({"user", "device"})
                               .time("$.tst", "unix")
                               .exclude({"_type",
                                         "tid",
                                         "created_at",
                                         "_id",
                                         "topic",
                                         "BSSID",
                                         "SSID",
                                         "m",
                                         "bs",
                                         "inregions*",
                                         "inrids*",
                                         "poi",
                                         "tag"})
                               .unit({{"batt", "%"}, {"p", "kPa"}})
                               .stale_after(kStaleAfterNever));
    preset.rules.push_back(RuleBuilder(family, {"owntracks/#"}).drop());
    return preset;
}

Preset teslamate() {
    const std::string family = "teslamate";
    Preset preset{family, {}, {}};
    preset.rules.push_back(
        RuleBuilder(family, {"teslamate/cars/{car=\\d}/{what}"})
            .metric("{what}_{field}")
            .capture_labels({"car"})
            .text({"state", "*version", "geofence", "display_name", "model", "trim_badging"})
            .unit({{"*_temp", "°C"},
                   {"*battery_level", "%"},
                   {"*_km", "km"},
                   {"charger_power", "kW"},
                   {"charge_energy_added", "kWh"},
                   {"charger_voltage", "V"},
                   {"charger_actual_current", "A"},
                   {"speed", "km/h"},
                   {"elevation", "m"},
                   {"odometer", "km"},
                   {"tpms_pressure_*", "bar"},
                   {"charge_limit_soc", "%"}})
            .stale_after(kStaleAfterNever));
    return preset;
}

}  // namespace

std::vector<Preset> hub_presets() {
    return {ha_statestream(),
            homie("homie"),
            homie("valetudo"),
            hubitat(),
            zwave(),
            frigate(),
            owntracks(),
            teslamate()};
}

}  // namespace cistern::collector
