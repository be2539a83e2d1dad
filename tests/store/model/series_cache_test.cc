// SPDX-License-Identifier: MIT
#include "store/model/series_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace cistern::store {
namespace {

std::string key_of(uint32_t i) {
    return "metric{device=\"sensor-" + std::to_string(i) + "\"}";
}

TEST(SeriesCache, FindsWhatWasInserted) {
    SeriesCache cache;
    for (uint32_t i = 1; i <= 10'000; ++i) {
        EXPECT_FALSE(cache.find(key_of(i)).has_value());
        cache.insert(key_of(i), {SeriesId(i), i % 2 == 0 ? ValueType::Int : ValueType::Float});
    }
    for (uint32_t i = 1; i <= 10'000; ++i) {
        const auto found = cache.find(key_of(i));
        ASSERT_TRUE(found.has_value());
        EXPECT_EQ(found->id, SeriesId(i));
        EXPECT_EQ(found->type, i % 2 == 0 ? ValueType::Int : ValueType::Float);
    }
    EXPECT_EQ(cache.size(), 10'000U);
}

TEST(SeriesCache, ReplacesTheIdOfAKnownKey) {
    SeriesCache cache;
    cache.insert("m", {SeriesId(1)});
    cache.insert("m", {SeriesId(2)});
    EXPECT_EQ(cache.find("m")->id, SeriesId(2));
    EXPECT_EQ(cache.size(), 1U);
}

TEST(SeriesCache, StaysWithinItsBoundsAndKeepsWhatIsUsed) {
    SeriesCache cache(1'000, 1 << 20);
    cache.insert("used", {SeriesId(77)});
    for (uint32_t i = 1; i <= 20'000; ++i) {
        cache.insert(key_of(i), {SeriesId(i)});
        ASSERT_LE(cache.size(), 1'000U);
        ASSERT_TRUE(cache.find("used").has_value()) << i;
    }
    EXPECT_FALSE(cache.find(key_of(1)).has_value());
}

TEST(SeriesCache, BoundsTheTextToo) {
    SeriesCache cache(1'000'000, 10'000);
    const std::string long_key(3'000, 'x');
    for (uint32_t i = 1; i <= 100; ++i) {
        cache.insert(long_key + std::to_string(i), {SeriesId(i)});
    }
    EXPECT_LE(cache.size(), 4U);
    cache.insert(std::string(20'000, 'y'), {SeriesId(1)});
    EXPECT_FALSE(cache.find(std::string(20'000, 'y')).has_value());
}

}  // namespace
}  // namespace cistern::store
