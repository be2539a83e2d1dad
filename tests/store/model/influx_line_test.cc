// SPDX-License-Identifier: MIT
#include "store/model/influx_line.h"

#include <gtest/gtest.h>

namespace cistern::store {
namespace {

using Step = InfluxParser::Step;

TEST(InfluxParser, ReadsMeasurementTagsFieldsAndTime) {
    InfluxParser parser(
        "weather,location=us-midwest,season=summer temperature=82,humidity=71i "
        "1465839830100400200\n");
    ASSERT_EQ(parser.next(), Step::Line) << parser.reason();
    const InfluxLine& line = parser.line();
    EXPECT_EQ(line.key, "weather,location=us-midwest,season=summer");
    ASSERT_EQ(line.fields.size(), 2U);
    EXPECT_EQ(line.fields[0].name, "temperature");
    EXPECT_EQ(line.fields[0].type, ValueType::Float);
    EXPECT_EQ(line.fields[0].value.as_double(), 82);
    EXPECT_EQ(line.fields[1].type, ValueType::Int);
    EXPECT_EQ(line.fields[1].value.as_int(), 71);
    EXPECT_EQ(line.timestamp, 1'465'839'830'100'400'200);
    EXPECT_EQ(parser.next(), Step::End);
}

TEST(InfluxParser, ReadsEveryKindOfValue) {
    InfluxParser parser(
        "m a=t,b=False,c=1.5e3,d=-7i,e=18446744073709551615u,f=9u,g=\"text\",h=-.5");
    ASSERT_EQ(parser.next(), Step::Line) << parser.reason();
    const auto& fields = parser.line().fields;
    ASSERT_EQ(fields.size(), 7U);
    EXPECT_EQ(fields[0].value.as_double(), 1);
    EXPECT_EQ(fields[1].value.as_double(), 0);
    EXPECT_EQ(fields[2].value.as_double(), 1500);
    EXPECT_EQ(fields[3].value.as_int(), -7);
    EXPECT_EQ(fields[4].value.as_double(), 18446744073709551616.0);
    EXPECT_EQ(fields[5].value.as_int(), 9);
    EXPECT_EQ(fields[6].name, "h");
    EXPECT_EQ(parser.line().strings_skipped, 1U);
    EXPECT_FALSE(parser.line().has_timestamp);
}

TEST(InfluxParser, AppliesThePrecision) {
    InfluxParser parser("m a=1 1700000000\nm a=1 9223372036854775807",
                        parse_influx_precision("s").value());
    ASSERT_EQ(parser.next(), Step::Line);
    EXPECT_EQ(parser.line().timestamp, 1'700'000'000'000'000'000);
    ASSERT_EQ(parser.next(), Step::BadLine);
    EXPECT_EQ(parser.reason(), "invalid timestamp \"9223372036854775807\"");
    EXPECT_FALSE(parse_influx_precision("days").has_value());
}

TEST(InfluxParser, KeepsNewlinesAndSeparatorsInsideQuotes) {
    InfluxParser parser("m a=\"x, y=1 \\\" \nsecond\",b=2 5\nn c=3\n");
    ASSERT_EQ(parser.next(), Step::Line) << parser.reason();
    ASSERT_EQ(parser.line().fields.size(), 1U);
    EXPECT_EQ(parser.line().timestamp, 5);
    EXPECT_EQ(parser.line_number(), 1U);
    ASSERT_EQ(parser.next(), Step::Line);
    EXPECT_EQ(parser.line_number(), 3U);
    EXPECT_EQ(parser.line().key, "n");
}

TEST(InfluxParser, ReportsABadLineWithItsNumberAndGoesOn) {
    InfluxParser parser(
        "# c\n\nm\nm,a= b=1\nm,a b=1\nm b\nm b=\nm b=x\nm b=1 x\nm b=\"x\nm =1\n,a=b c=1\nm "
        "b=NaN\nm b=1i2\nok v=1\r\n");
    const std::vector<std::pair<size_t, std::string>> expected = {
        {3, "the fields are missing"},
        {4, "tag 'a' has no value"},
        {5, "'=' is missing after tag 'a'"},
        {6, "'=' is missing after field 'b'"},
        {7, "field 'b' has the invalid value \"\""},
        {8, "field 'b' has the invalid value \"x\""},
        {9, "invalid timestamp \"x\""},
        {10, "the quotes of a text field are not closed"},
        {11, "a field's name is missing"},
        {12, "the measurement is missing"},
        {13, "field 'b' has the invalid value \"NaN\""},
        {14, "field 'b' has the invalid value \"1i2\""}};
    for (const auto& [number, reason] : expected) {
        ASSERT_EQ(parser.next(), Step::BadLine) << reason;
        EXPECT_EQ(parser.reason(), reason);
        EXPECT_EQ(parser.line_number(), number);
    }
    ASSERT_EQ(parser.next(), Step::Line);
    EXPECT_EQ(parser.line_number(), 15U);
    EXPECT_EQ(parser.next(), Step::End);
}

TEST(InfluxKey, UnescapesNamesAndValues) {
    InfluxParser parser("my\\ meas\\,ure,tag\\ key=tag\\=va\\,lue,p=C:\\\\dir\\x fi\\=eld=1");
    ASSERT_EQ(parser.next(), Step::Line) << parser.reason();
    const auto key = parse_influx_key(parser.line().key);
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(key->measurement, "my meas,ure");
    ASSERT_EQ(key->tags.size(), 2U);
    EXPECT_EQ(key->tags[0], (Label{"tag key", "tag=va,lue"}));
    EXPECT_EQ(key->tags[1], (Label{"p", "C:\\dir\\x"}));
    EXPECT_EQ(unescape_influx(parser.line().fields[0].name), "fi=eld");
    EXPECT_FALSE(parse_influx_key("").has_value());
    EXPECT_FALSE(parse_influx_key("m,a").has_value());
}

}  // namespace
}  // namespace cistern::store
