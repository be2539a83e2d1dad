// SPDX-License-Identifier: MIT
// Shelly, first generation and Gen2 and later.
#include "collector/mapping/preset_builder.h"

namespace cistern::collector {
namespace {

constexpr double kWattMinutesToWattHours = 1.0 / 60;

RuleBuilder gen1(RuleBuilder::Texts topics) {
    return RuleBuilder("shelly_gen1", std::move(topics)).stale_after(kStaleAfterNever);
}

void add_gen1_sensors(Preset& preset) {
    preset.rules.push_back(gen1({"shellies/{device}/ext_temperatures"})
                               .labels({{"device", "{device}"}, {"hw_id", "$*.hwID"}})
                               .key_label({"index"})
                               .exclude({"hwID", "*tF"})
                               .sentinel("*tC", {999})
                               .rename({{"tC", "ext_temperature"}})
                               .unit({{"ext_temperature", "°C"}}));
    preset.rules.push_back(gen1({"shellies/{device}/ext_humidities"})
                               .labels({{"device", "{device}"}, {"hw_id", "$*.hwID"}})
                               .key_label({"index"})
                               .exclude({"hwID"})
                               .sentinel("hum", {999})
                               .rename({{"hum", "ext_humidity"}})
                               .unit({{"ext_humidity", "%"}}));
    preset.rules.push_back(
        gen1({"shellies/{device}/{what=ext_temperature|ext_humidity|ext_switch}/{index=\\d}"})
            .metric("{what}")
            .capture_labels({"device", "index"})
            .sentinel("*", {999})
            .unit({{"ext_temperature", "°C"}, {"ext_humidity", "%"}}));
    preset.rules.push_back(gen1({"shellies/{device}/sensor/{what}"})
                               .metric("{what}")
                               .capture_labels({"device"})
                               .map("state", {{"open", 1}, {"close", 0}})
                               .unit({{"temperature", "°C"},
                                      {"humidity", "%"},
                                      {"battery", "%"},
                                      {"lux", "lx"},
                                      {"tilt", "°"},
                                      {"concentration", "ppm"}}));
    preset.rules.push_back(gen1({"shellies/{device}/{what}"})
                               .metric("{what}_{field}")
                               .capture_labels({"device"})
                               .text({"temperature_status"})
                               .unit({{"temperature", "°C"},
                                      {"voltage", "V"},
                                      {"target_t.value", "°C"},
                                      {"tmp.value", "°C"},
                                      {"bat", "%"},
                                      {"lux", "lx"}}));
}

void add_gen1_channels(Preset& preset) {
    preset.rules.push_back(gen1({"shellies/{device}/roller/{channel=\\d}"})
                               .metric("roller")
                               .capture_labels({"device", "channel"})
                               .text({"*"}));
    preset.rules.push_back(gen1({"shellies/{device}/{kind}/{channel=\\d}"})
                               .metric("{kind}_{field}")
                               .capture_labels({"device", "channel"}));
    preset.rules.push_back(gen1({"shellies/{device}/emeter/{channel=\\d}/{what}"})
                               .metric("emeter_{what}")
                               .capture_labels({"device", "channel"})
                               .unit({{"power", "W"},
                                      {"reactive_power", "var"},
                                      {"voltage", "V"},
                                      {"current", "A"},
                                      {"total", "Wh"},
                                      {"total_returned", "Wh"},
                                      {"energy", "Wmin"},
                                      {"returned_energy", "Wmin"}})
                               .type({{"total", "counter"}, {"total_returned", "counter"}}));
    preset.rules.push_back(gen1({"shellies/{device}/{kind}/{channel=\\d}/{what}"})
                               .metric("{kind}_{what}_{field}")
                               .capture_labels({"device", "channel"})
                               .scale({{"energy", kWattMinutesToWattHours}})
                               .unit({{"power", "W"},
                                      {"energy", "Wh"},
                                      {"voltage", "V"},
                                      {"current", "A"},
                                      {"pos", "%"}})
                               .type({{"energy", "counter"}}));
}

Preset shelly_gen1() {
    Preset preset{"shelly_gen1", {}, {}};
    preset.ignores.push_back({{"shellies/announce",
                               "shellies/command",
                               "shellies/{_}/announce",
                               "shellies/{_}/info",
                               "shellies/{_...}/command",
                               "shellies/{_...}/set",
                               "shellies/{_}/temperature_f",
                               "shellies/{_...}/temperature_f",
                               "shellies/{_}/ext_temperatures_f",
                               "shellies/{_}/ext_temperature_f/{_}",
                               "shellies/{_}/sensor/act_reasons"}});
    preset.rules.push_back(gen1({"shellies/{device}/online"})
                               .metric("available")
                               .capture_labels({"device"})
                               .availability());
    add_gen1_sensors(preset);
    add_gen1_channels(preset);
    return preset;
}

RuleBuilder gen2(RuleBuilder::Texts topics) {
    RuleBuilder rule("shelly_gen2", std::move(topics));
    rule.stale_after(kStaleAfterNever)
        .exclude({"id",
                  "*.id",
                  "source",
                  "*.source",
                  "*by_minute",
                  "*minute_ts",
                  "*tF",
                  "last_updated_ts",
                  "errors",
                  "errors.*",
                  "*.errors",
                  "user_calibrated_phase"})
        .rename({{"temperature.tC", "temperature"}, {"tC", "temperature"}, {"rh", "humidity"}})
        .unit({{"apower", "W"},        {"*act_power", "W"},
               {"aprtpower", "VA"},    {"*aprt_power", "VA"},
               {"voltage", "V"},       {"*_voltage", "V"},
               {"xvoltage", "V"},      {"current", "A"},
               {"*_current", "A"},     {"freq", "Hz"},
               {"*_freq", "Hz"},       {"*aenergy.total", "Wh"},
               {"*_act_energy", "Wh"}, {"*_act_ret_energy", "Wh"},
               {"total_act", "Wh"},    {"total_act_ret", "Wh"},
               {"temperature", "°C"},  {"humidity", "%"},
               {"lux", "lx"},          {"brightness", "%"},
               {"current_pos", "%"},   {"target_pos", "%"},
               {"battery.V", "V"},     {"battery.percent", "%"},
               {"rssi", "dBm"},        {"uptime", "s"},
               {"percent", "%"},       {"target_C", "°C"},
               {"current_C", "°C"}})
        .type({{"*aenergy.total", "counter"},
               {"*_act_energy", "counter"},
               {"*_act_ret_energy", "counter"},
               {"total_act", "counter"},
               {"total_act_ret", "counter"}});
    return rule;
}

Preset shelly_gen2() {
    const std::string family = "shelly_gen2";
    Preset preset{family, {}, {}};
    preset.rules.push_back(gen2({"{device...}/status/{component}:{channel=\\d}"})
                               .match("$ is mapping")
                               .capture_labels({"device", "component", "channel"}));
    preset.rules.push_back(gen2({"{device...}/status/{component=sys|wifi}"})
                               .match("$ is mapping")
                               .capture_labels({"device", "component"})
                               .include({"uptime", "ram_*", "fs_*", "rssi", "temperature*"}));
    preset.rules.push_back(
        RuleBuilder(family, {"{_...}/status/{_=cloud|mqtt|ws|ble|eth|bthome|matter|modbus|ui|knx}"})
            .match("$ is mapping")
            .drop());
    preset.rules.push_back(
        gen2({"{device...}/events/rpc"})
            .match("$.method in ['NotifyStatus', 'NotifyFullStatus']")
            .capture_labels({"device"})
            .root("$.params")
            .key_pattern("{component}:{channel=\\d}", "")
            .exclude({"sys*", "wifi*", "cloud*", "mqtt*", "ws*", "ble*", "eth*"}));
    preset.rules.push_back(
        RuleBuilder(family, {"{_...}/events/rpc", "{_...}/rpc"}).match("$.src is defined").drop());
    preset.rules.push_back(RuleBuilder(family, {"{_=shelly}{_}/debug/log"}).drop());
    preset.rules.push_back(RuleBuilder(family, {"{device...}/online"})
                               .match("value in ['true', 'false']")
                               .metric("available")
                               .capture_labels({"device"})
                               .availability());
    return preset;
}

}  // namespace

std::vector<Preset> shelly_presets() {
    return {shelly_gen1()};
}
std::vector<Preset> shelly_gen2_presets() {
    return {shelly_gen2()};
}

}  // namespace cistern::collector
