// SPDX-License-Identifier: MIT
#include "store/promql/format.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

namespace cistern::promql {
namespace {

TEST(Format, PointsUseAnExponentOnlyFarFromOne) {
    EXPECT_EQ(format_value(0), "0");
    EXPECT_EQ(format_value(-0.0), "-0");
    EXPECT_EQ(format_value(1.5), "1.5");
    EXPECT_EQ(format_value(1e-6), "0.000001");
    EXPECT_EQ(format_value(1e-7), "1e-07");
    EXPECT_EQ(format_value(123456789012345680000.0), "123456789012345680000");
    EXPECT_EQ(format_value(1e21), "1e+21");
    EXPECT_EQ(format_value(-1.7e308), "-1.7e+308");
    EXPECT_EQ(format_value(std::numeric_limits<double>::denorm_min()), "5e-324");
    EXPECT_EQ(format_value(HUGE_VAL), "+Inf");
    EXPECT_EQ(format_value(-HUGE_VAL), "-Inf");
    EXPECT_EQ(format_value(std::nan("")), "NaN");
    EXPECT_EQ(format_value(0.1 + 0.2), "0.30000000000000004");
}

TEST(Format, PointsAreATimeInSecondsAndAValueInQuotes) {
    const auto point = [](int64_t time_ms, double value) {
        std::string text = "-";
        append_point(text, time_ms, value);
        return text;
    };
    EXPECT_EQ(point(1'767'225'600'000, 21.5), "-[1767225600,\"21.5\"]");
    EXPECT_EQ(point(1'767'225'600'007, -0.0001), "-[1767225600.007,\"-0.0001\"]");
    EXPECT_EQ(point(-1'500, 1e-7), "-[-1.500,\"1e-07\"]");
    EXPECT_EQ(point(0, std::nan("")), "-[0,\"NaN\"]");
    EXPECT_EQ(point(INT64_MIN, -123456789012345680000.0),
              "-[-9223372036854775.808,\"-123456789012345680000\"]");
    EXPECT_EQ(point(90'010, 0.30000000000000004), "-[90.010,\"0.30000000000000004\"]");
    EXPECT_EQ(point(1, 1200), "-[0.001,\"1200\"]");
    EXPECT_EQ(point(1, 99999999999.9999), "-[0.001,\"99999999999.9999\"]");
    EXPECT_EQ(point(1, 999999999999999.9), "-[0.001,\"999999999999999.9\"]");
}

TEST(Format, ScalarsAreAlwaysPlain) {
    EXPECT_EQ(format_plain(1e-7), "0.0000001");
    EXPECT_EQ(format_plain(1e23), "100000000000000000000000");
    EXPECT_EQ(format_plain(1e300).size(), 301U);
}

TEST(Format, LiteralsInPrintedQueries) {
    EXPECT_EQ(format_literal(0.0001), "0.0001");
    EXPECT_EQ(format_literal(0.00001), "1e-05");
    EXPECT_EQ(format_literal(999999.5), "999999.5");
    EXPECT_EQ(format_literal(951782400), "9.517824e+08");
}

TEST(Format, WritesDurations) {
    EXPECT_EQ(format_duration(0), "0s");
    EXPECT_EQ(format_duration(5'400'000), "1h30m");
    EXPECT_EQ(format_duration(90LL * 86'400'000), "90d");
    EXPECT_EQ(format_duration(14LL * 86'400'000), "2w");
    EXPECT_EQ(format_duration(365LL * 86'400'000), "1y");
    EXPECT_EQ(format_duration(1'001), "1s1ms");
}

TEST(Format, ReadsDurations) {
    EXPECT_EQ(parse_duration("1h30m").value(), 5'400'000);
    EXPECT_EQ(parse_duration("1y2w3d4h5m6s7ms").value(),
              ((365LL + 14 + 3) * 86'400 + 4 * 3600 + 5 * 60 + 6) * 1000 + 7);
    EXPECT_EQ(parse_duration("0").value(), 0);
    EXPECT_EQ(parse_duration("").error().message, "empty duration string");
    for (const char* bad : {"5", "m", "5m1h", "5m5m", "1.5h", "-5m", "5 m", "5q", "5mms"}) {
        EXPECT_EQ(parse_duration(bad).error().message, "not a valid duration string: " + quote(bad))
            << bad;
    }
    EXPECT_EQ(parse_duration("300y").error().message, "duration out of range");
    EXPECT_EQ(parse_duration("99999999999999999999s").error().message, "duration out of range");
}

TEST(Format, ReadsNumbersAsGoDoes) {
    EXPECT_EQ(parse_number("0x1F").value(), 31);
    EXPECT_EQ(parse_number("017").value(), 15);
    EXPECT_EQ(parse_number("08").value(), 8);
    EXPECT_EQ(parse_number("1e3").value(), 1000);
    EXPECT_EQ(parse_number(".5").value(), 0.5);
    EXPECT_EQ(parse_number("5.").value(), 5);
    EXPECT_EQ(parse_number("9223372036854775808").value(), 9223372036854775808.0);
    EXPECT_TRUE(std::isinf(parse_number("iNf").value()));
    EXPECT_TRUE(std::isnan(parse_number("NaN").value()));
    EXPECT_EQ(parse_number("1e400").error().message,
              "error parsing number: strconv.ParseFloat: parsing \"1e400\": value out of range");
    EXPECT_FALSE(parse_number("0x").has_value());
    EXPECT_FALSE(parse_number("1e").has_value());
    EXPECT_EQ(parse_float("-Infinity").value(), -HUGE_VAL);
    EXPECT_FALSE(parse_float("").has_value());
    EXPECT_FALSE(parse_float("+-1").has_value());
}

TEST(Format, QuotesAndUnquotes) {
    EXPECT_EQ(quote("a\"b\\c\n\x01\xff Größe"), "\"a\\\"b\\\\c\\n\\x01\\xff Größe\"");
    for (const std::string& text :
         {std::string("plain"), std::string("\"\\\n\t\x7f\0x", 7), std::string("µ☺\xfe")}) {
        EXPECT_EQ(unquote(quote(text)).value(), text);
    }
    EXPECT_EQ(unquote("'it\\'s \\u00e9\\x41\\101'").value(), "it's éAA");
    EXPECT_EQ(unquote("`raw\\n`").value(), "raw\\n");
    EXPECT_FALSE(unquote("\"open").has_value());
    EXPECT_FALSE(unquote("\"\\q\"").has_value());
}

// The way that sensors' values take, against the digits they were written with.
TEST(FormatValue, GivesBackEveryShortDecimalAsItWasWritten) {
    std::mt19937_64 random(5);
    for (int i = 0; i < 200'000; ++i) {
        const int decimals = static_cast<int>(random() % 7);
        const auto digits = static_cast<int64_t>(random() >> (20 + random() % 40));
        std::string text =
            fmt::format("{:.{}f}", static_cast<double>(digits) / std::pow(10, decimals), decimals);
        if (decimals > 0) {
            text.erase(text.find_last_not_of('0') + 1);
            text.erase(text.find_last_not_of('.') + 1);
        }
        const double value = std::strtod(text.c_str(), nullptr);
        if (value >= 1e-6 && text.size() <= 15) {
            EXPECT_EQ(format_value(value), text);
            EXPECT_EQ(format_value(-value), "-" + text);
        }
    }
}

}  // namespace
}  // namespace cistern::promql
