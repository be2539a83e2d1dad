// SPDX-License-Identifier: MIT
// What is suggested for a message is a rule that the settings take and whose own test holds.
#include "collector/mapping/rule_toml.h"
#include "config/check.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace cistern::collector::test {
namespace {

// The suggestion, once it has been checked as a settings file.
std::string checked(std::string_view topic, std::string_view payload) {
    std::string toml = suggest_rule(topic, payload);
    const cistern::test::TempFolder folder;
    const std::string file = folder.file("engine.toml");
    std::ofstream(file) << toml;
    const auto result = config::check_settings(posix_file_system(), file);
    EXPECT_TRUE(result.has_value());
    for (const config::Problem& problem : result->problems) {
        ADD_FAILURE() << topic << " " << payload << ": " << problem.to_string() << "\n" << toml;
    }
    return toml;
}

bool has(const std::string& toml, std::string_view part) {
    return toml.find(part) != std::string::npos;
}

TEST(SuggestRule, CapturesWhatTellsDevicesApart) {
    EXPECT_TRUE(
        has(checked("garden/bed1/soil_moisture", "43.1"), "topic = \"garden/{bed}/{metric}\""));
    EXPECT_TRUE(has(checked("acme/line7/press/temp", "21.5"),
                    "'temp{device=\"press\", line=\"line7\"} 21.5'"));
    EXPECT_TRUE(has(checked("home/kitchen/temperature/state", "21.5"),
                    "topic = \"home/{device}/{metric}/state\""));
    EXPECT_TRUE(has(checked("dev/3fa85f64-5717-4562-b3fc-2c963f66afa6/rssi", "-70"),
                    "topic = \"dev/{id}/{metric}\""));
    EXPECT_TRUE(has(checked("plant/press3/status", R"({"temperature":21.5,"mode":"run"})"),
                    "topic = \"plant/{press}/status\""));
    EXPECT_TRUE(has(checked("a/b1/b2/v", "1"), "{ b = \"{b}\", b2 = \"{b2}\" }"));
    EXPECT_TRUE(has(checked("device/4711/x/t", R"({"device":"d","v":1})"), "device"));
}

TEST(SuggestRule, NeverSuggestsAPatternThatTakesEverything) {
    EXPECT_TRUE(has(checked("24:0A:C4:11:22:33/temp", "5"), "topic = \"{id}/temp\""));
    EXPECT_TRUE(has(checked("24:0A:C4:11:22:33", R"({"a":1})"), "topic = \"24:0A:C4:11:22:33\""));
    EXPECT_TRUE(has(checked("x", "5"), "topic = \"x\""));
}

TEST(SuggestRule, GuessesUsualUnitsButNotWhereTheyAreTold) {
    const std::string json =
        checked("x/y", R"({"outdoor_temperature":1,"power":{"value":5,"unit":"kW"}})");
    EXPECT_TRUE(has(json, "outdoor_temperature = \"°C\"")) << json;
    EXPECT_FALSE(has(json, "= \"W\"")) << json;
    EXPECT_FALSE(has(checked("x/y/temperature", "70 °F"), "unit")) << "the payload says its unit";
}

TEST(SuggestRule, FindsTheFormatThatReadsThePayload) {
    EXPECT_TRUE(has(checked("log/st1", "T=21.5 H=40"), "pair_separator = \" \""));
    EXPECT_TRUE(has(checked("log/st1", "a=1&b=2"), "decode = \"key_value\""));
    EXPECT_TRUE(has(checked("log/st1", "weather,loc=x temp=5"), "decode = \"influx\""));
    EXPECT_TRUE(
        has(checked("log/st1", "# TYPE a gauge\na{x=\"1\"} 5\n"), "decode = \"prometheus\""));
    EXPECT_TRUE(has(checked("log/st1", "21.5,48,3"), "decode = \"list\""));
    EXPECT_TRUE(has(checked("log/st1", std::string("\xa1\x61\x61\x01", 4)), "decode = \"cbor\""));
    EXPECT_TRUE(has(checked("log/st1", std::string("\x01\xff\xfe", 3)), "binary"));
    EXPECT_TRUE(has(checked("Haus/Küche/Temperatur", "21,5"), "decimal = \",\""));
}

TEST(SuggestRule, TakesIdentitiesAndElementsFromThePayload) {
    const std::string radio = checked("rtl/x", R"({"id":12,"model":"WH2","temperature_C":5})");
    EXPECT_TRUE(has(radio, "id = \"{$.id}\", model = \"{$.model}\"")) << radio;
    EXPECT_FALSE(has(radio, "'id{")) << "a number that is an identity is no sample";
    const std::string list =
        checked("k/v", R"({"values":[{"id":"L1.T","v":1,"t":1767225585134},{"id":"L1.P","v":2}]})");
    EXPECT_TRUE(has(list, "each = \"$.values[*]\"")) << list;
    EXPECT_TRUE(has(list, "'l1_p{device=\"v\"} 2'")) << list;
}

TEST(SuggestRule, WritesValidTomlOfAnyMessage) {
    const std::pair<std::string, std::string> messages[] = {
        {"o'neil/kitchen/t", "5"},
        {"we/said", "it's \"so\"\nand ''' so"},
        {"a/{b}/c", "5"},
        {"a//b", "5"},
        {"/a/b/", "5"},
        {"a b/c d/e f", "\\d \t"},
        {"x/y", ""},
        {"x/y", "idle"},
        {"x/y", "\"5\""},
        {"x/y", "{broken"},
        {"x/y", R"({"a b":{"c.d":[1,2]},"":3,"'":4})"},
        {"metric/metric/metric", "5"},
        {"device/device/device", R"({"device":"x","id":1})"},
        {std::string(200, '/'), "1"},
        {"\xc3\xa4/\xe6\xb8\xa9/v", "1"}};
    for (const auto& [topic, payload] : messages) {
        EXPECT_FALSE(checked(topic, payload).empty());
    }
}

}  // namespace
}  // namespace cistern::collector::test
