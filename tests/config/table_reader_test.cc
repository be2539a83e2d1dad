// SPDX-License-Identifier: MIT
#include "config/table_reader.h"

#include <gtest/gtest.h>

namespace cistern::config {
namespace {

class TableReaderTest : public ::testing::Test {
  protected:
    TableReader reader(std::string_view text) {
        auto parsed = parse_toml(text);
        EXPECT_TRUE(parsed.has_value()) << parsed.error().message;
        node_ = std::move(*parsed);
        return {node_, "engine.toml", "", problems_};
    }
    std::string only_problem() {
        return problems_.size() == 1 ? problems_[0].to_string() : "not one problem";
    }

    Node node_;
    Problems problems_;
};

TEST_F(TableReaderTest, ReportsAnUnknownKeyWithItsLineAndTheNearestKnownOne) {
    auto root = reader("listen = \"a\"\nlistne = \"b\"\n");
    root.text("listen");
    root.finish();
    EXPECT_EQ(only_problem(), "engine.toml:2: listne: unknown key (did you mean 'listen'?)");
}

// Worth most under UBSan: the parser asks of each of these letters whether it is a blank.
TEST_F(TableReaderTest, TakesLettersBeyondAsciiInTextsAndRefusesThemInBareKeys) {
    auto root = reader("name = \"K\u00fcche \u023f\"\nmore = \"\"\"a\\\n  \u00fcb\"\"\"\n");
    EXPECT_EQ(root.text("name"), "K\u00fcche \u023f");
    EXPECT_EQ(root.text("more"), "a\u00fcb");
    for (const char* text : {"\u00fc = 1\n", "\u023f", "a = 1 \u00e9\n", "[\u0416]\n", "[\n/"}) {
        EXPECT_FALSE(parse_toml(text).has_value()) << text;
    }
}

TEST_F(TableReaderTest, ReportsAWrongTypeAndGivesNothing) {
    auto root = reader("port = \"80\"\n");
    EXPECT_EQ(root.integer("port", 1, 65535), std::nullopt);
    EXPECT_EQ(only_problem(), "engine.toml:1: port: must be an integer, not a string");
}

TEST_F(TableReaderTest, ReportsANumberOutOfRange) {
    auto root = reader("port = 70000\n");
    EXPECT_EQ(root.integer("port", 1, 65535), std::nullopt);
    EXPECT_EQ(only_problem(), "engine.toml:1: port: 70000 is outside 1 .. 65535");
}

TEST_F(TableReaderTest, NamesTheChoicesAndTheNearestOne) {
    auto root = reader("[wal]\nfsync_policy = \"allways\"\n");
    EXPECT_EQ(root.table("wal")->choice("fsync_policy", {"segment", "interval", "always"}),
              std::nullopt);
    EXPECT_EQ(only_problem(),
              "engine.toml:2: wal.fsync_policy: 'allways' is none of segment, interval, always "
              "(did you mean 'always'?)");
}

TEST_F(TableReaderTest, ReadsDurationsAndSizes) {
    auto root = reader("a = \"1h30m\"\nb = \"7d\"\nc = \"64MiB\"\nd = 4096\ne = \"1.5 kB\"\n");
    EXPECT_EQ(root.duration_ns("a"), 5400LL * 1'000'000'000);
    EXPECT_EQ(root.duration_ns("b"), 7LL * 86400 * 1'000'000'000);
    EXPECT_EQ(root.bytes("c"), 64U << 20);
    EXPECT_EQ(root.bytes("d"), 4096U);
    EXPECT_EQ(root.bytes("e"), 1500U);
    EXPECT_TRUE(problems_.empty());
}

TEST_F(TableReaderTest, RefusesBadDurationsAndSizes) {
    auto root = reader("a = \"1 fortnight\"\nb = \"-5s\"\nc = \"many\"\nd = -1\n");
    EXPECT_EQ(root.duration_ns("a"), std::nullopt);
    EXPECT_EQ(root.duration_ns("b"), std::nullopt);
    EXPECT_EQ(root.bytes("c"), std::nullopt);
    EXPECT_EQ(root.bytes("d"), std::nullopt);
    EXPECT_EQ(problems_.size(), 4U);
}

TEST_F(TableReaderTest, NumbersTheTablesOfAnArrayInMessages) {
    auto root = reader("[[broker]]\nname = \"a\"\n[[broker]]\nnmae = \"b\"\n");
    for (auto& table : root.tables("broker")) {
        table.text("name");
        table.finish();
    }
    EXPECT_EQ(only_problem(), "engine.toml:4: broker[1].nmae: unknown key (did you mean 'name'?)");
}

TEST(ParseToml, SaysWhereTheSyntaxIsWrong) {
    const auto parsed = parse_toml("a = 1\nb = = 2\n");
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().message.substr(0, 2), "2:");
}

TEST(Nearest, GivesNothingForAWordThatIsNotClose) {
    EXPECT_EQ(nearest("colour", {"listen", "level"}), "");
    EXPECT_EQ(nearest("levle", {"listen", "level"}), "level");
}

}  // namespace
}  // namespace cistern::config
