// SPDX-License-Identifier: MIT
#include "store/engine/aggregate.h"

#include "tests/store/engine/database_fixture.h"

#include <gtest/gtest.h>

#include <numeric>

namespace cistern::store {
namespace {

double aggregate_of(std::vector<double> values, Aggregate aggregate) {
    return aggregate_values(values, aggregate);
}

TEST(AggregateValues, TrimmedAverageLeavesOutOnePerTailBelowTwenty) {
    EXPECT_DOUBLE_EQ(aggregate_of({100, 1, 2, 3, -50}, Aggregate::TrimmedAvg), 2);
    EXPECT_DOUBLE_EQ(aggregate_of({1, 3}, Aggregate::TrimmedAvg), 2);  // nothing would be left
}

TEST(AggregateValues, TrimmedAverageLeavesOutATwentiethPerTailOfMany) {
    std::vector<double> values(50);
    std::iota(values.begin(), values.end(), 0);
    values[0] = -1000;
    values[1] = -1000;
    values[48] = 1000;
    values[49] = 1000;
    EXPECT_DOUBLE_EQ(aggregate_of(values, Aggregate::TrimmedAvg), 24.5);
}

TEST(AggregateValues, PercentilesInterpolateBetweenRanks) {
    EXPECT_DOUBLE_EQ(aggregate_of({4, 1, 3, 2}, Aggregate::Median), 2.5);
    EXPECT_DOUBLE_EQ(aggregate_of({4, 1, 3, 2}, Aggregate::P95), 3.85);
    EXPECT_DOUBLE_EQ(aggregate_of({7}, Aggregate::P99), 7);
}

TEST(AggregateNames, AreTheSeedsNames) {
    for (const Aggregate aggregate : all_aggregates()) {
        EXPECT_EQ(parse_aggregate(aggregate_name(aggregate)), aggregate);
    }
    EXPECT_EQ(parse_aggregate("trimmed_average"), Aggregate::TrimmedAvg);
    EXPECT_EQ(parse_aggregate("mean"), std::nullopt);
}

class AggregateWindows : public DatabaseFixture {
  protected:
    using Numbers = std::vector<double>;
    static Numbers numbers(const AggregateRow& row) {
        return {row.values.begin(), row.values.end()};
    }
    AggregateTable rows(std::vector<Aggregate> aggregates, TimeRange range, int64_t window) {
        const auto querier = db().querier();
        const std::vector<Matcher> matchers{Matcher::equal("__name__", "m")};
        const auto found = querier->select(matchers, {});
        return *aggregate_windows(*querier, found->front(), range, window, aggregates);
    }
};

TEST_F(AggregateWindows, AverageIsTheSameInWhateverCompany) {
    const SeriesId id = series("m");
    std::vector<Sample> samples;
    for (int64_t i = 0; i < 200'000; ++i) {
        samples.push_back({id, kStart + i * kNsPerMs, ValueBits::of(16777.215)});
    }
    append_all(samples);
    ASSERT_TRUE(db().flush());
    const TimeRange range{kStart, kStart + 1000 * kNsPerSecond};
    const double alone = rows({Aggregate::Avg}, range, 3600 * kNsPerSecond)[0].values[0];
    const double together =
        rows({Aggregate::Median, Aggregate::Avg}, range, 3600 * kNsPerSecond)[0].values[1];
    EXPECT_EQ(alone, together);
    EXPECT_NEAR(alone, 16777.215, 1e-9);
}

TEST_F(AggregateWindows, WindowsAreAlignedToTheEpochAndCutAtTheEnd) {
    const SeriesId id = series("m");
    for (int64_t i = 0; i < 10; ++i) {
        append(id, 7 * kNsPerSecond + i * kNsPerSecond, static_cast<double>(i));
    }
    for (const bool flushed : {false, true}) {
        if (flushed) {
            ASSERT_TRUE(db().flush());
        }
        const auto found =
            rows({Aggregate::Sum, Aggregate::Count}, {0, 15 * kNsPerSecond}, 10 * kNsPerSecond);
        ASSERT_EQ(found.size(), 2U);
        EXPECT_EQ(found[0].window.begin_ns, 0);
        EXPECT_EQ(found[0].window.end_ns, 10 * kNsPerSecond);
        EXPECT_EQ(numbers(found[0]), (Numbers{0 + 1 + 2, 3}));
        EXPECT_EQ(found[1].window.end_ns, 15 * kNsPerSecond);
        EXPECT_EQ(numbers(found[1]), (Numbers{3 + 4 + 5 + 6 + 7, 5}));
    }
}

}  // namespace
}  // namespace cistern::store
