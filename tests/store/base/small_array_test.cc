// SPDX-License-Identifier: MIT
#include "store/base/small_array.h"

#include <gtest/gtest.h>

#include <numeric>

namespace cistern {
namespace {

TEST(SmallArray, HoldsOneWithoutAnAllocationAndManyInOrder) {
    SmallArray<uint64_t> array;
    EXPECT_TRUE(array.empty());
    for (uint64_t i = 0; i < 1000; ++i) {
        array.push_back(i);
        EXPECT_EQ(array.heap_bytes() == 0, i == 0);
        EXPECT_EQ(array.back(), i);
    }
    EXPECT_EQ(std::accumulate(array.begin(), array.end(), uint64_t{0}), 499'500U);
    array.clear();
    EXPECT_TRUE(array.empty());
    array.push_back(7);
    EXPECT_EQ(array[0], 7U);
}

TEST(SmallArray, TakesAnElementOfItsOwn) {
    SmallArray<uint64_t> array;
    array.push_back(3);
    for (int i = 0; i < 50; ++i) {
        array.push_back(array[0]);  // lies in memory that growing frees
    }
    EXPECT_EQ(array[50], 3U);
}

TEST(SmallArray, LeavesAnEmptyOneBehindWhenMoved) {
    for (const size_t count : {size_t{1}, size_t{20}}) {
        SmallArray<uint64_t> from;
        for (uint64_t i = 0; i < count; ++i) {
            from.push_back(i);
        }
        SmallArray<uint64_t> to;
        to.push_back(99);
        to = std::move(from);
        EXPECT_EQ(to.size(), count);
        EXPECT_EQ(to.back(), count - 1);
        EXPECT_TRUE(from.empty());  // NOLINT: what is left is part of the contract
        from.push_back(5);
        EXPECT_EQ(from.back(), 5U);
    }
}

TEST(SmallArray, ReservesExactly) {
    SmallArray<uint64_t> array;
    array.reserve(5);
    EXPECT_EQ(array.heap_bytes(), 5 * sizeof(uint64_t));
    array.reserve(2);
    EXPECT_EQ(array.heap_bytes(), 5 * sizeof(uint64_t));
}

}  // namespace
}  // namespace cistern
