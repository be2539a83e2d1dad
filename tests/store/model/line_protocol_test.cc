// SPDX-License-Identifier: MIT
#include "store/model/line_protocol.h"

#include "store/model/series_key.h"

#include <gtest/gtest.h>

#include <random>

namespace cistern::store {
namespace {

constexpr TimestampNs kNow = 1'700'000'000'000'000'000;
using Step = LineParser::Step;

ParsedLine parse_one(std::string_view text) {
    LineParser parser(text, kNow);
    const Step step = parser.next();
    EXPECT_EQ(step, Step::Line) << text << ": " << parser.reason();
    return parser.line();
}

std::string reason_of(std::string_view text) {
    LineParser parser(text, kNow);
    EXPECT_EQ(parser.next(), Step::BadLine) << text;
    return parser.reason();
}

TEST(LineParser, SplitsDatabaseKeyValueAndTime) {
    const ParsedLine line =
        parse_one("home/room.temp{room=\"living room\",f=\"1/2\"} 21.5 1700000000000000001");
    EXPECT_EQ(line.database, "home");
    EXPECT_EQ(line.key, "room.temp{room=\"living room\",f=\"1/2\"}");
    EXPECT_EQ(line.type, ValueType::Float);
    EXPECT_EQ(line.value.as_double(), 21.5);
    ASSERT_TRUE(line.has_timestamp);
    EXPECT_EQ(line.timestamp, 1'700'000'000'000'000'001);
}

TEST(LineParser, LeavesOutWhatIsNotGiven) {
    const ParsedLine line = parse_one("  room.temp\t{room=\"a\"}  1 \r\n");
    EXPECT_TRUE(line.database.empty());
    EXPECT_EQ(line.key, "room.temp\t{room=\"a\"}");
    EXPECT_FALSE(line.has_timestamp);
}

TEST(LineParser, TellsIntFromFloat) {
    EXPECT_EQ(parse_one("a/m 42").type, ValueType::Int);
    EXPECT_EQ(parse_one("a/m -7").value.as_int(), -7);
    EXPECT_EQ(parse_one("a/m 256i").value.as_int(), 256);
    EXPECT_EQ(parse_one("a/m 9223372036854775807i").value.as_int(), INT64_MAX);
    EXPECT_EQ(parse_one("a/m -9223372036854775808i").value.as_int(), INT64_MIN);
    EXPECT_EQ(parse_one("a/m 1e-3").type, ValueType::Float);
    EXPECT_EQ(parse_one("a/m 18446744073709551615").type, ValueType::Float);
    EXPECT_EQ(parse_one("a/m +Inf").value.as_double(), std::numeric_limits<double>::infinity());
}

TEST(LineParser, ReadsTheTimeFormsOfTheSeed) {
    EXPECT_EQ(parse_one("a/m 1 2023-11-14 22:13:20.000000007").timestamp, kNow + 7);
    EXPECT_EQ(parse_one("a/m 1 2023-11-14").timestamp, 1'699'920'000'000'000'000);
    EXPECT_EQ(parse_one("a/m 1 2023-11-14T22:13:20Z").timestamp, kNow);
    EXPECT_EQ(parse_one("a/m 1 -5m").timestamp, kNow - 300'000'000'000);
    EXPECT_EQ(parse_one("a/m 1 -5").timestamp, -5);
}

TEST(LineParser, ReportsABadLineWithItsNumberAndGoesOn) {
    LineParser parser("# comment\n\na/m 1\na/m x\na/m 2", kNow);
    EXPECT_EQ(parser.next(), Step::Line);
    EXPECT_EQ(parser.line().number, 3U);
    EXPECT_EQ(parser.next(), Step::BadLine);
    EXPECT_EQ(parser.line_number(), 4U);
    EXPECT_EQ(parser.reason(), "invalid numeric value \"x\"");
    EXPECT_EQ(parser.next(), Step::Line);
    EXPECT_EQ(parser.line().number, 5U);
    EXPECT_EQ(parser.next(), Step::End);
}

TEST(LineParser, RefusesWithAReason) {
    EXPECT_EQ(reason_of("a/m"), "the value is missing");
    EXPECT_EQ(reason_of("a/ 1"), "the metric name is missing");
    EXPECT_EQ(reason_of("/m 1"), "the database's name before '/' is empty");
    EXPECT_EQ(reason_of("a/m{b=\"1} 2"), "the label braces or quotes are not closed");
    EXPECT_EQ(reason_of("a/m{b=\"1\"}2"), "a blank is missing before the value");
    for (const char* value :
         {"0x10", "1e400", "1_000", "--1", "1.5i", "99999999999999999999i", "i", "+", "."}) {
        reason_of(std::string("a/m ") + value);
    }
    for (const char* time :
         {"1.5", "2023-02-30", "2023-01-01 24:00", "yesterday", "99999999999999999999", "5m"}) {
        reason_of(std::string("a/m 1 ") + time);
    }
}

TEST(SeriesKey, ReadsLabelsWithEscapesAndQuotedNames) {
    const auto labels = parse_series_key("{\"room temp\", \"a b\"=\"x\\\"y\\\\\\n\", c=\"}\",}",
                                         KeyDialect::LineProtocol);
    ASSERT_TRUE(labels.has_value()) << labels.error().message;
    EXPECT_EQ(labels->metric(), "room temp");
    EXPECT_EQ(labels->get("a b"), "x\"y\\\n");
    EXPECT_EQ(labels->get("c"), "}");
}

TEST(SeriesKey, RefusesWithAReason) {
    const auto reason = [](std::string_view key, KeyDialect dialect = KeyDialect::LineProtocol) {
        const auto labels = parse_series_key(key, dialect);
        return labels.has_value() ? std::string("accepted") : labels.error().message;
    };
    EXPECT_EQ(reason("m{a=\"1\",a=\"2\"}"), "label 'a' is given twice");
    EXPECT_EQ(reason("1m"), "'1m' is no metric name");
    EXPECT_EQ(reason("m{a=1}"), "the value of label 'a' must be quoted");
    EXPECT_EQ(reason("m{a \"1\"}"), "'=' is missing after label 'a'");
    EXPECT_EQ(reason("m{a=\"1\" b=\"2\"}"), "labels must be separated by ','");
    EXPECT_EQ(reason("m{a=\"\\q\"}"), "unknown escape sequence in a quoted label");
    EXPECT_EQ(reason("{a=\"1\"}"), "the metric name is missing");
    EXPECT_EQ(reason("room.temp", KeyDialect::Prometheus), "'room.temp' is no metric name");
    EXPECT_EQ(reason("room.temp/x-y"), "accepted");
    EXPECT_EQ(reason("m{a=\"\xff\"}"), "the value of label 'a' is not valid UTF-8");
}

TEST(LinePrinter, RoundTripsEveryBitOfValueAndTime) {
    std::mt19937_64 random(7);
    const Labels labels = Labels::of_metric("r.t", {{"a", "x y\"\\\n\t\x01"}, {"b c", "ü"}});
    std::vector<uint64_t> patterns = {kStaleMarkerBits,
                                      0x7ff8000000000000,
                                      0x7ff8000000000001,
                                      0xfff8000000000000,
                                      0x7ff0000000000001,
                                      0x8000000000000000,
                                      0,
                                      1,
                                      0x7ff0000000000000,
                                      0xfff0000000000000};
    for (int i = 0; i < 2000; ++i) {
        patterns.push_back(random());
    }
    for (const ValueType type : {ValueType::Float, ValueType::Int}) {
        for (const TimeStyle style : {TimeStyle::Text, TimeStyle::UnixNs}) {
            const LinePrinter printer("home", labels, type, style);
            for (const uint64_t bits : patterns) {
                std::string text;
                const auto time = static_cast<TimestampNs>(random());
                printer.append(text, time, ValueBits::from_bits(bits));
                const ParsedLine line = parse_one(text);
                EXPECT_EQ(line.database, "home");
                EXPECT_EQ(line.type, type) << text;
                EXPECT_EQ(line.value.bits(), bits) << text;
                EXPECT_EQ(line.timestamp, time) << text;
                EXPECT_EQ(parse_series_key(line.key, KeyDialect::LineProtocol).value(), labels);
            }
        }
    }
}

TEST(LinePrinter, WritesTheShortestFloatWithAPointAndIntsWithAnI) {
    std::string text;
    const Labels labels = Labels::of_metric("m");
    LinePrinter("d", labels, ValueType::Float).append(text, 0, ValueBits::of(0.1));
    LinePrinter("d", labels, ValueType::Float).append(text, 1, ValueBits::of(42));
    LinePrinter("d", labels, ValueType::Int, TimeStyle::UnixNs)
        .append(text, 2, ValueBits::of_int(42));
    EXPECT_EQ(text,
              "d/m 0.1 1970-01-01 00:00:00.000000000\n"
              "d/m 42.0 1970-01-01 00:00:00.000000001\n"
              "d/m 42i 2\n");
}

}  // namespace
}  // namespace cistern::store
