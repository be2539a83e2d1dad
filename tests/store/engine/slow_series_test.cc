// SPDX-License-Identifier: MIT
// Months of series with few samples a day: files stay few, and nothing is lost.
#include "tests/store/engine/slow_series.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cistern::store {
namespace {

TEST_F(SlowSeries, DaysOfAMonthThatIsOverBecomeOneFile) {
    live(33, 3, 6 * 3600 * kNsPerSecond);
    EXPECT_EQ(sealed_months(), 1U);
    EXPECT_LE(partition_files().size(), 8U);
    EXPECT_EQ(read("slow_1").size(), 33U * 4);
    kill_and_reopen();
    EXPECT_EQ(read("slow_1").size(), 33U * 4);
    EXPECT_EQ(read("slow_1", {kNewYear + kNsPerDay, kNewYear + 2 * kNsPerDay}).size(), 4U);
}

TEST_F(SlowSeries, LateSamplesOfAJoinedMonthWinAndJoinIt) {
    live(33, 2, 6 * 3600 * kNsPerSecond);
    append(series("slow_0"), kNewYear + 3 * kNsPerDay, 7777);
    ASSERT_TRUE(db().flush());
    const TimeRange instant{kNewYear + 3 * kNsPerDay, kNewYear + 3 * kNsPerDay + 1};
    EXPECT_EQ(read("slow_0", instant).values, std::vector<double>{7777});
    live(3, 2, 6 * 3600 * kNsPerSecond);
    EXPECT_EQ(sealed_months(), 1U);
    const auto names = partition_files();
    EXPECT_EQ(
        std::count_if(names.begin(),
                      names.end(),
                      [](const std::string& name) { return name.starts_with("data-2023-01-"); }),
        0);
    EXPECT_EQ(read("slow_0", instant).values, std::vector<double>{7777});
    EXPECT_EQ(read("slow_0").size(), 36U * 4);
}

TEST_F(SlowSeries, FastSeriesKeepTheirDays) {
    const SeriesId id = series("fast");
    std::vector<Sample> day(3000);
    for (int i = 0; i < 33; ++i) {
        for (size_t k = 0; k < day.size(); ++k) {
            const auto at = static_cast<int64_t>(k) * 20 * kNsPerSecond;
            day[k] = {id, clock_.now_ns() + at, ValueBits::of(static_cast<double>(k))};
        }
        append_all(day);
        clock_.advance(kNsPerDay);
        store().run_maintenance();
    }
    EXPECT_EQ(sealed_months(), 0U);
    EXPECT_GE(partition_files().size(), 32U);
}

TEST_F(SlowSeries, WhereDaysAreToBeForgottenTheyStayDays) {
    options_.defaults.retention_ns = 90 * kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Delete;
    live(33, 2, 12 * 3600 * kNsPerSecond);
    EXPECT_EQ(sealed_months(), 0U);
}

}  // namespace
}  // namespace cistern::store
