// SPDX-License-Identifier: MIT
#include "collector/mapping/topic_pattern.h"

#include <gtest/gtest.h>

namespace cistern::collector {
namespace {

// "name=value;…", or "no" when it does not match.
std::string match(std::string_view pattern, std::string_view topic) {
    const auto parsed = TopicPattern::parse(pattern);
    EXPECT_TRUE(parsed.has_value()) << pattern;
    std::vector<Capture> captures;
    if (!parsed->match(TopicLevels(topic), captures)) {
        return "no";
    }
    std::string out;
    for (size_t i = 0; i < captures.size(); ++i) {
        out += parsed->names()[i] + "=" + std::string(captures[i].of(topic)) + ";";
    }
    return out;
}

TEST(TopicPattern, CapturesLevelsByName) {
    EXPECT_EQ(match("garden/{bed}/{metric}", "garden/bed1/moisture"), "bed=bed1;metric=moisture;");
    EXPECT_EQ(match("garden/{bed}/{metric}", "garden/bed1"), "no");
    EXPECT_EQ(match("garden/{bed}/{metric}", "garden/bed1/a/b"), "no");
    EXPECT_EQ(match("a/{x}/b", "a//b"), "x=;");
}

TEST(TopicPattern, TakesSeveralLevelsAtTheEndOrInTheMiddle) {
    EXPECT_EQ(match("plant/{path...}", "plant/a/b/c"), "path=a/b/c;");
    EXPECT_EQ(match("plant/{path...}", "plant"), "no");
    EXPECT_EQ(match("z/{device...}/availability", "z/up/stairs/availability"), "device=up/stairs;");
    EXPECT_EQ(match("{base...}/status/{c}:{n}", "my/plug/status/switch:0"),
              "base=my/plug;c=switch;n=0;");
}

TEST(TopicPattern, KnowsMqttWildcards) {
    EXPECT_EQ(match("a/+/c", "a/b/c"), "");
    EXPECT_EQ(match("a/#", "a"), "");
    EXPECT_EQ(match("a/#", "a/b/c"), "");
    EXPECT_EQ(match("#", "$SYS/broker"), "no");
    EXPECT_EQ(match("+/broker", "$SYS/broker"), "no");
    EXPECT_EQ(match("$SYS/#", "$SYS/broker"), "");
}

TEST(TopicPattern, MixesTextAndCapturesWithinALevel) {
    EXPECT_EQ(match("ems/{device}_data", "ems/boiler_data"), "device=boiler;");
    EXPECT_EQ(match("s/POWER{n=\\d}", "s/POWER12"), "n=12;");
    EXPECT_EQ(match("s/POWER{n=\\d}", "s/POWER"), "no");
    EXPECT_EQ(match("s/POWER{n=\\d}", "s/POWERx"), "no");
    EXPECT_EQ(match("v3/{app}@{tenant}/up", "v3/a1@ttn/up"), "app=a1;tenant=ttn;");
}

TEST(TopicPattern, TakesOnlyTheWordsGiven) {
    EXPECT_EQ(match("x/{kind=sensor|switch}/state", "x/switch/state"), "kind=switch;");
    EXPECT_EQ(match("x/{kind=sensor|switch}/state", "x/light/state"), "no");
}

TEST(TopicPattern, RefusesWhatCannotBeMeant) {
    for (const char* bad :
         {"", "a/{x", "a/x}", "a/b+/c", "#/a", "{a...}/{b...}", "{x}/{x}", "a/{}", "{a b}"}) {
        const auto parsed = TopicPattern::parse(bad);
        EXPECT_FALSE(parsed.has_value()) << bad;
    }
}

TEST(TopicPattern, DerivesTheFilterThatDeliversItsTopics) {
    const auto filter = [](const char* pattern) { return TopicPattern::parse(pattern)->filter(); };
    EXPECT_EQ(filter("garden/{bed}/{metric}"), "garden/+/+");
    EXPECT_EQ(filter("z/{device...}/availability"), "z/#");
    EXPECT_EQ(filter("a/x{n}y/b"), "a/+/b");
    EXPECT_EQ(filter("a//b"), "a//b");
}

TEST(TopicPattern, TellsWhenOnePatternCoversAnother) {
    const auto covers = [](const char* a, const char* b) {
        return TopicPattern::parse(a)->covers(*TopicPattern::parse(b));
    };
    EXPECT_TRUE(covers("#", "a/b"));
    EXPECT_TRUE(covers("a/{x}", "a/b"));
    EXPECT_TRUE(covers("a/{x...}/z", "a/b/c/z"));
    EXPECT_FALSE(covers("a/b", "a/{x}"));
    EXPECT_FALSE(covers("a/{x}/z", "a/{y...}/z"));
    EXPECT_FALSE(covers("a/{x=1|2}", "a/{y}"));
}

TEST(TopicPattern, SurvivesLongAndOddTopics) {
    const std::string slashes(65535, '/');
    EXPECT_EQ(match("a/{x}/b", slashes), "no");
    EXPECT_EQ(match("#", slashes), "");
    EXPECT_EQ(match("{x...}/b", std::string(65533, 'q') + "/b"),
              "x=" + std::string(65533, 'q') + ";");
}

}  // namespace
}  // namespace cistern::collector
