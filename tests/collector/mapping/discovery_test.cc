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
    EXPECT_EQ(mapper.samples(), Lines({R"(available{device="th"} 0)", "bridge_available 1"}))
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
