// SPDX-License-Identifier: MIT
// EMS-ESP, evcc, OpenEnergyMonitor, Victron, SolarAssistant, DSMR and other meters, inverters.
#include "collector/mapping/preset_builder.h"

namespace cistern::collector {
namespace {

RuleBuilder ems_rule(RuleBuilder::Texts topics) {
    RuleBuilder rule("ems_esp", std::move(topics));
    rule.text({"mode", "modetype", "*mode", "servicecode", "lastcode", "datetime", "bus_status"})
        .unit({{"*temp", "°C"},
               {"*temp?", "°C"},
               {"temp", "°C"},
               {"*syspress", "bar"},
               {"*modulation", "%"},
               {"*mod", "%"},
               {"curburnpow", "%"},
               {"flamecurr", "µA"},
               {"uptime_sec", "s"},
               {"rssi", "dBm"},
               {"freemem", "kB"},
               {"nrg*", "kWh"},
               {"*energy*", "kWh"},
               {"*workmin", "min"},
               {"waterflow", "l/min"}})
        .type({{"*starts", "counter"}, {"nrg*total", "counter"}, {"*workmin", "counter"}});
    return rule;
}

Preset ems_esp() {
    const std::string family = "ems_esp";
    Preset preset{family,
                  {{{"ems-esp/{_=boiler|thermostat|system|mixer|solar|heatpump}",
                     "ems-esp/response",
                     "ems-esp/info"}}},
                  {}};
    preset.rules.push_back(
        RuleBuilder(family, {"ems-esp/status"}).metric("available").availability());
    preset.rules.push_back(ems_rule({"ems-esp/heartbeat"}));
    preset.rules.push_back(ems_rule({"ems-esp/{device=temperaturesensor|analogsensor}_data"})
                               .capture_labels({"device"})
                               .key_label({"sensor"}));
    preset.rules.push_back(
        ems_rule({"ems-esp/{device}_data"}).capture_labels({"device"}).key_label({"circuit"}));
    preset.rules.push_back(
        ems_rule({"ems-esp/{device}_data_{circuit}"}).capture_labels({"device", "circuit"}));
    preset.rules.push_back(
        ems_rule({"ems-esp/{device}/"
                  "{circuit=hc1|hc2|hc3|hc4|hc5|hc6|hc7|hc8|dhw|dhw1|dhw2|dhw3|ahs|sc1}/{what}"})
            .metric("{what}")
            .capture_labels({"device", "circuit"}));
    preset.rules.push_back(
        ems_rule({"ems-esp/{device}/{what}"}).metric("{what}").capture_labels({"device"}));
    return preset;
}

RuleBuilder evcc_rule(RuleBuilder::Texts topics) {
    RuleBuilder rule("evcc", std::move(topics));
    rule.text({"mode", "*itle", "name", "*Name", "version", "phaseAction", "pvAction", "*Version"})
        .scale({{"*uration", 1e-9}})
        .unit({{"*uration", "s"},
               {"*ower", "W"},
               {"chargedEnergy", "Wh"},
               {"sessionEnergy", "Wh"},
               {"*nergy", "kWh"},
               {"chargeTotalImport", "kWh"},
               {"*oc", "%"},
               {"*urrent", "A"},
               {"*urrents", "A"},
               {"*oltage", "V"},
               {"*oltages", "V"},
               {"*ercentage", "%"},
               {"greenShare*", "ratio"},
               {"*ange", "km"},
               {"*dometer", "km"},
               {"*emperature", "°C"}})
        .type({{"chargeTotalImport", "counter"}})
        .absent_is_stale()
        .stale_after(kStaleAfterNever);
    return rule;
}

Preset evcc() {
    const std::string family = "evcc";
    Preset preset{family, {{{"evcc/updated", "evcc/{_...}/set"}}}, {}};
    preset.rules.push_back(RuleBuilder(family, {"evcc/status"}).metric("available").availability());
    preset.rules.push_back(evcc_rule({"evcc/site/{group...}/{index=\\d}/{what}"})
                               .metric("{group}_{what}_{field}")
                               .capture_labels({"index"}));
    preset.rules.push_back(evcc_rule({"evcc/site/{what...}/{index=\\d}"})
                               .metric("{what}_{field}")
                               .capture_labels({"index"}));
    preset.rules.push_back(evcc_rule({"evcc/site/{path...}"}).metric("{path}_{field}"));
    preset.rules.push_back(evcc_rule({"evcc/loadpoints/{loadpoint=\\d}/{what...}/{index=\\d}"})
                               .metric("{what}_{field}")
                               .capture_labels({"loadpoint", "index"}));
    preset.rules.push_back(evcc_rule({"evcc/loadpoints/{loadpoint=\\d}/{path...}"})
                               .metric("{path}_{field}")
                               .capture_labels({"loadpoint"}));
    preset.rules.push_back(evcc_rule({"evcc/vehicles/{vehicle}/{path...}"})
                               .metric("{path}_{field}")
                               .capture_labels({"vehicle"}));
    preset.rules.push_back(evcc_rule({"evcc/{path...}"}).metric("{path}_{field}"));
    return preset;
}

Preset emon() {
    const std::string family = "emon";
    const ByName<std::string> units = {{"E?", "Wh"},
                                       {"P?", "W"},
                                       {"power*", "W"},
                                       {"T?", "°C"},
                                       {"temp*", "°C"},
                                       {"Vrms*", "V"},
                                       {"V?", "V"},
                                       {"I?", "A"},
                                       {"*pulse*", ""}};
    Preset preset{family, {}, {}};
    // What the places mean depends on the node: they are numbered.
    preset.rules.push_back(RuleBuilder(family, {"emonhub/rx/{node}/values"})
                               .decode("list")
                               .metric("values")
                               .capture_labels({"node"}));
    preset.rules.push_back(RuleBuilder(family, {"emonhub/rx/{node}/rssi"})
                               .metric("rssi")
                               .capture_labels({"node"})
                               .unit({{"*", "dBm"}}));
    preset.rules.push_back(RuleBuilder(family, {"emon/{node}", "emon/{node}/{_}"})
                               .capture_labels({"node"})
                               .unit(units)
                               .type({{"E?", "counter"}, {"*pulse*", "counter"}}));
    return preset;
}

Preset victron() {
    const std::string family = "victron";
    const std::string topic = "N/{portal}/{service}/{instance=\\d}/{path...}";
    RuleBuilder rule(family, {topic});
    rule.metric("{path}")
        .capture_labels({"portal", "service", "instance"})
        .unit({{"alarms_*", ""},
               {"Soc", "%"},
               {"Soh", "%"},
               {"Level", "%"},
               {"ac*_energy_*", "kWh"},
               {"*Voltage", "V"},
               {"V", "V"},
               {"*Current", "A"},
               {"I", "A"},
               {"*Power", "W"},
               {"P", "W"},
               {"*Temperature", "°C"},
               {"*Energy*", "kWh"},
               {"*Frequency", "Hz"},
               {"F", "Hz"},
               {"S", "VA"},
               {"ConsumedAmphours", "Ah"},
               {"TimeToGo", "s"}})
        .text({"Serial", "ProductName", "CustomName", "FirmwareVersion", "HardwareVersion"})
        .absent_is_stale()
        .stale_after(kStaleAfterNever);
    RuleBuilder gone = rule;
    Preset preset{family,
                  {{{"W/{_}/#",
                     "R/{_}/#",
                     "N/{_}/keepalive",
                     "N/{_}/full_publish_completed",
                     "N/{_}/heartbeat"}}},
                  {}};
    preset.rules.push_back(gone.match("value == ''"));
    preset.rules.push_back(rule.match("$.value is defined").root("$.value"));
    return preset;
}

Preset solarassistant() {
    const std::string family = "solarassistant";
    Preset preset{family, {{{"solar_assistant/set/#", "solar_assistant/{_...}/set"}}}, {}};
    preset.rules.push_back(RuleBuilder(family, {"solar_assistant/{unit_id}/{what}/state"})
                               .metric("{what}")
                               .capture_labels({"unit_id"})
                               .text({"*_mode", "*_priority"})
                               .stale_after(kStaleAfterNever));

    const std::pair<const char*, const char*> kinds[] = {{"state_of_charge", "%"},
                                                         {"temperature", "°C"},
                                                         {"voltage", "V"},
                                                         {"current", "A"},
                                                         {"frequency", "Hz"},
                                                         {"energy", "kWh"},
                                                         {"energy_in", "kWh"},
                                                         {"energy_out", "kWh"},
                                                         {"power", "W"},
                                                         {"power_1", "W"},
                                                         {"power_2", "W"},
                                                         {"percentage", "%"},
                                                         {"capacity", "Ah"}};
    RuleOptions& rule = preset.rules.back();
    for (const auto& [kind, unit] : kinds) {
        rule.unit.emplace_back(std::string("*") + kind, unit);
    }
    return preset;
}

const ByName<std::string>& dsmr_units() {
    static const ByName<std::string> kUnits = {{"electricity_tariff", ""},
                                               {"electricity_currently_*", "kW"},
                                               {"electricity_*", "kWh"},
                                               {"electricity?*", "kWh"},
                                               {"phase_currently_*", "kW"},
                                               {"phase_voltage_*", "V"},
                                               {"phase_power_current_*", "A"},
                                               {"extra_device_delivered", "m³"},
                                               {"gas", "m³"},
                                               {"*_cost*", "EUR"},
                                               {"currently_delivered", "m³"},
                                               {"delivered", "m³"},
                                               {"*average_delivered", "kW"}};
    return kUnits;
}

Preset dsmr() {
    const std::string family = "dsmr";
    Preset preset{family, {}, {}};
    preset.ignores.push_back({{"dsmr/reading/timestamp",
                               "dsmr/reading/extra_device_timestamp",
                               "dsmr/reading/id",
                               "dsmr/consumption/gas/read_at",
                               "dsmr/telegram"}});
    RuleBuilder reading(family,
                        {"dsmr/reading/{what}",
                         "dsmr/day-consumption/{what}",
                         "dsmr/meter-stats/{what}",
                         "dsmr/consumption/gas/{what}"});
    preset.rules.push_back(reading.metric("{what}")
                               .unit(dsmr_units())
                               .type({{"electricity_delivered_?", "counter"},
                                      {"electricity_returned_?", "counter"},
                                      {"extra_device_delivered", "counter"}}));
    preset.rules.push_back(
        RuleBuilder(family, {"dsmr/consumption/{group=quarter-hour-peak-electricity}/{what}"})
            .metric("{group}_{what}")
            .unit(dsmr_units()));
    preset.rules.push_back(RuleBuilder(family, {"dsmr/{period=current-month|current-year}/{what}"})
                               .metric("{period}_{what}")
                               .unit(dsmr_units()));
    preset.rules.push_back(
        RuleBuilder(family, {"dsmr/json"})
            .exclude({"id"})
            .unit(dsmr_units())
            .type({{"electricity_delivered_?", "counter"}, {"electricity_returned_?", "counter"}}));
    preset.rules.push_back(RuleBuilder(family, {"sensors/power/p1meter/{what}"})
                               .metric("{what}")
                               .unit({{"consumption_*", "Wh"},
                                      {"returndelivery_*", "Wh"},
                                      {"actual_*", "W"},
                                      {"l?_instant_power_usage", "W"},
                                      {"l?_instant_power_current", "A"},
                                      {"l?_voltage", "V"},
                                      {"gas_meter_m3", "dm³"}}));
    preset.rules.push_back(
        RuleBuilder(family, {"p1/telegram", "p1", "{_...}/telegram", "{_...}/p1"})
            .match("value[0:1] == '/' or $[0].name is defined")
            .decode("obis"));
    return preset;
}

Preset amsreader() {
    const std::string family = "amsreader";
    Preset preset{family, {}, {}};
    const std::string meter =
        "$.tPI is defined or ($.P is defined and $.id is defined and $.rssi is defined)";
    preset.rules.push_back(RuleBuilder(family, {"{_}/{_=energy|power|realtime}", "{_}"})
                               .match(meter)
                               .time("$.rtc|$.data.rtc|$.t")
                               .exclude({"id", "t", "rtc", "up", "name"})
                               .unit({{"rssi", "dBm"},
                                      {"temp", "°C"},
                                      {"P", "W"},
                                      {"PO", "W"},
                                      {"U?", "V"},
                                      {"I?", "A"},
                                      {"vcc", "V"}}));
    return preset;
}

Preset inverters() {
    const std::string family = "inverters";
    const ByName<std::string> units = {
        {"power*", "W"},         {"P_?C", "W"},         {"voltage*", "V"},     {"U_?C", "V"},
        {"current", "A"},        {"I_?C", "A"},         {"yieldday", "Wh"},    {"YieldDay", "Wh"},
        {"yieldtotal", "kWh"},   {"YieldTotal", "kWh"}, {"temperature", "°C"}, {"Temp", "°C"},
        {"frequency", "Hz"},     {"F_AC", "Hz"},        {"efficiency", "%"},   {"Efficiency", "%"},
        {"irradiation", "%"},    {"rssi", "dBm"},       {"uptime", "s"},       {"powerdc", "W"},
        {"reactivepower", "var"}};
    Preset preset{family, {{{"solar/{_...}/cmd/{_}"}}}, {}};
    // OpenDTU
    preset.rules.push_back(RuleBuilder(family, {"solar/dtu/status"})
                               .metric("available")
                               .capture_labels({})
                               .availability());
    preset.rules.push_back(RuleBuilder(family, {"solar/{serial=\\d}/{channel=\\d}/{what}"})
                               .metric("{what}")
                               .capture_labels({"serial", "channel"})
                               .unit(units)
                               .type({{"yieldtotal", "counter"}}));
    preset.rules.push_back(
        RuleBuilder(family, {"solar/{serial=\\d}/{group=status|device|radio}/{what}"})
            .metric("{group}_{what}")
            .capture_labels({"serial"})
            .unit(units));
    preset.rules.push_back(RuleBuilder(family, {"solar/{serial=\\d}/{what}"})
                               .metric("{what}")
                               .capture_labels({"serial"})
                               .text({"name"}));
    preset.rules.push_back(RuleBuilder(family, {"solar/{group=ac|dc|dtu}/{what}"})
                               .metric("{group}_{what}")
                               .unit(units));
    // AhoyDTU
    preset.rules.push_back(RuleBuilder(family, {"inverter/{device}/ch{channel=\\d}/{what}"})
                               .metric("{what}")
                               .capture_labels({"device", "channel"})
                               .unit(units)
                               .type({{"YieldTotal", "counter"}}));
    preset.rules.push_back(RuleBuilder(family, {"inverter/{device}/ch{channel=\\d}"})
                               .capture_labels({"device", "channel"})
                               .unit(units)
                               .type({{"YieldTotal", "counter"}}));
    preset.rules.push_back(RuleBuilder(family, {"inverter/mqtt"})
                               .metric("available")
                               .map("*", {{"connected", 1}, {"not connected", 0}})
                               .availability());
    preset.rules.push_back(RuleBuilder(family, {"inverter/total/{what}"})
                               .metric("total_{what}")
                               .unit(units)
                               .type({{"YieldTotal", "counter"}}));
    preset.rules.push_back(RuleBuilder(family, {"inverter/total"})
                               .metric("total_{field}")
                               .unit(units)
                               .type({{"YieldTotal", "counter"}}));
    preset.rules.push_back(
        RuleBuilder(family, {"inverter/{device}/{what=available|last_success|ack_pwr_limit}"})
            .metric("{what}")
            .capture_labels({"device"}));
    preset.rules.push_back(RuleBuilder(family, {"inverter/{device}/firmware"}).drop());
    preset.rules.push_back(
        RuleBuilder(family,
                    {"inverter/{what=uptime|wifi_rssi|heap_free|heap_frag|comm_disabled|"
                     "dis_night_comm|status|version|ip_addr|device}"})
            .metric("dtu_{what}")
            .text({"version"})
            .unit({{"uptime", "s"}, {"wifi_rssi", "dBm"}, {"heap_free", "B"}}));
    return preset;
}

Preset go_e() {
    const std::string family = "go_e";
    Preset preset{family, {{{"go-eCharger/{_...}/set"}}}, {}};
    preset.rules.push_back(RuleBuilder(family, {"go-eCharger/{serial}/online"})
                               .metric("available")
                               .capture_labels({"serial"})
                               .availability());
    preset.rules.push_back(RuleBuilder(family, {"go-eCharger/{serial}/{what}"})
                               .metric("{what}_{field}")
                               .capture_labels({"serial"})
                               .unit({{"eto", "Wh"}, {"wh", "Wh"}, {"amp", "A"}})
                               .type({{"eto", "counter"}})
                               .stale_after(kStaleAfterNever));
    return preset;
}

}  // namespace

std::vector<Preset> energy_presets() {
    return {ems_esp(),
            evcc(),
            emon(),
            victron(),
            solarassistant(),
            dsmr(),
            amsreader(),
            inverters(),
            go_e()};
}

}  // namespace cistern::collector
