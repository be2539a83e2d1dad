// SPDX-License-Identifier: MIT
#include "store/codec/times.h"

#include "store/codec/time_column.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace cistern::store::codec {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kStart = 1'767'225'600'000 * kMillisecond;

std::vector<std::byte> encoded(const std::vector<int64_t>& times, Effort effort) {
    std::vector<std::byte> bytes;
    encode_times(times, effort, bytes);
    return bytes;
}

void expect_round_trip(const std::vector<int64_t>& times) {
    for (const Effort effort : {Effort::Fast, Effort::Seal}) {
        const auto bytes = encoded(times, effort);
        std::vector<int64_t> decoded(times.size());
        ASSERT_TRUE(decode_times(bytes, decoded));
        ASSERT_EQ(decoded, times);
        TimeColumn column;
        ASSERT_TRUE(decode_times(bytes, times.size(), column));
        ASSERT_EQ(column.size(), times.size());
        std::fill(decoded.begin(), decoded.end(), 0);
        column.copy(0, decoded);
        ASSERT_EQ(decoded, times);
        for (size_t i = 0; i < times.size(); i += 1 + times.size() / 7) {
            ASSERT_EQ(column.at(i), times[i]);
            ASSERT_EQ(column.rank(times[i]), i);
        }
    }
}

std::vector<int64_t> jittered(size_t count, int64_t period, int64_t jitter, int64_t unit) {
    std::mt19937_64 random(count);
    std::vector<int64_t> times;
    for (size_t i = 0; i < count; ++i) {
        const auto shift = static_cast<int64_t>(random() % static_cast<uint64_t>(jitter));
        times.push_back(kStart + (static_cast<int64_t>(i) * period + shift) * unit);
    }
    return times;
}

TEST(Times, ComeBackAtEveryLengthAndResolution) {
    for (const size_t count : {1, 2, 3, 31, 32, 255, 256, 257, 4320, 8192}) {
        expect_round_trip(jittered(count, 10'000, 50, kMillisecond));
        expect_round_trip(jittered(count, 10'000'000'000, 40'000'000, 1));
        expect_round_trip(jittered(count, 1, 1, 1'000'000'000));
        expect_round_trip(jittered(count, 10, 10, 1));
    }
}

TEST(Times, ComeBackWithGapsAndAtTheEndsOfTheirRange) {
    std::mt19937_64 random(1);
    std::vector<int64_t> times{kStart};
    for (size_t i = 0; i < 5000; ++i) {
        times.push_back(
            times.back() + 1 +
            static_cast<int64_t>(random() % (random() % 50 == 0 ? 1'000'000'000'000 : 2'000)));
    }
    expect_round_trip(times);
    using Limits = std::numeric_limits<int64_t>;
    expect_round_trip({Limits::min(), Limits::max()});
    std::vector<int64_t> ends{Limits::min()};
    for (int64_t i = 0; i < 100; ++i) {
        ends.push_back(i * 1000 + i % 7);
    }
    ends.push_back(Limits::max());
    expect_round_trip(ends);
}

TEST(Times, OfARegularSeriesTakeAlmostNothing) {
    EXPECT_LT(encoded(jittered(4320, 10'000, 1, kMillisecond), Effort::Fast).size(), 40U);
}

TEST(Times, OfAJitteringDeviceTakeTheInformationOfTheJitter) {
    // 50 equally likely milliseconds are 5.6 bits; the difference of two of them would be 6.4.
    const auto times = jittered(4320, 10'000, 50, kMillisecond);
    EXPECT_LT(encoded(times, Effort::Fast).size(), 4320U * 6 / 8 + 100);
    EXPECT_LE(encoded(times, Effort::Seal).size(), encoded(times, Effort::Fast).size());
}

TEST(DecodeTimes, RefusesTruncationsAndTimesThatDoNotAscend) {
    for (const auto& times : {jittered(600, 10'000, 50, kMillisecond), jittered(600, 10, 5, 7)}) {
        const auto bytes = encoded(times, Effort::Fast);
        std::vector<int64_t> decoded(times.size());
        for (size_t size = 0; size < bytes.size(); ++size) {
            const std::vector<std::byte> cut(bytes.begin(),
                                             bytes.begin() + static_cast<ptrdiff_t>(size));
            EXPECT_FALSE(decode_times(cut, decoded));
            TimeColumn column;
            EXPECT_FALSE(decode_times(cut, decoded.size(), column));
        }
    }
    std::vector<std::byte> equal;
    encode_times(std::vector<int64_t>{5}, Effort::Fast, equal);  // a constant column, asked for two
    std::vector<int64_t> two(2);
    EXPECT_FALSE(decode_times(equal, two));
}

}  // namespace
}  // namespace cistern::store::codec
