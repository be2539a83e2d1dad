// SPDX-License-Identifier: MIT
#include "config/rule_settings.h"

#include <gtest/gtest.h>

namespace cistern::config {
namespace {

struct Read {
    collector::MappingOptions options;
    Problems problems;
};

Read read(std::string_view text) {
    Read result;
    const auto document = parse_toml(text);
    EXPECT_TRUE(document.has_value()) << document.error().message;
    TableReader root(*document, "engine.toml", "", result.problems);
    read_mapping_settings(root, result.options);
    root.finish();
    return result;
}

TEST(RuleSettings, ReadsCapturesLabelsUnitsAndTheChangeFilter) {
    const auto result = read(R"(
[[rule]]
name = "garden"
topic = "garden/{bed}/{metric}"
qos = 1
metric = "garden_{metric}"
labels = { bed = "{bed}" }
unit = { soil_moisture = "%", temperature = "°C" }
on_change = { deadband = "5%", max_gap = "10m" }
)");
    ASSERT_TRUE(result.problems.empty()) << result.problems[0].to_string();
    const auto& rule = result.options.rules.at(0);
    EXPECT_EQ(rule.topics, std::vector<std::string>{"garden/{bed}/{metric}"});
    EXPECT_EQ(rule.unit.size(), 2U);
    ASSERT_TRUE(rule.on_change.has_value());
    EXPECT_TRUE(rule.on_change->percent);
    EXPECT_DOUBLE_EQ(rule.on_change->deadband, 5);
    EXPECT_EQ(rule.on_change->max_gap_ns, 600'000'000'000);
}

TEST(RuleSettings, ReadsValuesWithPathsScalesAndMaps) {
    const auto result = read(R"(
[[rule]]
name = "heatpump"
topic = "hp/{site}/status"
decode = "json"
timestamp = { field = "$.meta.ts", format = "unix_ms" }
  [[rule.value]]
  path = "$.energy.total_wh"
  metric = "energy_total"
  scale = 0.001
  unit = "kWh"
  type = "counter"
  [[rule.value]]
  path = "$.mode"
  map = { off = 0, heat = 1 }
  on_unmapped = "drop"
)");
    ASSERT_TRUE(result.problems.empty()) << result.problems[0].to_string();
    const auto& rule = result.options.rules.at(0);
    ASSERT_EQ(rule.values.size(), 2U);
    EXPECT_DOUBLE_EQ(rule.values[0].scale, 0.001);
    EXPECT_EQ(rule.values[1].map.size(), 2U);
    EXPECT_EQ(rule.values[1].on_unmapped, collector::OnUnmapped::Drop);
    EXPECT_EQ(rule.timestamp->format, "unix_ms");
}

TEST(RuleSettings, TellsAPathNamedValueFromTheTablesOfThatName) {
    const auto result = read(R"(
[[rule]]
topic = "kesy"
each = "$.values[*]"
metric = "{$.id|snake}"
value = "$.v"
when = "$.q == true"
late = "drop"
stale_after = "never"
)");
    ASSERT_TRUE(result.problems.empty()) << result.problems[0].to_string();
    const auto& rule = result.options.rules.at(0);
    EXPECT_EQ(rule.value, "$.v");
    EXPECT_EQ(rule.late, collector::LatePolicy::Drop);
    EXPECT_EQ(rule.stale_after_ns, collector::kStaleAfterNever);
}

TEST(RuleSettings, ReadsFlattenScalarBinaryAndRaw) {
    const auto result = read(R"(
[[rule]]
topic = ["tele/{device}/SENSOR", "{device}/tele/SENSOR"]
flatten = { key_label = ["sensor"], prefix_instead = ["ENERGY"], sentinel = { "tC" = [999] } }
scalar = { units = true, map = { RUN = 1, STOP = 0 }, decimal = "," }
raw = { keep = "7d", max = "512MiB" }
continue = true
[[rule]]
topic = "lora/{dev}/raw"
decode = { binary = [ {name="temperature", type="i16be", scale=0.01}, {name="battery", type="u16be", offset_at=4} ] }
)");
    ASSERT_TRUE(result.problems.empty()) << result.problems[0].to_string();
    const auto& flat = result.options.rules.at(0);
    EXPECT_EQ(flat.flatten->sentinel.at(0).second, std::vector<double>{999});
    EXPECT_EQ(flat.scalar.decimal, ',');
    EXPECT_EQ(flat.raw->max_bytes, 512U << 20);
    EXPECT_TRUE(flat.continue_after);
    const auto& binary = result.options.rules.at(1).decode;
    EXPECT_EQ(binary.name, "binary");
    EXPECT_EQ(binary.binary.at(1).offset_at, 4);
}

TEST(RuleSettings, ReadsKeyPatternsLabelsFromThePayloadAndDates) {
    const auto result = read(R"(
[[rule]]
topic = "stat/{device}/RESULT"
labels_from = "$.tags"
dates = "epoch"
flatten = { key_patterns = { "POWER{channel}" = "power_state" } }
)");
    ASSERT_TRUE(result.problems.empty()) << result.problems[0].to_string();
    const auto& rule = result.options.rules.at(0);
    EXPECT_EQ(rule.labels_from, "$.tags");
    EXPECT_TRUE(rule.epoch_dates);
    EXPECT_EQ(rule.flatten->key_patterns.at(0).second, "power_state");
}

TEST(RuleSettings, ReadsSparkplugDiscoveryIgnoresAndTests) {
    const auto result = read(R"(
[[ignore]]
topic = ["+/+/set"]
[[sparkplug]]
groups = ["Plant1"]
rebirth = "auto"
[[ha_discovery]]
prefix = "ha"
components = ["sensor"]
[[test]]
topic = "a"
payload = "1"
expect = ['main/a 1']
)");
    ASSERT_TRUE(result.problems.empty()) << result.problems[0].to_string();
    EXPECT_TRUE(result.options.sparkplug.at(0).rebirth);
    EXPECT_EQ(result.options.ha_discovery.prefix, "ha");
    EXPECT_EQ(result.options.tests.at(0).expect.size(), 1U);
}

TEST(RuleSettings, ReportsEveryProblemAtOnceWithItsPlace) {
    const auto result = read(R"([[rule]]
name = "a"
qos = 3
labels = { x = 1 }
scael = 2
)");
    std::vector<std::string> lines;
    for (const Problem& problem : result.problems) {
        lines.push_back(problem.to_string());
    }
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(
        lines[0],
        "engine.toml:1: rule[0].topic: is missing (for example topic = \"garden/{bed}/{metric}\")");
    EXPECT_EQ(lines[1], "engine.toml:3: rule[0].qos: 3 is outside 0 .. 2");
    EXPECT_EQ(lines[2], "engine.toml:4: rule[0].labels: 'x' must be a string");
    EXPECT_EQ(lines[3], "engine.toml:5: rule[0].scael: unknown key (did you mean 'scale'?)");
}

TEST(RuleSettings, KeepsTheOrderOfAnInlineTable) {
    const auto result =
        read("[[rule]]\ntopic = \"a\"\nunit = { zeta = \"V\", alpha = \"A\", \"*\" = \"W\" }\n");
    ASSERT_TRUE(result.problems.empty());
    const auto& unit = result.options.rules.at(0).unit;
    ASSERT_EQ(unit.size(), 3U);
    EXPECT_EQ(unit[0].first, "zeta");
    EXPECT_EQ(unit[2].first, "*");
    EXPECT_EQ(result.options.rules.at(0).line, 1U);
}

TEST(RuleSettings, RefusesWhatCouldNeverWork) {
    const std::pair<const char*, const char*> bad[] = {
        {"[[rule]]\ntopic = \"a\"\ntimestamp = { format = \"unix\" }\n", "timestamp.field"},
        {"[[rule]]\ntopic = \"a\"\non_change = { deadband = -1 }\n", "from 0 on"},
        {"[[test]]\ntopic = \"a\"\npayload = \"1\"\n", "expect"},
        {"[ha_discovery]\nlabels = [\"devic\"]\n", "did you mean 'device'?"},
        {"[ha_discovery]\ncomponents = [\"sensr\"]\n", "did you mean 'sensor'?"}};
    for (const auto& [text, told] : bad) {
        const auto result = read(text);
        ASSERT_EQ(result.problems.size(), 1U) << text;
        EXPECT_NE(result.problems[0].to_string().find(told), std::string::npos)
            << result.problems[0].to_string();
        EXPECT_GT(result.problems[0].line, 0U);
    }
}

}  // namespace
}  // namespace cistern::config
