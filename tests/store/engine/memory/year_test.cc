// SPDX-License-Identifier: MIT
// A simulated year: files and memory stay bounded, and nothing is lost.
#include "store/base/memory.h"
#include "tests/store/engine/slow_series.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_scale.h"

#include <gtest/gtest.h>

namespace cistern::store {
namespace {

// On a real disk, so that the memory is the store's own. At night two years.
TEST_F(SlowSeries, AYearNeedsNoMoreMemoryThanTwoMonthsAndFewFiles) {
    const test::TempFolder folder;
    options_.root = folder.file("root");
    options_.file_system = &posix_file_system();
    options_.defaults.flush_age_ns = kNsPerDay;
    const int days = test::test_scale() > 1 ? 730 : 365;
    const int64_t step = 6 * 3600 * kNsPerSecond;
    live(62, 20, step);
    const uint64_t after_two_months = resident_bytes();
    ASSERT_GT(after_two_months, 0U);
    live(days - 62, 20, step);
    EXPECT_LE(resident_bytes(), after_two_months + (8 << 20));
    EXPECT_LE(db().stats().files, 31U + 5 + static_cast<uint64_t>(days) / 30);
    EXPECT_EQ(db().stats().file_samples + db().stats().head_samples,
              static_cast<uint64_t>(days) * 4 * 20);
    EXPECT_EQ(read("slow_7").size(), static_cast<size_t>(days) * 4);
    store_.reset();
}

}  // namespace
}  // namespace cistern::store
