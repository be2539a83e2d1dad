// SPDX-License-Identifier: MIT
#include "tests/collector/mapping/mapping_support.h"

namespace cistern::collector::test {
namespace {

TEST(Discovery, NamesAThermostatsValues) {
    MapperUnderTest mapper;
    mapper.send(
        "homeassistant/climate/hall/config",
        R"({"name":"Hall","~":"trv/hall","curr_temp_t":"~","curr_temp_tpl":"{{ value_json.t }}",
                    "temp_stat_t":"~","temp_stat_tpl":"{{ value_json.set }}","act_t":"~","act_tpl":"{{ value_json.act }}",
                    "uniq_id":"h1","dev":{"ids":["x"],"name":"Hall TRV"}})");
    mapper.send("trv/hall", R"({"t":20.5,"set":21,"act":"heating"})");
    EXPECT_EQ(
        mapper.samples(),
        Lines({R"(current_temperature{device="Hall TRV", entity="hall", unique_id="h1"} 20.5 °C)",
               R"(target_temperature{device="Hall TRV", entity="hall", unique_id="h1"} 21 °C)"}));
    EXPECT_EQ(mapper.texts(),
              Lines({R"(action{device="Hall TRV", entity="hall", unique_id="h1"}=heating)"}));
}

TEST(Discovery, ReadsLightsOfEverySchema) {
    MapperUnderTest mapper;
    mapper.send("homeassistant/light/a/config",
                R"({"schema":"json","brightness":true,"stat_t":"l/a","uniq_id":"a"})");
    mapper.send(
        "l/a",
        R"({"state":"ON","brightness":128,"color_temp":300,"color":{"x":0.4},"effect":"sun"})");
    EXPECT_EQ(mapper.samples(),
              Lines({R"(a{entity="a", unique_id="a"} 1)",
                     R"(brightness{entity="a", unique_id="a"} 128)",
                     R"(color_temp{entity="a", unique_id="a"} 300 mired)",
                     R"(color_x{entity="a", unique_id="a"} 0.4)"}));
    EXPECT_EQ(mapper.texts(), Lines({R"(effect{entity="a", unique_id="a"}=sun)"}));
    EXPECT_EQ(mapper.send("l/a", R"({"state":"OFF"})").samples(),
              Lines({R"(a{entity="a", unique_id="a"} 0)"}));
    EXPECT_TRUE(mapper.mapped().dropped.empty()) << "what a light does not say is no fault";

    mapper.send(
        "homeassistant/light/b/config",
        R"({"schema":"template","stat_t":"l/b","stat_tpl":"{{ value.split(',')[0] }}","bri_tpl":"{{ value.split(',')[1] }}"})");
    EXPECT_EQ(mapper.send("l/b", "on,120").samples(),
              Lines({R"(brightness{entity="b"} 120)", R"(b{entity="b"} 1)"}));

    mapper.send(
        "homeassistant/light/c/config",
        R"({"stat_t":"l/c/s","clr_temp_stat_t":"l/c/t","clr_temp_k":true,"fx_stat_t":"l/c/fx"})");
    EXPECT_EQ(mapper.send("l/c/t", "2700").samples(), Lines({R"(color_temp{entity="c"} 2700 K)"}));
    EXPECT_EQ(mapper.send("l/c/fx", "off").texts(), Lines({R"(effect{entity="c"}=off)"}));
}

TEST(Discovery, LeavesTheOtherFieldsOfAJsonLightToItsPreset) {
    MapperUnderTest mapper;
    mapper.send("homeassistant/light/a/config",
                R"({"schema":"json","stat_t":"zigbee2mqtt/a","uniq_id":"a"})");
    mapper.send("zigbee2mqtt/a", R"({"state":"ON","brightness":9,"linkquality":80})");
    EXPECT_EQ(mapper.samples(),
              Lines({R"(a{entity="a", unique_id="a"} 1)",
                     R"(brightness{entity="a", unique_id="a"} 9)",
                     R"(linkquality{device="a"} 80 lqi)"}));
}

TEST(Discovery, KeepsModesAsTextAndThermostatsSecondTargets) {
    MapperUnderTest mapper;
    mapper.send("homeassistant/climate/c/config",
                R"({"~":"c","mode_stat_t":"~/mode","temp_hi_stat_t":"~/hi","temp_lo_stat_t":"~/lo",
                    "fan_mode_stat_t":"~/fan","hum_stat_t":"~/hum","temp_unit":"F"})");
    EXPECT_EQ(mapper.send("c/mode", "heat").texts(), Lines({R"(mode{entity="c"}=heat)"}));
    EXPECT_EQ(mapper.send("c/mode", "off").texts(), Lines({R"(mode{entity="c"}=off)"}));
    EXPECT_TRUE(mapper.samples().empty()) << "off is a mode among others, not 0";
    EXPECT_EQ(mapper.send("c/hi", "75").samples(),
              Lines({R"(target_temperature_high{entity="c"} 75 °F)"}));
    EXPECT_EQ(mapper.send("c/lo", "65").samples(),
              Lines({R"(target_temperature_low{entity="c"} 65 °F)"}));
    EXPECT_EQ(mapper.send("c/hum", "45").samples(), Lines({R"(target_humidity{entity="c"} 45 %)"}));
    EXPECT_EQ(mapper.send("c/fan", "auto").texts(), Lines({R"(fan_mode{entity="c"}=auto)"}));
}

TEST(Discovery, ReadsCoversValvesFansAndLocks) {
    MapperUnderTest mapper;
    mapper.send("homeassistant/cover/c/config",
                R"({"stat_t":"c/s","pos_t":"c/p","pos_open":255,"tilt_status_t":"c/t"})");
    EXPECT_EQ(mapper.send("c/s", "open").samples(), Lines({R"(c{entity="c"} 1)"}));
    EXPECT_EQ(mapper.send("c/s", "opening").texts(), Lines({R"(c{entity="c"}=opening)"}));
    EXPECT_EQ(mapper.send("c/p", "51").samples(), Lines({R"(position{entity="c"} 20 %)"}));
    EXPECT_EQ(mapper.send("c/p", R"({"position":255})").samples(),
              Lines({R"(position{entity="c"} 100 %)"}));
    EXPECT_EQ(mapper.send("c/t", "10").samples(), Lines({R"(tilt_position{entity="c"} 10 %)"}));
    mapper.send("homeassistant/valve/v/config", R"({"stat_t":"v","pos":true})");
    EXPECT_EQ(mapper.send("v", R"({"state":"opening","position":40})").samples(),
              Lines({R"(position{entity="v"} 40 %)"}));
    mapper.send("homeassistant/fan/f/config",
                R"({"pct_stat_t":"f/p","spd_rng_max":10,"osc_stat_t":"f/o"})");
    EXPECT_EQ(mapper.send("f/p", "7").samples(), Lines({R"(percentage{entity="f"} 70 %)"}));
    EXPECT_EQ(mapper.send("f/o", "oscillate_off").samples(),
              Lines({R"(oscillation{entity="f"} 0)"}));
    mapper.send("homeassistant/lock/k/config", R"({"stat_t":"k"})");
    EXPECT_EQ(mapper.send("k", "LOCKED").samples(), Lines({R"(k{entity="k"} 1)"}));
    EXPECT_EQ(mapper.send("k", "JAMMED").texts(), Lines({R"(k{entity="k"}=JAMMED)"}));
}

TEST(Discovery, ReadsVacuumsAndTrackers) {
    MapperUnderTest mapper;
    mapper.send("homeassistant/vacuum/r/config", R"({"stat_t":"r"})");
    mapper.send("r", R"({"state":"docked","battery_level":61})");
    EXPECT_EQ(mapper.samples(), Lines({R"(battery_level{entity="r"} 61 %)"}));
    EXPECT_EQ(mapper.texts(), Lines({R"(r{entity="r"}=docked)"}));
    mapper.send(
        "homeassistant/device_tracker/t/config",
        R"({"stat_t":"t/s","json_attr_t":"t/a","json_attr_tpl":"{{ value_json.gps | tojson }}","pl_home":"in"})");
    EXPECT_EQ(mapper.send("t/s", "in").samples(), Lines({R"(t{entity="t"} 1)"}));
    EXPECT_EQ(mapper.send("t/a", R"({"gps":{"latitude":52.1,"longitude":4.9}})").samples(),
              Lines({R"(latitude{entity="t"} 52.1 °)", R"(longitude{entity="t"} 4.9 °)"}));
}

TEST(Discovery, TakesTextComponentsOnlyWhereAskedTo) {
    constexpr char kSelect[] = R"({"stat_t":"s/state","uniq_id":"s"})";
    MapperUnderTest mapper;
    mapper.send("homeassistant/select/s/config", kSelect);
    EXPECT_EQ(mapper.send("s/state", "Auto").mapped().rule, "generic");
    MappingOptions options;
    options.ha_discovery.components = {"select"};
    MapperUnderTest asked(options);
    asked.send("homeassistant/select/s/config", kSelect);
    EXPECT_EQ(asked.send("s/state", "Auto").texts(),
              Lines({R"(s{entity="s", unique_id="s"}=Auto)"}));
}

TEST(Discovery, NamesAListOfWordsAfterItsObject) {
    MapperUnderTest mapper;
    mapper.send("homeassistant/sensor/status/config",
                R"({"stat_t":"p/s","dev_cla":"enum","ops":["off","standby"]})");
    EXPECT_EQ(mapper.send("p/s", "off").texts(), Lines({R"(status{entity="status"}=off)"}));
}

TEST(Discovery, RemovesAComponentOfADevice) {
    MapperUnderTest mapper;
    mapper.send(
        "homeassistant/device/d/config",
        R"({"dev":{"ids":"d"},"stat_t":"d/s","cmps":{"t":{"p":"sensor","val_tpl":"{{ value_json.t }}"},"h":{"p":"sensor"}}})");
    EXPECT_EQ(mapper.send("d/s", R"({"t":1})").samples(),
              Lines({R"(t{device="d", entity="t"} 1)"}));
    EXPECT_TRUE(mapper.mapped().dropped.empty());
}

TEST(Discovery, LeavesTheRestOfAKnownFamilyToItsPreset) {
    MapperUnderTest mapper;
    mapper.send(
        "homeassistant/sensor/p/config",
        R"({"stat_t":"tele/p/SENSOR","val_tpl":"{{ value_json.ENERGY.Power }}","dev_cla":"power","uniq_id":"p1"})");
    mapper.send("tele/p/SENSOR", R"({"ENERGY":{"Power":5,"Voltage":230}})");
    EXPECT_EQ(
        mapper.samples(),
        Lines({R"(energy_voltage{device="p"} 230 V)", R"(power{entity="p", unique_id="p1"} 5)"}));
}

TEST(Discovery, EndsEverythingOfADeviceThatIsGone) {
    MapperUnderTest mapper;
    mapper.send(
        "homeassistant/sensor/p/config",
        R"({"stat_t":"tele/p/SENSOR","val_tpl":"{{ value_json.E }}","avty_t":"tele/p/LWT","pl_avail":"Online",
                    "pl_not_avail":"Offline","uniq_id":"p1","dev":{"ids":"x","name":"Plug"}})");
    mapper.send("tele/p/LWT", "Offline");
    EXPECT_EQ(mapper.samples(), Lines({R"(available{device="Plug"} 0)"}));
    EXPECT_EQ(mapper.stale(), Lines({R"({device="Plug"})", R"({device="p"})"}));
    EXPECT_EQ(mapper.send("tele/p/LWT", "Online").samples(),
              Lines({R"(available{device="Plug"} 1)"}));
}

TEST(Discovery, WaitsForAllTopicsWhereTheDeviceSaysSo) {
    MapperUnderTest mapper;
    mapper.send(
        "homeassistant/sensor/p/config",
        R"({"stat_t":"p/s","uniq_id":"p1","avty_mode":"all","avty":[{"t":"p/a"},{"t":"p/b","val_tpl":"{{ value_json.state }}"}]})");
    EXPECT_EQ(mapper.send("p/a", "offline").samples(),
              Lines({R"(available{entity="p", unique_id="p1"} 0)"}));
    EXPECT_EQ(mapper.send("p/b", R"({"state":"online"})").samples(),
              Lines({R"(available{entity="p", unique_id="p1"} 0)"}));
    EXPECT_EQ(mapper.send("p/a", "online").samples(),
              Lines({R"(available{entity="p", unique_id="p1"} 1)"}));
}

TEST(Discovery, ForgetsWhatAnEmptyMessageRemoves) {
    MapperUnderTest mapper;
    mapper.send("homeassistant/sensor/p/config",
                R"({"stat_t":"p/s","dev_cla":"power","uniq_id":"p1"})");
    EXPECT_EQ(mapper.send("p/s", "1").mapped().rule, "ha_discovery");
    mapper.send("homeassistant/sensor/p/config", "");
    EXPECT_EQ(mapper.send("p/s", "1").mapped().rule, "generic");
}

TEST(Discovery, TakesWhatExpiresAndWhatCounts) {
    MapperUnderTest mapper;
    mapper.send(
        "homeassistant/sensor/p/config",
        R"({"stat_t":"p/s","dev_cla":"energy","stat_cla":"total_increasing","exp_aft":60,"unit_of_meas":"kWh"})");
    mapper.send("p/s", "1");
    const MappedSeries series = mapper.describe(mapper.mapped().samples.at(0).series);
    EXPECT_EQ(series.type, "counter");
    EXPECT_EQ(series.stale_after_ns, 60'000'000'000);
    EXPECT_EQ(series.unit, "kWh");
}

TEST(Discovery, TellsAnUnsupportedTemplateInsteadOfGuessing) {
    MapperUnderTest mapper;
    mapper.send("homeassistant/sensor/p/config",
                R"({"stat_t":"p/s","val_tpl":"{{ states('x') }}"})");
    mapper.send("p/s", "1");
    EXPECT_TRUE(mapper.samples().empty());
    EXPECT_EQ(mapper.mapped().dropped.at(0).reason, "unsupported_template");
}

TEST(Discovery, SurvivesConfigurationsOfTheWrongShape) {
    MapperUnderTest mapper;
    for (const char* payload :
         {"[]",
          "1",
          "{",
          R"({"stat_t":5,"dev":7,"avty":[1,{"t":[]}],"val_tpl":{}})",
          R"({"cmps":{"a":1,"b":{"p":"sensor"}},"dev":[]})",
          R"({"~":1,"stat_t":"~"})",
          R"({"stat_t":"x","exp_aft":-1e300,"dev":{"ids":[1,2],"name":null}})"}) {
        mapper.send("homeassistant/sensor/p/config", payload);
        mapper.send("homeassistant/device/p/config", payload);
        EXPECT_TRUE(mapper.samples().empty()) << payload;
    }
}

TEST(Discovery, CanBeSwitchedOff) {
    MappingOptions options;
    options.ha_discovery.enabled = false;
    MapperUnderTest mapper(options);
    mapper.send("homeassistant/sensor/p/config", R"({"stat_t":"p/s","dev_cla":"power"})");
    EXPECT_EQ(mapper.send("p/s", "1").mapped().rule, "generic");
}

constexpr char kZigbeeConfig[] =
    R"({"stat_t":"zigbee2mqtt/th","val_tpl":"{{ value_json.temperature }}","dev_cla":"temperature","uniq_id":"z1",
        "avty_mode":"all","avty":[{"t":"zigbee2mqtt/bridge/state","val_tpl":"{{ value_json.state }}"},
        {"t":"zigbee2mqtt/th/availability","val_tpl":"{{ value_json.state }}"}],"dev":{"ids":["z"],"name":"th","mf":"Aqara"}})";

TEST(Discovery, SharesTheAvailabilitySeriesWithThePreset) {
    MapperUnderTest mapper;
    mapper.send("zigbee2mqtt/th/availability", R"({"state":"online"})");
    const Lines before = mapper.samples();
    mapper.send("homeassistant/sensor/z/config", kZigbeeConfig);
    mapper.send("zigbee2mqtt/bridge/state", R"({"state":"online"})");
    EXPECT_EQ(mapper.samples(), Lines({R"(available{device="th"} 1)", "bridge_available 1"}))
        << "the hub tells about itself as well";
    mapper.send("zigbee2mqtt/th/availability", R"({"state":"online"})");
    EXPECT_EQ(mapper.samples(), Lines({R"(available{device="th"} 1)"}));
    EXPECT_EQ(mapper.samples(), before);
    mapper.send("zigbee2mqtt/th/availability", R"({"state":"offline"})");
    EXPECT_EQ(mapper.stale(), Lines({R"({device="th"})"}));
}

TEST(Discovery, WithoutEnrichLeavesKnownFamiliesAlone) {
    MappingOptions options;
    options.ha_discovery.enrich = false;
    MapperUnderTest mapper(options);
    mapper.send("homeassistant/sensor/z/config", kZigbeeConfig);
    mapper.send("zigbee2mqtt/th", R"({"temperature":21.5})");
    EXPECT_EQ(mapper.samples(), Lines({R"(temperature{device="th"} 21.5 °C)"}));
    mapper.send("homeassistant/sensor/own/config",
                R"({"stat_t":"own/state","unit_of_meas":"W","dev_cla":"power","uniq_id":"o1"})");
    mapper.send("own/state", "5");
    EXPECT_EQ(mapper.samples(), Lines({R"(power{entity="own", unique_id="o1"} 5 W)"}));
}

}  // namespace
}  // namespace cistern::collector::test
