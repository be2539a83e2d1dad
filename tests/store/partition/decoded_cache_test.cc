// SPDX-License-Identifier: MIT
#include "store/partition/decoded_cache.h"

#include <gtest/gtest.h>

namespace cistern::store {
namespace {

using Kind = DecodedCache::Kind;

void keep(DecodedCache& cache, DecodedCache::Key key, int value, size_t bytes) {
    cache.keep(key, std::make_shared<const int>(value), bytes);
}

TEST(DecodedCache, FindsWhatWasKeptUnderTheSameFileKindAndNumber) {
    DecodedCache cache(1000);
    keep(cache, {1, 7, Kind::Times}, 42, 10);
    EXPECT_EQ(*cache.find<int>({1, 7, Kind::Times}), 42);
    EXPECT_EQ(cache.find<int>({2, 7, Kind::Times}), nullptr);
    EXPECT_EQ(cache.find<int>({1, 8, Kind::Times}), nullptr);
    EXPECT_EQ(cache.find<int>({1, 7, Kind::BlockPage}), nullptr);
}

TEST(DecodedCache, DropsWhatWasNotUsedLongest) {
    DecodedCache cache(30);
    keep(cache, {1, 1, Kind::Times}, 1, 10);
    keep(cache, {1, 2, Kind::Times}, 2, 10);
    keep(cache, {1, 3, Kind::Times}, 3, 10);
    EXPECT_NE(cache.find<int>({1, 1, Kind::Times}), nullptr);
    keep(cache, {1, 4, Kind::Times}, 4, 10);
    EXPECT_EQ(cache.find<int>({1, 2, Kind::Times}), nullptr);
    EXPECT_NE(cache.find<int>({1, 1, Kind::Times}), nullptr);
    EXPECT_EQ(cache.bytes(), 30U);
}

TEST(DecodedCache, KeepsTheNewestEvenWhenItAloneIsTooLarge) {
    DecodedCache cache(30);
    keep(cache, {1, 1, Kind::Times}, 1, 10);
    keep(cache, {1, 2, Kind::Times}, 2, 100);
    EXPECT_EQ(cache.find<int>({1, 1, Kind::Times}), nullptr);
    EXPECT_NE(cache.find<int>({1, 2, Kind::Times}), nullptr);
}

TEST(DecodedCache, ForgetsAClosedFileAndNoOther) {
    DecodedCache cache(1000);
    keep(cache, {1, 1, Kind::Times}, 1, 10);
    keep(cache, {2, 1, Kind::Times}, 2, 10);
    keep(cache, {1, 1, Kind::TimePage}, 3, 10);
    cache.forget(1);
    EXPECT_EQ(cache.bytes(), 10U);
    EXPECT_NE(cache.find<int>({2, 1, Kind::Times}), nullptr);
}

TEST(DecodedCache, GivesUsersWhatTheyHoldAfterItWasDropped) {
    DecodedCache cache(10);
    keep(cache, {1, 1, Kind::Times}, 5, 10);
    const auto held = cache.find<int>({1, 1, Kind::Times});
    cache.forget(1);
    EXPECT_EQ(*held, 5);
}

}  // namespace
}  // namespace cistern::store
