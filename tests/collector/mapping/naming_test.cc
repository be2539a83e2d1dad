// SPDX-License-Identifier: MIT
#include "collector/mapping/naming.h"

#include <gtest/gtest.h>

namespace cistern::collector {
namespace {

TEST(Snake, BreaksWordsWhereCaseChanges) {
    EXPECT_EQ(snake("gridPower"), "grid_power");
    EXPECT_EQ(snake("UptimeSec"), "uptime_sec");
    EXPECT_EQ(snake("tPI"), "t_pi");
    EXPECT_EQ(snake("VGF120B"), "vgf120b");
    EXPECT_EQ(snake("LEDs"), "le_ds");
    EXPECT_EQ(snake("temperature_C"), "temperature_c");
    EXPECT_EQ(snake("audio_dBFS"), "audio_d_bfs");
}

TEST(Snake, ReplacesWhatIsNoNameAndCollapses) {
    EXPECT_EQ(snake("Dc/0/Voltage"), "dc_0_voltage");
    EXPECT_EQ(snake("L1-Voltage"), "l1_voltage");
    EXPECT_EQ(snake("__a  b__"), "a_b");
    EXPECT_EQ(snake("1min"), "_1min");
    EXPECT_EQ(snake(""), "value");
    EXPECT_EQ(snake("датчик"), "value");
}

TEST(Snake, TellsWhenOtherAlphabetsWereLost) {
    std::string out;
    EXPECT_TRUE(append_snake("Außen", out));
    out.clear();
    EXPECT_FALSE(append_snake("Aussen-2", out));
}

TEST(Glob, MatchesStarsAndQuestionMarks) {
    EXPECT_TRUE(glob_match("*temp?", "selflowtemp1"));
    EXPECT_TRUE(glob_match("*", ""));
    EXPECT_TRUE(glob_match("a*b*c", "axxbyyc"));
    EXPECT_FALSE(glob_match("a*b", "axxc"));
    EXPECT_FALSE(glob_match("?", ""));
}

}  // namespace
}  // namespace cistern::collector
