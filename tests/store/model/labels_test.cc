// SPDX-License-Identifier: MIT
#include "store/model/labels.h"

#include <gtest/gtest.h>

namespace cistern::store {
namespace {

TEST(Labels, AreSortedUniqueAndWithoutEmptyValues) {
    const Labels labels({{"b", "1"}, {"a", "2"}, {"b", "3"}, {"c", ""}});
    EXPECT_EQ(labels.to_string(), "{a=\"2\", b=\"3\"}");
    EXPECT_EQ(labels.get("c"), "");
}

TEST(Labels, PrintAsPromQlWritesThem) {
    EXPECT_EQ(Labels::of_metric("up").to_string(), "up");
    EXPECT_EQ(Labels::of_metric("m", {{"a", "x\"y\n"}}).to_string(), "m{a=\"x\\\"y\\n\"}");
    EXPECT_EQ(Labels::of_metric("room.temp", {{"a", "1"}}).to_string(), "{\"room.temp\", a=\"1\"}");
}

TEST(Labels, SetInsertsReplacesAndRemoves) {
    Labels labels = Labels::of_metric("m");
    labels.set("a", "1");
    labels.set("a", "2");
    EXPECT_EQ(labels.to_string(), "m{a=\"2\"}");
    labels.remove("a");
    EXPECT_EQ(labels.to_string(), "m");
}

TEST(Utf8, RefusesOverlongSurrogatesAndTruncated) {
    EXPECT_TRUE(is_valid_utf8("grün €"));
    EXPECT_FALSE(is_valid_utf8("\xc0\x80"));
    EXPECT_FALSE(is_valid_utf8("\xed\xa0\x80"));
    EXPECT_FALSE(is_valid_utf8("\xe2\x82"));
    EXPECT_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));
}

TEST(DatabaseName, IsLowerCaseAndShort) {
    EXPECT_TRUE(validate_database_name("main").has_value());
    EXPECT_FALSE(validate_database_name("").has_value());
    EXPECT_FALSE(validate_database_name("../etc").has_value());
    EXPECT_FALSE(validate_database_name(std::string(64, 'a')).has_value());
}

}  // namespace
}  // namespace cistern::store
