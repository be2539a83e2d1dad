// SPDX-License-Identifier: MIT
// Zigbee2MQTT, Tasmota, ESPHome, WLED.
#include "collector/mapping/preset_builder.h"

namespace cistern::collector {
namespace {

const ByName<std::string>& zigbee_units() {
    static const ByName<std::string> kUnits = {{"battery", "%"},
                                               {"humidity", "%"},
                                               {"soil_moisture", "%"},
                                               {"linkquality", "lqi"},
                                               {"pressure", "hPa"},
                                               {"*temperature*", "°C"},
                                               {"*heating_setpoint", "°C"},
                                               {"*cooling_setpoint", "°C"},
                                               {"current", "A"},
                                               {"current_phase_*", "A"},
                                               {"current_?", "A"},
                                               {"power_?", "W"},
                                               {"voltage_?", "V"},
                                               {"energy_?", "kWh"},
                                               {"total_energy", "kWh"},
                                               {"valve_position", "%"},
                                               {"pi_heating_demand", "%"},
                                               {"power", "W"},
                                               {"power_phase_*", "W"},
                                               {"energy", "kWh"},
                                               {"energy_*", "kWh"},
                                               {"produced_energy", "kWh"},
                                               {"position", "%"},
                                               {"illuminance", "lx"},
                                               {"illuminance_lux", "lx"},
                                               {"co2", "ppm"},
                                               {"voc", "ppb"},
                                               {"pm25", "µg/m³"},
                                               {"pm10", "µg/m³"},
                                               {"formaldehyd", "mg/m³"},
                                               {"voltage_phase_*", "V"},
                                               {"ac_frequency", "Hz"},
                                               {"target_distance", "m"},
                                               {"noise", "dBA"},
                                               {"water_consumed", "m³"},
                                               {"flow", "m³/h"},
                                               {"color_temp", "mired"}};
    return kUnits;
}

RuleBuilder zigbee_rule(RuleBuilder::Texts topics) {
    RuleBuilder rule("zigbee2mqtt", std::move(topics));
    rule.capture_labels({"device"})
        .unit(zigbee_units())
        .type(
            {{"energy", "counter"}, {"produced_energy", "counter"}, {"water_consumed", "counter"}})
        .map("*", {{"LOCK", 1}, {"UNLOCK", 0}})
        .text({"action"})
        .unit_key("zigbee2mqtt/{device}/{field}")
        .stale_after(kStaleAfterNever);
    return rule;
}

Preset zigbee2mqtt() {
    const std::string family = "zigbee2mqtt";
    const std::string base = "{_=zigbee2mqtt|z2m}";
    Preset preset{family, {}, {}};
    preset.rules.push_back(
        RuleBuilder(family, {base + "/bridge/state"}).metric("bridge_available").availability());
    preset.rules.push_back(
        RuleBuilder(family, {base + "/bridge/devices"}).hook("zigbee2mqtt_devices"));
    preset.rules.push_back(RuleBuilder(family,
                                       {base + "/bridge/{_...}",
                                        base + "/{_...}/set",
                                        base + "/{_...}/get",
                                        base + "/{_...}/set/{_}",
                                        base + "/{_...}/get/{_}"})
                               .drop());
    preset.rules.push_back(RuleBuilder(family, {base + "/{device...}/availability"})
                               .metric("available")
                               .capture_labels({"device"})
                               .availability());
    // Battery sensors give their supply in mV, mains devices in V; the device list tells for sure.
    preset.rules.push_back(
        zigbee_rule({base + "/{device...}"})
            .match("$ is mapping and $.battery is defined and $.power is not defined")
            .unit({{"voltage", "mV"}}));
    preset.rules.push_back(
        zigbee_rule({base + "/{device...}"}).match("$ is mapping").unit({{"voltage", "V"}}));
    // output = attribute: one topic per property
    preset.rules.push_back(zigbee_rule({base + "/{device...}/{property}"})
                               .metric("{property}")
                               .unit_key("zigbee2mqtt/{device}/{property}"));
    return preset;
}

const ByName<std::string>& tasmota_units() {
    static const ByName<std::string> kUnits = {{"ENERGY.Total*", "kWh"},
                                               {"ENERGY.Yesterday", "kWh"},
                                               {"ENERGY.Today", "kWh"},
                                               {"ENERGY.Export*", "kWh"},
                                               {"ENERGY.Import*", "kWh"},
                                               {"ENERGY.Period", "Wh"},
                                               {"ENERGY.Power", "W"},
                                               {"ENERGY.ApparentPower", "VA"},
                                               {"ENERGY.ReactivePower", "var"},
                                               {"ENERGY.Voltage", "V"},
                                               {"ENERGY.Current", "A"},
                                               {"ENERGY.Frequency", "Hz"},
                                               {"Temperature*", "$$.TempUnit"},
                                               {"DewPoint", "$$.TempUnit"},
                                               {"HeatIndex", "$$.TempUnit"},
                                               {"*Temp", "$$.TempUnit"},
                                               {"Pressure", "$$.PressureUnit"},
                                               {"SeaPressure", "$$.PressureUnit"},
                                               {"Humidity", "%"},
                                               {"Illuminance", "lx"},
                                               {"CarbonDioxide", "ppm"},
                                               {"eCO2", "ppm"},
                                               {"TVOC", "ppb"},
                                               {"PM2.5", "µg/m³"},
                                               {"PM10", "µg/m³"},
                                               {"PM1", "µg/m³"},
                                               {"Distance", "cm"},
                                               {"Battery", "%"},
                                               {"RSSI", "dBm"},
                                               {"Voltage", "V"},
                                               {"Current", "A"},
                                               {"Power", "W"},
                                               {"BatteryPercentage", "%"},
                                               {"*Speed", "$$.SpeedUnit"},
                                               {"Weight", "kg"}};
    return kUnits;
}

RuleBuilder tasmota_sensor(RuleBuilder::Texts topics) {
    RuleBuilder rule("tasmota", std::move(topics));
    rule.labels({{"device", "{device}"}, {"id", "$*.Id"}})
        .key_label({"sensor"})
        .prefix_instead({"ENERGY"})
        .exclude({"TempUnit",
                  "PressureUnit",
                  "SpeedUnit",
                  "RfReceived*",
                  "IrReceived*",
                  "ZbReceived*",
                  "ENERGY.TotalStartTime"})
        .stale_after(kStaleAfterNever)  // its last will tells
        .unit(tasmota_units())
        .type({{"ENERGY.Total", "counter"}, {"Total_in", "counter"}, {"Total_out", "counter"}});
    return rule;
}

RuleBuilder tasmota_state(RuleBuilder::Texts topics) {
    RuleBuilder rule("tasmota", std::move(topics));
    rule.capture_labels({"device"})
        .stale_after(kStaleAfterNever)
        .key_pattern("POWER{channel=\\d}", "power_state")
        .rename({{"POWER", "power_state"}})
        .exclude({"RfReceived*", "IrReceived*", "IrHvac*", "ZbReceived*"})
        .text({"*SSId", "Hostname", "IPAddress"})
        .unit({{"UptimeSec", "s"},
               {"Heap", "kB"},
               {"Wifi.RSSI", "%"},
               {"Wifi.Signal", "dBm"},
               {"Vcc", "V"},
               {"Dimmer*", "%"}});
    return rule;
}

// %prefix%/%topic%/X, the default, and %topic%/%prefix%/X.
RuleBuilder::Texts tasmota_topics(const std::string& prefix, const std::string& last) {
    return {prefix + "/{device...}/" + last, "{device...}/" + prefix + "/" + last};
}

Preset tasmota() {
    const std::string family = "tasmota";
    const std::string both = "{_=tele|stat}";
    Preset preset{family, {{{"cmnd/#", "{_...}/cmnd/{_}", "tasmota/discovery/#"}}}, {}};
    preset.rules.push_back(RuleBuilder(family, tasmota_topics("tele", "LWT"))
                               .metric("available")
                               .capture_labels({"device"})
                               .availability());
    // A Zigbee bridge: the keys are the addresses of its devices.
    preset.rules.push_back(RuleBuilder(family, tasmota_topics("tele", "SENSOR"))
                               .match("$.ZbReceived is mapping")
                               .root("$.ZbReceived")
                               .labels({{"device", "{device}"}, {"name", "$*.Name"}})
                               .key_label({"id"})
                               .exclude({"Device", "Endpoint", "Group"})
                               .unit({{"Temperature", "°C"},
                                      {"Humidity", "%"},
                                      {"Pressure", "hPa"},
                                      {"BatteryPercentage", "%"},
                                      {"BatteryVoltage", "V"},
                                      {"LinkQuality", "lqi"}}));
    preset.rules.push_back(tasmota_sensor(tasmota_topics(both, "SENSOR")));
    preset.rules.push_back(
        tasmota_sensor(tasmota_topics("stat", "{_=STATUS8|STATUS10}")).root("$.StatusSNS"));
    preset.rules.push_back(tasmota_state(tasmota_topics("stat", "STATUS11")).root("$.StatusSTS"));
    preset.rules.push_back(tasmota_state(tasmota_topics(both, "{_=STATE|RESULT}")));
    preset.rules.push_back(RuleBuilder(family, tasmota_topics("stat", "POWER"))
                               .metric("power_state")
                               .stale_after(kStaleAfterNever)
                               .capture_labels({"device"}));
    preset.rules.push_back(RuleBuilder(family, tasmota_topics("stat", "POWER{channel=\\d}"))
                               .metric("power_state")
                               .stale_after(kStaleAfterNever)
                               .capture_labels({"device", "channel"}));
    preset.rules.push_back(RuleBuilder(family, tasmota_topics("stat", "SHUTTER{shutter=\\d}"))
                               .metric("shutter{shutter}_position")
                               .capture_labels({"device"})
                               .unit({{"*", "%"}}));
    preset.rules.push_back(
        RuleBuilder(family, tasmota_topics("tele", "MARGINS")).capture_labels({"device"}));
    RuleBuilder::Texts told =
        tasmota_topics("stat",
                       "{_=STATUS|STATUS0|STATUS1|STATUS2|STATUS3|STATUS4|STATUS5|"
                       "STATUS6|STATUS7|STATUS9|STATUS12|LOGGING|UPGRADE}");
    for (const std::string& topic :
         tasmota_topics("tele", "{_=INFO1|INFO2|INFO3|LOGGING|HASS_STATE|UPTIME}")) {
        told.push_back(topic);
    }
    preset.rules.push_back(RuleBuilder(family, told).drop());
    return preset;
}

Preset esphome() {
    const std::string family = "esphome";
    const std::string components =
        "{_=sensor|binary_sensor|text_sensor|switch|number|fan|cover|climate|lock|valve|select|"
        "text|light|media_player|"
        "alarm_control_panel|update|event|water_heater}";
    const std::string plain = "{device...}/" + components + "/{object}/";
    Preset preset{family, {{{plain + "command", plain + "{_}/command"}}}, {}};
    preset.rules.push_back(
        RuleBuilder(family, {"{device...}/debug"}).match("'][' in value").drop());
    preset.rules.push_back(RuleBuilder(family, {"{device...}/status"})
                               .match("value | lower in ['online', 'offline']")
                               .metric("available")
                               .capture_labels({"device"})
                               .availability());
    preset.rules.push_back(RuleBuilder(family, {plain + "state"})
                               .metric("{object}_{field}")
                               .stale_after(kStaleAfterNever)
                               .capture_labels({"device"}));
    preset.rules.push_back(RuleBuilder(family, {plain + "{what}/state"})
                               .metric("{object}_{what}_{field}")
                               .stale_after(kStaleAfterNever)
                               .capture_labels({"device"}));
    return preset;
}

Preset wled() {
    const std::string family = "wled";
    Preset preset{
        family, {{{"wled/{_}/v", "wled/{_}/api", "wled/{_}/col", "wled/all/#", "wled/{_}"}}}, {}};
    preset.rules.push_back(RuleBuilder(family, {"wled/{device}/g"})
                               .metric("brightness")
                               .stale_after(kStaleAfterNever)
                               .capture_labels({"device"}));
    preset.rules.push_back(RuleBuilder(family, {"wled/{device}/c"})
                               .metric("color")
                               .capture_labels({"device"})
                               .text({"*"}));
    preset.rules.push_back(RuleBuilder(family, {"wled/{device}/status"})
                               .metric("available")
                               .capture_labels({"device"})
                               .availability());
    return preset;
}

}  // namespace

std::vector<Preset> home_presets() {
    return {zigbee2mqtt(), tasmota(), wled()};
}
std::vector<Preset> esphome_presets() {
    return {esphome()};
}

}  // namespace cistern::collector
