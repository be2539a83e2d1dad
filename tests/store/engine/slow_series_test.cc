// SPDX-License-Identifier: MIT
// Years of series with few samples a day: files and memory stay bounded, and nothing is lost.
#include "tests/store/engine/database_fixture.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_scale.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace cistern::store {
namespace {

constexpr TimestampNs kNewYear = 1'672'531'200 * kNsPerSecond;  // 2023-01-01

class SlowSeries : public DatabaseFixture {
  protected:
    SlowSeries() { clock_.set_wall(kNewYear); }
    // One sample of each series every `step`; a sealed file for every day that is over.
    void live(int days, int series_count, int64_t step) {
        std::vector<SeriesId> ids;
        for (int i = 0; i < series_count; ++i) {
            ids.push_back(series("slow_" + std::to_string(i)));
        }
        const TimestampNs end = clock_.now_ns() + days * kNsPerDay;
        std::vector<Sample> batch;
        while (clock_.now_ns() < end) {
            batch.clear();
            for (const SeriesId id : ids) {
                batch.push_back({id, clock_.now_ns(), ValueBits::of(value_++ % 100 / 10.0)});
            }
            append_all(batch);
            clock_.advance(step);
            store().run_maintenance();
        }
    }
    size_t sealed_months() {
        auto names = partition_files();
        return static_cast<size_t>(
            std::count_if(names.begin(), names.end(), [](const std::string& name) {
                return name.find('.') == std::string("data-2023-01").size();
            }));
    }
    int value_ = 0;
};

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

[[maybe_unused]] uint64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    uint64_t size = 0;
    uint64_t resident = 0;
    statm >> size >> resident;
    return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

// On a real disk, so that the memory is the store's own. 200 days; at night more than a year.
TEST_F(SlowSeries, AYearNeedsNoMoreMemoryThanAMonthAndFewFiles) {
    const test::TempFolder folder;
    options_.root = folder.file("root");
    options_.file_system = &posix_file_system();
    const int days = test::test_scale() > 1 ? 730 : 200;
    options_.defaults.flush_age_ns = kNsPerDay;
    const int64_t step = 6 * 3600 * kNsPerSecond;
    live(62, 20, step);
    [[maybe_unused]] const uint64_t after_two_months = resident_bytes();
    live(days - 62, 20, step);
#ifndef __SANITIZE_ADDRESS__  // which keeps freed memory
    EXPECT_LE(resident_bytes(), after_two_months + (8 << 20));
#endif
    EXPECT_LE(db().stats().files, 31U + 5 + static_cast<uint64_t>(days) / 30);
    EXPECT_EQ(db().stats().file_samples + db().stats().head_samples,
              static_cast<uint64_t>(days) * 4 * 20);
    EXPECT_EQ(read("slow_7").size(), static_cast<size_t>(days) * 4);
    store_.reset();
}

}  // namespace
}  // namespace cistern::store
