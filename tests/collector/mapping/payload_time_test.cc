// SPDX-License-Identifier: MIT
#include "collector/mapping/payload_time.h"

#include <gtest/gtest.h>

namespace cistern::collector {
namespace {

constexpr int64_t kS = 1'000'000'000;

int64_t zoned(const char* zone, const char* text, const char* format = "") {
    TimestampOptions options;
    options.tz = zone;
    options.format = format;
    const auto created = TimeFormat::create(options);
    EXPECT_TRUE(created.has_value()) << created.error().message;
    return created->parse_text(text).value_or(-1) / kS;
}

TEST(PayloadTime, ReadsRfc3339InItsVariants) {
    EXPECT_EQ(parse_rfc3339("2025-12-31T23:59:58.525Z"), 1767225598 * kS + 525'000'000);
    EXPECT_EQ(parse_rfc3339("2025-12-31T23:59:58.123456789Z"), 1767225598 * kS + 123'456'789);
    EXPECT_EQ(parse_rfc3339("2026-01-01T00:59:50+0100"), 1767225590 * kS);
    EXPECT_EQ(parse_rfc3339("2026-01-01 00:59:50+01:00"), 1767225590 * kS);
    EXPECT_EQ(parse_rfc3339("2025-12-31 23:59:50 UTC"), 1767225590 * kS);
}

TEST(PayloadTime, RefusesTimesWithoutZoneAndNonsense) {
    for (const char* text : {"2026-01-01T01:00:00",
                             "2026-01-01",
                             "12:30",
                             "2026-02-30T00:00:00Z",
                             "2026-01-01T25:00:00Z",
                             "2026-01-01T00:00:00X",
                             "1970-01-01T00:00:07Z",
                             "",
                             "2026-01-01T00:00:00+99:00"}) {
        EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
    }
}

TEST(PayloadTime, TellsEpochUnitsByMagnitude) {
    EXPECT_EQ(epoch_by_magnitude(1767225590), 1767225590 * kS);
    EXPECT_EQ(epoch_by_magnitude(1767225590123), 1767225590 * kS + 123'000'000);
    EXPECT_EQ(epoch_by_magnitude(1767225590123456), 1767225590 * kS + 123'456'000);
    EXPECT_EQ(epoch_by_magnitude(1767225590123456789), 1767225590 * kS + 123'456'789);
    EXPECT_FALSE(epoch_by_magnitude(0).has_value());
    EXPECT_FALSE(epoch_by_magnitude(93784).has_value());
    EXPECT_FALSE(epoch_by_magnitude(-5).has_value());
}

TEST(PayloadTime, ReadsNumbersThatAreTextOrFractions) {
    const TimeFormat automatic;
    EXPECT_EQ(automatic.parse_text("1767225590"), 1767225590 * kS);
    EXPECT_EQ(automatic.parse_text("1767225590.5"), 1767225590 * kS + 500'000'000);
    EXPECT_FALSE(automatic.parse_text("soon").has_value());
    EXPECT_FALSE(automatic.parse_text("9999999999999999999999").has_value());
}

TEST(PayloadTime, AppliesAZoneToLocalTimes) {
    EXPECT_EQ(zoned("Europe/Berlin", "2026-01-01T01:00:00"), 1767225600);
    EXPECT_EQ(zoned("Europe/Berlin", "2026-07-01T02:00:00"), 1782864000);
    EXPECT_EQ(zoned("Europe/Berlin", "01.01.2026 01:00:00", "%d.%m.%Y %H:%M:%S"), 1767225600);
    EXPECT_EQ(zoned("America/New_York", "2025-12-31T19:00:00"), 1767225600);
    EXPECT_EQ(zoned("Asia/Kolkata", "2026-01-01T05:30:00"), 1767225600);
    EXPECT_EQ(zoned("+02:00", "2026-01-01T02:00:00"), 1767225600);
    // Beyond the last listed transition the zone's rule goes on.
    EXPECT_EQ(zoned("Europe/Berlin", "2060-07-01T02:00:00"), 2855865600);
}

TEST(PayloadTime, ReadsTheHourThatAJumpLeavesOutAndTheOneThatComesTwice) {
    EXPECT_EQ(zoned("Europe/Berlin", "2026-03-29T02:30:00"),
              1774747800);  // does not exist: read as winter time
    EXPECT_EQ(zoned("Europe/Berlin", "2026-10-25T02:30:00"), 1792888200);  // the first of two
}

TEST(PayloadTime, SaysWhatIsWrongWithAFormatOrZone) {
    TimestampOptions options;
    options.format = "seconds";
    EXPECT_NE(TimeFormat::create(options).error().message.find("unix_ms"), std::string::npos);
    options.format = "";
    options.tz = "Europe/Atlantis";
    EXPECT_NE(TimeFormat::create(options).error().message.find("Europe/Atlantis"),
              std::string::npos);
    options.tz = "../../etc/passwd";
    EXPECT_FALSE(TimeFormat::create(options).has_value());
}

TEST(TimeZone, RefusesDamagedFilesWithoutCrashing) {
    for (const std::string_view bytes :
         {std::string_view(""), std::string_view("TZif"), std::string_view("TZif2\0\0\0", 8)}) {
        EXPECT_FALSE(TimeZone::parse(bytes).has_value());
    }
}

TEST(TimeFormat, ReadsFractionsAnywhereInAPattern) {
    TimestampOptions options;
    options.tz = "UTC";
    options.format = "%Y%m%d%H%M%S.%f";
    EXPECT_EQ(TimeFormat::create(options)->parse_text("20251231235950.25"), 1767225590250000000);
    options.format = "%d.%m.%Y %H:%M:%S,%f %z";
    EXPECT_EQ(TimeFormat::create(options)->parse_text("01.01.2026 00:59:50,125 +0100"),
              1767225590125000000);
    EXPECT_FALSE(TimeFormat::create(options)->parse_text("01.01.2026 00:59:50, +0100"));
    for (const char* bad : {"%Q", "%s", "%Y %", "%E"}) {
        options.format = bad;
        EXPECT_FALSE(TimeFormat::create(options).has_value()) << bad;
    }
}

TEST(TimeFormat, TakesTheNearerOfTwoEqualLocalTimes) {
    TimestampOptions options;
    options.tz = "Europe/Berlin";
    const auto format = TimeFormat::create(options);
    if (!format.has_value()) {
        GTEST_SKIP() << format.error().message;
    }
    constexpr int64_t kFirst = 1761438600;  // 2025-10-26 02:30 in summer time
    constexpr int64_t kNs = 1'000'000'000;
    EXPECT_EQ(format->parse_text("2025-10-26T02:30:00"), kFirst * kNs);
    EXPECT_EQ(format->parse_text("2025-10-26T02:30:00", (kFirst + 2) * kNs), kFirst * kNs);
    EXPECT_EQ(format->parse_text("2025-10-26T02:30:00", (kFirst + 3602) * kNs),
              (kFirst + 3600) * kNs);
}

}  // namespace
}  // namespace cistern::collector
