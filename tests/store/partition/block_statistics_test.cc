// SPDX-License-Identifier: MIT
#include "store/partition/block_statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace cistern::store {
namespace {

using Limits = std::numeric_limits<double>;

BlockEntry of(const std::vector<double>& values) {
    std::vector<ValueBits> bits;
    for (const double value : values) {
        bits.push_back(ValueBits::of(value));
    }
    BlockEntry entry;
    measure_values(bits, ValueType::Float, entry);
    return entry;
}

BlockEntry of_ints(const std::vector<int64_t>& values) {
    std::vector<ValueBits> bits;
    for (const int64_t value : values) {
        bits.push_back(ValueBits::of_int(value));
    }
    BlockEntry entry;
    measure_values(bits, ValueType::Int, entry);
    return entry;
}

TEST(BlockStatistics, SkipNaNButCountIt) {
    const BlockEntry entry = of({std::nan(""), 3, -1, stale_marker(), 2});
    EXPECT_EQ(entry.count, 5U);
    EXPECT_EQ(entry.nan_count, 2U);
    EXPECT_EQ(entry.min.as_double(), -1);
    EXPECT_EQ(entry.max.as_double(), 3);
    EXPECT_EQ(entry.sum.as_double(), 4);
    EXPECT_TRUE(std::isnan(entry.first.as_double()));
    EXPECT_EQ(entry.last.as_double(), 2);
}

TEST(BlockStatistics, AreNaNWhenEveryValueIs) {
    const BlockEntry entry = of({std::nan(""), std::nan("")});
    EXPECT_EQ(entry.nan_count, 2U);
    EXPECT_TRUE(std::isnan(entry.min.as_double()));
    EXPECT_TRUE(std::isnan(entry.max.as_double()));
    EXPECT_TRUE(std::isnan(entry.sum.as_double()));
}

TEST(BlockStatistics, SumWithoutLosingSmallValuesBesideLargeOnes) {
    EXPECT_EQ(of({1e16, 1, 1, 1, 1, -1e16}).sum.as_double(), 4);
    EXPECT_EQ(of(std::vector<double>(10, 0.1)).sum.as_double(), 1.0);
}

TEST(BlockStatistics, KeepInfinities) {
    EXPECT_EQ(of({1, Limits::infinity()}).sum.as_double(), Limits::infinity());
    EXPECT_EQ(of({1, Limits::infinity()}).max.as_double(), Limits::infinity());
    EXPECT_TRUE(std::isnan(of({-Limits::infinity(), Limits::infinity()}).sum.as_double()));
    EXPECT_EQ(of({Limits::max(), Limits::max()}).sum.as_double(), Limits::infinity());
}

TEST(BlockStatistics, OfIntegersAreExactAndSayWhenTheSumDoesNotFit) {
    constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
    const BlockEntry exact = of_ints({kMost, -1, 1 - kMost});
    EXPECT_TRUE(exact.sum_fits);
    EXPECT_EQ(exact.sum.as_int(), 0);
    EXPECT_EQ(exact.min.as_int(), 1 - kMost);
    EXPECT_EQ(exact.max.as_int(), kMost);
    EXPECT_FALSE(of_ints({kMost, 1}).sum_fits);
}

}  // namespace
}  // namespace cistern::store
