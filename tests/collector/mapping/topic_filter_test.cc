// SPDX-License-Identifier: MIT
#include "collector/mapping/topic_filter.h"

#include <gtest/gtest.h>

namespace cistern::collector {
namespace {

TEST(TopicFilter, MatchesAsTheSpecificationSays) {
    EXPECT_TRUE(filter_matches("sport/tennis/player1/#", "sport/tennis/player1"));
    EXPECT_TRUE(filter_matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
    EXPECT_TRUE(filter_matches("#", "a/b"));
    EXPECT_TRUE(filter_matches("sport/+", "sport/"));
    EXPECT_FALSE(filter_matches("sport/+", "sport"));
    EXPECT_TRUE(filter_matches("+/+", "/finance"));
    EXPECT_TRUE(filter_matches("/+", "/finance"));
    EXPECT_FALSE(filter_matches("+", "/finance"));
    EXPECT_FALSE(filter_matches("#", "$SYS/uptime"));
    EXPECT_FALSE(filter_matches("+/uptime", "$SYS/uptime"));
    EXPECT_TRUE(filter_matches("$SYS/#", "$SYS/uptime"));
    EXPECT_FALSE(filter_matches("a/b", "a/b/c"));
}

TEST(TopicFilter, CoversWhatMatchesNoMore) {
    EXPECT_TRUE(filter_covers("#", "a/+/c"));
    EXPECT_TRUE(filter_covers("a/+", "a/b"));
    EXPECT_TRUE(filter_covers("a/+/#", "a/b/#"));
    EXPECT_FALSE(filter_covers("a/b", "a/+"));
    EXPECT_FALSE(filter_covers("a/+", "a/#"));
    EXPECT_FALSE(filter_covers("#", "$SYS/#"));
    EXPECT_TRUE(filter_covers("a/#", "a"));
}

TEST(TopicFilter, NamesTheFault) {
    EXPECT_EQ(filter_fault("a/+/b/#"), "");
    EXPECT_NE(filter_fault(""), "");
    EXPECT_NE(filter_fault("a/#/b"), "");
    EXPECT_NE(filter_fault("a/b+"), "");
    EXPECT_NE(filter_fault("a/b#"), "");
}

}  // namespace
}  // namespace cistern::collector
