// SPDX-License-Identifier: MIT
// The generic mapper, limits, keys and memory.
#include "collector/mapping/explain.h"
#include "collector/mapping/presets.h"
#include "collector/mapping/rule_toml.h"
#include "tests/collector/mapping/mapping_support.h"

namespace cistern::collector::test {
namespace {

TEST(GenericMapper, NamesNumbersAfterTheirTopicOrKey) {
    MapperUnderTest mapper;
    EXPECT_EQ(mapper.send("hall/lamp/level", "21.5 °C").samples(),
              Lines({R"(level{path="hall/lamp"} 21.5 °C)"}));
    EXPECT_EQ(mapper.send("hall/lamp", R"({"a":{"bC":1},"on":true,"t":"x"})").samples(),
              Lines({R"(a_b_c{path="hall/lamp"} 1)", R"(on{path="hall/lamp"} 1)"}));
    EXPECT_EQ(mapper.texts(), Lines({R"(t{path="hall/lamp"}=x)"}));
}

TEST(GenericMapper, TellsApartKeysThatBecomeTheSameName) {
    MapperUnderTest mapper;
    mapper.send("x", R"({"Temp":1,"temp":2})");
    EXPECT_EQ(mapper.samples(),
              Lines({R"(temp{field="temp", path="x"} 2)", R"(temp{path="x"} 1)"}));
    EXPECT_EQ(mapper.send("x", R"({"Temp":3,"temp":4})").samples(),
              Lines({R"(temp{field="temp", path="x"} 4)", R"(temp{path="x"} 3)"}));
    EXPECT_EQ(mapper.send("y", R"({"温度":21})").samples(),
              Lines({R"(value{field="温度", path="y"} 21)"}));
}

TEST(GenericMapper, LabelsElementsOfArraysAndNumberedKeys) {
    MapperUnderTest mapper;
    EXPECT_EQ(mapper.send("s", R"({"0":{"t":1},"1":{"t":2}})").samples(),
              Lines({R"(t{index="0", path="s"} 1)", R"(t{index="1", path="s"} 2)"}));
    EXPECT_EQ(mapper.send("a", R"([{"id":7,"t":1},{"t":2}])").samples(),
              Lines({R"(t{id="7", path="a"} 1)", R"(t{index="1", path="a"} 2)"}));
    EXPECT_EQ(mapper.send("m", "[[1,2],[3]]").samples(),
              Lines({R"(m{index="0", index_2="0"} 1)",
                     R"(m{index="0", index_2="1"} 2)",
                     R"(m{index="1", index_2="0"} 3)"}));
}

TEST(GenericMapper, MarksTopicsThatSayUnavailableAsStale) {
    MapperUnderTest mapper;
    mapper.send("s/t", "unavailable");
    EXPECT_EQ(mapper.stale(), Lines({R"(t{path="s"})"}));
    EXPECT_EQ(mapper.send("s/t", "offline").samples(), Lines());
    EXPECT_EQ(mapper.send("my/thing/lwt/state", "offline").samples(),
              Lines({R"(state{path="my/thing/lwt"} 0)"}));
}

TEST(Mapper, KeepsTheKeyOfASeriesFromMessageToMessage) {
    MapperUnderTest mapper;
    const SeriesKey first = mapper.send("a/b", "1").mapped().samples[0].series;
    EXPECT_EQ(mapper.send("a/c", "1").mapped().samples[0].series == first, false);
    EXPECT_EQ(mapper.send("a/b", "2").mapped().samples[0].series, first);
    EXPECT_EQ(mapper.describe(first).labels.to_string(), R"(b{path="a"})");
}

TEST(Mapper, ForgetsTheTopicsThatWereUsedLeast) {
    MappingOptions options;
    options.defaults.limits.known_topics = 100;
    MapperUnderTest mapper(options);
    const SeriesKey kept = mapper.send("keep/me", "1").mapped().samples[0].series;
    SeriesKey gone;
    for (int i = 0; i < 5000; ++i) {
        gone = mapper.send("t/n" + std::to_string(i % 1000) + "/v", "1").mapped().samples[0].series;
        mapper.send("keep/me", "2");
    }
    EXPECT_LE(mapper.mapper().usage().topics, 100U);
    EXPECT_LE(mapper.mapper().usage().series, 100U);
    EXPECT_EQ(mapper.send("keep/me", "3").mapped().samples[0].series, kept);
    for (int i = 0; i < 300; ++i) {
        mapper.send("u/n" + std::to_string(i) + "/v", "1");
    }
    MappedSeries series;
    EXPECT_FALSE(mapper.mapper().describe(gone, series));
}

TEST(Mapper, RefusesRandomNamesWithoutEnd) {
    MapperUnderTest mapper;
    size_t stored = 0;
    for (int i = 0; i < 2000; ++i) {
        stored +=
            mapper.send(fmt::format("e/new/{:08x}-1b4e-4c2f-9d3a-0123456789ab", i * 7919), "1")
                .samples()
                .size();
    }
    EXPECT_LE(stored, 300U);
    EXPECT_EQ(mapper.mapped().dropped.at(0).reason, "random_topic");
    EXPECT_EQ(mapper.send("e/other", "1").samples().size(), 1U);
}

TEST(Mapper, DropsWhatIsNoMeasurementAndSaysWhy) {
    MapperUnderTest mapper;
    const auto reason = [&](const std::string& topic, const std::string& payload) {
        mapper.send(topic, payload);
        return mapper.mapped().dropped.empty() ? std::string()
                                               : std::string(mapper.mapped().dropped[0].reason);
    };
    EXPECT_EQ(reason("a", std::string(300 << 10, 'x')), "oversize");
    EXPECT_EQ(reason("a", "{'t': 1}"), "decode_error");
    EXPECT_EQ(reason("a", std::string(2000, '[') + std::string(2000, ']')), "too_deep");
    EXPECT_EQ(reason("a", std::string("\xff\xd8\xff\xe0 jpeg", 9)), "binary_undecoded");
    EXPECT_EQ(reason("a", std::string("\x01\x02\x03", 3)), "binary_undecoded");
    EXPECT_EQ(reason("a\xff", "1"), "bad_topic");
    EXPECT_EQ(reason(std::string("a\0b", 3), "1"), "bad_topic");
    EXPECT_EQ(reason(std::string(65535, 'a'), "1"), "topic_too_long");
    EXPECT_EQ(reason("a", "inf"), "not_finite");
    EXPECT_EQ(reason("a", ""), "absent");
    EXPECT_EQ(reason("$unknown/x", "1"), "unmatched");
}

TEST(Mapper, TakesNoneOfAMessageWithTooManyFields) {
    MapperUnderTest mapper;
    std::string payload = "{\"k\":0";
    for (int i = 0; i < 600; ++i) {
        payload += fmt::format(",\"k{}\":{}", i, i);
    }
    mapper.send("many", payload + "}");
    EXPECT_TRUE(mapper.samples().empty());
    EXPECT_EQ(mapper.dropped(), Lines({"too_many_fields"}));
}

TEST(Mapper, SubscribesToWhatItsRulesNeed) {
    MappingOptions options;
    EXPECT_EQ(MapperUnderTest(options).mapper().topic_filters().at(0).filter.empty(), false);
    options.generic = false;
    options.presets = {};
    options.sparkplug = {};
    options.ha_discovery.enabled = false;
    options.rules = {rule("a", {"a/{x}"}), rule("b", {"a/b"}), rule("c", {"c/{y...}/z"})};
    options.rules[1].qos = 2;
    MapperUnderTest mapper(options);
    std::vector<std::string> filters;
    for (const TopicFilter& one : mapper.mapper().topic_filters()) {
        filters.push_back(fmt::format("{} {}", one.filter, one.qos));
    }
    EXPECT_EQ(filters, Lines({"a/+ 1", "a/b 2", "c/# 1"}));
}

TEST(Mapper, RemembersDiscoveryAndUnitsOverARestart) {
    MapperUnderTest before;
    before.send("homeassistant/sensor/d/config",
                R"({"stat_t":"d/s","dev_cla":"power","unit_of_meas":"W","uniq_id":"d1"})");
    before.send("homie/car/engine/speed/$unit", "km/h");
    const std::string state = before.mapper().save_state();
    MapperUnderTest after;
    EXPECT_TRUE(after.mapper().restore_state(state).has_value());
    EXPECT_EQ(after.send("d/s", "7").samples(),
              Lines({R"(power{entity="d", unique_id="d1"} 7 W)"}));
    EXPECT_EQ(after.send("homie/car/engine/speed", "7").samples(),
              Lines({R"(speed{device="car", node="engine"} 7 km/h)"}));
    EXPECT_FALSE(after.mapper().restore_state("{}").has_value());
    EXPECT_FALSE(after.mapper().restore_state("nonsense").has_value());
}

TEST(Presets, AreShownAsRulesThatCanBeCopied) {
    for (const Preset& preset : all_presets()) {
        EXPECT_NE(preset_to_toml(preset.family).find("[[rule]]"), std::string::npos)
            << preset.family;
    }
    EXPECT_TRUE(preset_to_toml("nonsense").empty());
}

TEST(Presets, CanBeLeftOutAndOverridden) {
    MappingOptions options;
    options.presets = {"auto", "-zigbee2mqtt"};
    EXPECT_EQ(MapperUnderTest(options).send("zigbee2mqtt/t", R"({"temperature":1})").mapped().rule,
              "generic");
    options.presets = {"auto"};
    options.rules = {rule("mine", {"zigbee2mqtt/{room}_{what}"})};
    options.rules[0].labels = {{"room", "{room}"}};
    EXPECT_EQ(
        MapperUnderTest(options).send("zigbee2mqtt/hall_th", R"({"temperature":1})").samples(),
        Lines({R"(temperature{room="hall"} 1)"}));
}

TEST(Explain, ReadsLinesAndPrintsJson) {
    auto input = parse_explain_line(
        R"({"topic":"a/b","payload_b64":"MjEuNQ==","retain":true,"rx_ts_ms":1767225600000.5})", 0);
    ASSERT_TRUE(input.has_value());
    EXPECT_EQ(input->payload, "21.5");
    EXPECT_EQ(input->received_ns, 1767225600000500000);
    MapperUnderTest mapper;
    MappedMessage mapped;
    mapper.mapper().map(input->message(), false, mapped);
    EXPECT_EQ(
        explain_json(*input, mapped, mapper.mapper()),
        R"({"topic":"a/b","rule":"generic","samples":[{"metric":"b","labels":{"path":"a"},"value":21.5,"ts_ms":1767225600000.5}]})");
    EXPECT_NE(explain_text(*input, mapped, mapper.mapper()).find("b{path=\"a\"}"),
              std::string::npos);
}

TEST(Explain, SaysWhatIsWrongWithALine) {
    for (const char* line : {"",
                             "[]",
                             "{}",
                             R"({"topic":1})",
                             R"({"topic":"a"})",
                             R"({"topic":"a","payload_b64":"!"})"}) {
        EXPECT_FALSE(parse_explain_line(line, 0).has_value()) << line;
    }
}

}  // namespace
}  // namespace cistern::collector::test
