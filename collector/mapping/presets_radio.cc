// SPDX-License-Identifier: MIT
// rtl_433, OpenMQTTGateway and Theengs, Bluetooth thermometers, Meshtastic, The Things Stack,
// ChirpStack.
#include "collector/mapping/preset_builder.h"

namespace cistern::collector {
namespace {

const ByName<std::string>& rtl_433_units() {
    static const ByName<std::string> kUnits = {{"*temperature*_C", "°C"},
                                               {"*temperature*_F", "°F"},
                                               {"setpoint_C", "°C"},
                                               {"humidity*", "%"},
                                               {"moisture", "%"},
                                               {"pressure_hPa", "hPa"},
                                               {"pressure_kPa", "kPa"},
                                               {"pressure_PSI", "psi"},
                                               {"*_km_h", "km/h"},
                                               {"*_m_s", "m/s"},
                                               {"*_mi_h", "mph"},
                                               {"rain_mm", "mm"},
                                               {"rain_rate_mm_h", "mm/h"},
                                               {"rain_in", "in"},
                                               {"wind_dir_deg", "°"},
                                               {"light_lux", "lx"},
                                               {"power_W", "W"},
                                               {"energy_kWh", "kWh"},
                                               {"current_A", "A"},
                                               {"voltage_V", "V"},
                                               {"battery_V", "V"},
                                               {"battery_mV", "mV"},
                                               {"depth_cm", "cm"},
                                               {"rssi", "dBm"},
                                               {"noise", "dBm"},
                                               {"snr", "dB"},
                                               {"freq", "MHz"}};
    return kUnits;
}

RuleBuilder rtl_433_json(const std::string& family,
                         RuleBuilder::Texts topics,
                         const RuleBuilder::Pairs& more) {
    RuleBuilder rule(family, std::move(topics));
    RuleBuilder::Pairs labels = more;
    for (const char* name : {"model", "id", "channel", "subtype"}) {
        labels.emplace_back(name, std::string("$.") + name);
    }
    rule.labels(labels)
        .match("$.model is defined")
        .stale_after(kHour)
        .exclude({"id", "channel", "subtype", "mic", "mod", "protocol"})
        .map("battery", {{"OK", 1}, {"LOW", 0}})
        .unit(rtl_433_units());
    return rule;
}

Preset rtl_433() {
    const std::string family = "rtl_433";
    const std::string devices = "rtl_433/{gateway}/devices/";
    Preset preset{family, {}, {}};
    preset.rules.push_back(rtl_433_json(
        family, {"rtl_433/{gateway}/events", "rtl_433/{gateway}"}, {{"gateway", "{gateway}"}}));
    preset.rules.push_back(
        rtl_433_json(family, {"rtl_433/{gateway}/states"}, {{"gateway", "{gateway}"}}));
    preset.rules.push_back(RuleBuilder(family, {"rtl_433/{gateway}/states"})
                               .match("$.frames is mapping")
                               .root("$.frames")
                               .metric("frames_{field}")
                               .capture_labels({"gateway"}));
    preset.rules.push_back(RuleBuilder(family, {"rtl_433/{gateway}/availability"})
                               .metric("available")
                               .capture_labels({"gateway"})
                               .availability());
    preset.rules.push_back(rtl_433_json(family, {"RTL_433/JSON", "rtl_433"}, {}));
    const std::string told = "{_=time|id|model|channel|subtype|type|mic|mod|protocol}";
    preset.rules.push_back(RuleBuilder(family, {"rtl_433/{_}/devices/{_...}/" + told}).drop());
    const auto field = [&](const std::string& levels, const RuleBuilder::Texts& labels) {
        preset.rules.push_back(RuleBuilder(family, {devices + levels + "/{what}"})
                                   .metric("{what}")
                                   .capture_labels(labels)
                                   .stale_after(kHour)
                                   .map("battery", {{"OK", 1}, {"LOW", 0}})
                                   .unit(rtl_433_units()));
    };
    field("{type=TPMS|SECURITY}/{model}/{id}", {"gateway", "type", "model", "id"});
    field("{model}/{id}", {"gateway", "model", "id"});
    field("{model}/{channel}/{id}", {"gateway", "model", "channel", "id"});
    field("{model}/{subtype}/{channel}/{id}", {"gateway", "model", "subtype", "channel", "id"});
    field("{type}/{model}/{subtype}/{channel}/{id}",
          {"gateway", "type", "model", "subtype", "channel", "id"});
    return preset;
}

Preset omg_theengs() {
    const std::string family = "omg_theengs";
    const std::string base = "{_...}/{gateway}/";
    Preset preset{family, {}, {}};
    preset.ignores.push_back({{"{_...}/commands/MQTTto{_}",
                               "{_...}/commands/MQTTto{_}/config",
                               "{_...}/433toMQTT",
                               "{_...}/IRtoMQTT",
                               "{_...}/SRFBtoMQTT",
                               "{_...}/BTtoMQTT/undecoded",
                               "{_...}/RFtoMQTT"}});
    preset.rules.push_back(
        RuleBuilder(family, {base + "BTtoMQTT/{mac}", base + "BTtoMQTT"})
            .match("$.model_id is defined")
            .stale_after(kHour)
            .labels({{"gateway", "{gateway}"}, {"id", "$.id"}, {"model_id", "$.model_id"}})
            .exclude({"id",       "name",   "brand",   "model", "model_id",     "type",
                      "mac",      "tempf",  "temp2_f", "*_f",   "servicedata*", "manufacturerdata",
                      "mac_type", "acts",   "cidc",    "cont",  "track",        "prmac",
                      "unixtime", "UTCtime"})
            .rename({{"tempc", "temperature"},
                     {"tempc*", "temperature_2"},
                     {"hum", "humidity"},
                     {"batt", "battery"},
                     {"volt", "voltage"},
                     {"pres", "pressure"},
                     {"moi", "moisture"},
                     {"fer", "fertility"}})
            .unit({{"temperature*", "°C"},
                   {"humidity", "%"},
                   {"battery", "%"},
                   {"voltage", "V"},
                   {"rssi", "dBm"},
                   {"lux", "lx"},
                   {"moisture", "%"},
                   {"fertility", "µS/cm"},
                   {"pressure", "hPa"},
                   {"distance", "m"},
                   {"weight", "kg"}}));
    preset.rules.push_back(RuleBuilder(family, {"{_...}/BTtoMQTT/{_}", "{_...}/BTtoMQTT"}).drop());
    preset.rules.push_back(rtl_433_json(family,
                                        {base + "RTL_433toMQTT",
                                         base + "RTL_433toMQTT/{_}",
                                         base + "RTL_433toMQTT/{_}/{_}",
                                         base + "RTL_433toMQTT/{_}/{_}/{_}",
                                         base + "RTL_433toMQTT/{_}/{_}/{_}/{_}"},
                                        {{"gateway", "{gateway}"}}));
    preset.rules.push_back(RuleBuilder(family, {base + "LWT"})
                               .match("value | lower in ['online', 'offline']")
                               .metric("available")
                               .capture_labels({"gateway"})
                               .availability());
    preset.rules.push_back(
        RuleBuilder(family, {base + "SYStoMQTT"})
            .match("$ is mapping")
            .capture_labels({"gateway"})
            .exclude({"modules*", "version", "ip", "mac", "*SSID", "env", "mqttport", "mqttsecure"})
            .unit({{"uptime", "s"}, {"rssi", "dBm"}, {"freemem", "B"}, {"tempc", "°C"}}));
    return preset;
}

Preset ble_thermo() {
    const std::string family = "ble_thermo";
    Preset preset{family, {}, {}};
    preset.rules.push_back(RuleBuilder(family, {"ruuvi/{gateway}/gw_status"})
                               .metric("available")
                               .capture_labels({"gateway"})
                               .match("$.state is defined")
                               .root("$.state")
                               .availability());
    preset.rules.push_back(RuleBuilder(family, {"ruuvi/{gateway}/{device}"})
                               .match("$.rssi is defined")
                               .capture_labels({"gateway", "device"})
                               .time("$.ts|$.gwts")
                               .exclude({"gw_mac", "gwts", "aoa*", "data", "coords", "cnt"})
                               .unit({{"rssi", "dBm"},
                                      {"temperature", "°C"},
                                      {"humidity", "%"},
                                      {"pressure", "Pa"},
                                      {"voltage", "V"},
                                      {"txPower", "dBm"}}));
    preset.rules.push_back(RuleBuilder(family, {"{_...}/ruuvi/{device}/sensor/{what}"})
                               .metric("{what}")
                               .capture_labels({"device"}));
    preset.rules.push_back(
        RuleBuilder(family, {"ble/{_}/{device}", "miflora/{device}", "mijia/{device}"})
            .match("$ is mapping")
            .capture_labels({"device"})
            .unit({{"temperature", "°C"},
                   {"humidity", "%"},
                   {"battery", "%"},
                   {"moisture", "%"},
                   {"conductivity", "µS/cm"},
                   {"light", "lx"},
                   {"rssi", "dBm"}}));
    return preset;
}

Preset meshtastic() {
    const std::string family = "meshtastic";
    const std::string json = "msh/{_...}/json/{channel}/{_}";
    const std::string measured =
        "$.type in ['telemetry', 'position', 'mapreport', 'neighborinfo'] and $.payload is mapping";
    const RuleBuilder::Pairs labels = {
        {"from", "$$.from"}, {"sender", "$$.sender"}, {"channel", "{channel}"}};
    Preset preset{family, {}, {}};
    preset.rules.push_back(RuleBuilder(family, {json})
                               .match(measured)
                               .root("$.payload")
                               .labels(labels)
                               .stale_after(3 * kHour)
                               .time("$$.timestamp")
                               .exclude({"time",
                                         "precision_bits",
                                         "node_id",
                                         "last_sent_by_id",
                                         "neighbors*",
                                         "long_name",
                                         "longname",
                                         "shortname",
                                         "short_name",
                                         "hardware",
                                         "role",
                                         "firmware_version",
                                         "region",
                                         "modem_preset",
                                         "ground_track_i"})
                               .rename({{"latitude_i", "latitude"}, {"longitude_i", "longitude"}})
                               .scale({{"latitude", 1e-7}, {"longitude", 1e-7}})
                               .unit({{"air_util_tx", "%"},
                                      {"battery_level", "%"},
                                      {"channel_utilization", "%"},
                                      {"uptime_seconds", "s"},
                                      {"voltage*", "V"},
                                      {"*_voltage", "V"},
                                      {"current*", "mA"},
                                      {"temperature", "°C"},
                                      {"relative_humidity", "%"},
                                      {"barometric_pressure", "hPa"},
                                      {"altitude", "m"},
                                      {"gas_resistance", "MΩ"},
                                      {"latitude", "°"},
                                      {"longitude", "°"},
                                      {"lux", "lx"},
                                      {"wind_speed", "m/s"},
                                      {"wind_direction", "°"}})
                               .go_on());
    preset.rules.push_back(RuleBuilder(family, {json})
                               .match(measured)
                               .labels(labels)
                               .time("$.timestamp")
                               .add_value("$.rssi", "rssi", "dBm")
                               .add_value("$.snr", "snr", "dB"));
    preset.rules.push_back(RuleBuilder(family, {"msh/{_...}/stat/{sender}"})
                               .metric("available")
                               .capture_labels({"sender"})
                               .availability());
    preset.rules.push_back(RuleBuilder(family, {"msh/#"}).drop());
    return preset;
}

// What devices' own payload decoders commonly call their fields.
ByName<std::string> lorawan_units() {
    return {{"*temperature*", "°C"},
            {"*humidity*", "%"},
            {"battery_v", "V"},
            {"*voltage*", "V"},
            {"*pressure*", "hPa"},
            {"co2", "ppm"}};
}

Preset ttn_v3() {
    const std::string family = "ttn_v3";
    // A server with one tenant leaves out the tenant.
    const RuleBuilder::Texts up = {"v3/{application}@{_}/devices/{device}/up",
                                   "v3/{application}/devices/{device}/up"};
    const std::string time = "$$.uplink_message.received_at|$$.received_at";
    const RuleBuilder::Texts who = {"application", "device"};
    Preset preset{family, {}, {}};
    preset.rules.push_back(RuleBuilder(family, up)
                               .root("$.uplink_message.decoded_payload")
                               .stale_after(25 * kHour)
                               .capture_labels(who)
                               .time(time)
                               .unit(lorawan_units())
                               .go_on());
    RuleBuilder radio(family, up);
    radio.each("$.uplink_message.rx_metadata[*]")
        .labels({{"application", "{application}"},
                 {"device", "{device}"},
                 {"gateway", "$.gateway_ids.gateway_id"}})
        .time(time)
        .stale_after(25 * kHour)
        .add_value("$.rssi", "rssi", "dBm")
        .add_value("$.snr", "snr", "dB");
    preset.rules.push_back(radio.go_on());
    preset.rules.push_back(
        RuleBuilder(family, up)
            .capture_labels(who)
            .time(time)
            .stale_after(25 * kHour)
            .add_value("$.uplink_message.f_cnt", "f_cnt", "", "counter")
            .add_value("$.uplink_message.settings.data_rate.lora.spreading_factor",
                       "spreading_factor")
            .add_value("$.uplink_message.consumed_airtime", "consumed_airtime", "s"));
    preset.rules.push_back(
        RuleBuilder(family, {"v3/{_}@{_}/devices/{_}/{_...}", "v3/{_}/devices/{_}/{_...}"}).drop());
    return preset;
}

RuleBuilder chirpstack_rule(const std::string& topic) {
    RuleBuilder rule("chirpstack", {topic});
    rule.labels({{"application", "$$.deviceInfo.applicationName"},
                 {"device", "$$.deviceInfo.deviceName"},
                 {"dev_eui", "{dev_eui}"}})
        .labels_from("$$.deviceInfo.tags")
        .match("$.deviceInfo is mapping")
        .stale_after(25 * kHour)
        .time("$$.time");
    return rule;
}

Preset chirpstack() {
    const std::string family = "chirpstack";
    const std::string event = "application/{_}/device/{dev_eui}/event/";
    Preset preset{family, {}, {}};
    preset.rules.push_back(
        chirpstack_rule(event + "up").root("$.object").unit(lorawan_units()).go_on());
    preset.rules.push_back(
        chirpstack_rule(event + "up").add_value("$.fCnt", "f_cnt", "", "counter").go_on());
    RuleBuilder radio = chirpstack_rule(event + "up");
    radio
        .labels({{"application", "$$.deviceInfo.applicationName"},
                 {"device", "$$.deviceInfo.deviceName"},
                 {"dev_eui", "{dev_eui}"},
                 {"gateway", "$.gatewayId"}})
        .each("$.rxInfo[*]")
        .add_value("$.rssi", "rssi", "dBm")
        .add_value("$.snr", "snr", "dB");
    preset.rules.push_back(radio);
    preset.rules.push_back(chirpstack_rule(event + "status")
                               .add_value("$.margin", "margin", "dB")
                               .add_value("$.batteryLevel", "battery_level", "%"));
    preset.rules.push_back(RuleBuilder(family,
                                       {event + "{_=join|ack|log|txack|location|integration}",
                                        "application/{_}/device/{_}/command/#"})
                               .drop());
    preset.rules.push_back(
        RuleBuilder(family, {"{_}/gateway/{_}/{_=event|command|state}/{_}"}).drop());
    return preset;
}

}  // namespace

std::vector<Preset> radio_presets() {
    return {rtl_433(), omg_theengs(), ble_thermo(), meshtastic(), ttn_v3(), chirpstack()};
}

}  // namespace cistern::collector
