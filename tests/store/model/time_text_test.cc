// SPDX-License-Identifier: MIT
#include "store/model/time_text.h"

#include <gtest/gtest.h>

#include <random>

namespace cistern::store {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr TimestampNs kNow = 1'700'000'000 * kSecond;

TEST(Duration, ReadsGoStyleWithDaysAndWeeks) {
    EXPECT_EQ(parse_duration("1h30m"), 5400 * kSecond);
    EXPECT_EQ(parse_duration("1.5h"), 5400 * kSecond);
    EXPECT_EQ(parse_duration("250ms"), kSecond / 4);
    EXPECT_EQ(parse_duration("1d12h"), 129'600 * kSecond);
    EXPECT_EQ(parse_duration("2w"), 1'209'600 * kSecond);
    EXPECT_EQ(parse_duration("-5m"), -300 * kSecond);
    EXPECT_EQ(parse_duration("0"), 0);
    EXPECT_EQ(parse_duration(".5s"), kSecond / 2);
    EXPECT_EQ(parse_duration("3\xc2\xb5s"), 3'000);
}

TEST(Duration, RefusesWhatIsNone) {
    for (const char* text : {"",
                             "5",
                             "m",
                             "-",
                             "5 m",
                             "5mm5",
                             "1h30",
                             "5y",
                             "200000w",
                             ".s",
                             "1e3s",
                             "99999999999999999999s"}) {
        EXPECT_FALSE(parse_duration(text).has_value()) << text;
    }
}

TEST(Duration, PrintsAsGoDoes) {
    EXPECT_EQ(format_duration(0), "0s");
    EXPECT_EQ(format_duration(60 * kSecond), "1m0s");
    EXPECT_EQ(format_duration(5400 * kSecond), "1h30m0s");
    EXPECT_EQ(format_duration(3 * kSecond / 2), "1.5s");
    EXPECT_EQ(format_duration(250'000'000), "250ms");
    EXPECT_EQ(format_duration(1'500), "1.5\xc2\xb5s");
    EXPECT_EQ(format_duration(7), "7ns");
    EXPECT_EQ(format_duration(-60 * kSecond), "-1m0s");
    EXPECT_EQ(parse_duration(format_duration(INT64_MAX)), INT64_MAX);
}

TEST(Time, ReadsEveryForm) {
    const auto at = [](std::string_view text, NumberUnit unit = NumberUnit::Guess) {
        const auto time = parse_time(text, kNow, unit);
        EXPECT_TRUE(time.has_value()) << text;
        return time.value_or(-1);
    };
    EXPECT_EQ(at("now"), kNow);
    EXPECT_EQ(at("-6h"), kNow - 21'600 * kSecond);
    EXPECT_EQ(at("+1m"), kNow + 60 * kSecond);
    EXPECT_EQ(at("1700000000"), kNow);
    EXPECT_EQ(at("1700000000.5"), kNow + kSecond / 2);
    EXPECT_EQ(at("1700000000.123456789"), kNow + 123'456'789);
    EXPECT_EQ(at("1700000000000"), kNow);
    EXPECT_EQ(at("1700000000000.25"), kNow + 250'000);
    EXPECT_EQ(at("1700000000000000"), kNow);
    EXPECT_EQ(at("1700000000000000000"), kNow);
    EXPECT_EQ(at("1700000000000", NumberUnit::Milliseconds), kNow);
    EXPECT_EQ(at("5", NumberUnit::Nanoseconds), 5);
    EXPECT_EQ(at("-1.5"), -3 * kSecond / 2);
    EXPECT_EQ(at("2023-11-14T22:13:20Z"), kNow);
    EXPECT_EQ(at("2023-11-14T23:13:20.25+01:00"), kNow + kSecond / 4);
    EXPECT_EQ(at("2023-11-14 22:13:20"), kNow);
    EXPECT_EQ(at("2023-11-14 22:13"), kNow - 20 * kSecond);
    EXPECT_EQ(at("1969-12-31 23:59:59.999999999"), -1);
}

TEST(Time, RefusesWhatIsNone) {
    for (const char* text : {"",
                             "6h",
                             "tomorrow",
                             "2023-13-01",
                             "2023-02-29",
                             "2023-1-1",
                             "2023-01-01 25:00",
                             "1e9",
                             "2023-01-01T00:00:00.0000000001Z",
                             "2023-01-01 ",
                             "9999-01-01",
                             "0001-01-01",
                             "1.",
                             "12a",
                             "2023-01-01T00:00:00+1",
                             "--5m"}) {
        EXPECT_FALSE(parse_time(text, kNow).has_value()) << text;
    }
    EXPECT_FALSE(parse_number_unit("hours").has_value());
}

TEST(Time, PrintedTextReadsBack) {
    EXPECT_EQ(format_time(kNow + 6), "2023-11-14 22:13:20.000000006");
    EXPECT_EQ(format_rfc3339(kNow), "2023-11-14T22:13:20Z");
    EXPECT_EQ(format_rfc3339(kNow + kSecond / 4), "2023-11-14T22:13:20.25Z");
    std::mt19937_64 random(3);
    for (int i = 0; i < 2000; ++i) {
        const auto time = static_cast<TimestampNs>(random());
        EXPECT_EQ(parse_time(format_time(time), kNow), time);
        EXPECT_EQ(parse_line_time(format_rfc3339(time), kNow), time);
    }
    for (const TimestampNs time : {INT64_MIN, INT64_MAX, INT64_C(0), INT64_C(-1)}) {
        EXPECT_EQ(parse_time(format_time(time), kNow), time);
    }
}

}  // namespace
}  // namespace cistern::store
