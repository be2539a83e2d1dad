// SPDX-License-Identifier: MIT
#include "store/codec/decimal.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

namespace cistern::store::codec {
namespace {

TEST(Scaler, IsTheCorrectlyRoundedQuotientBitForBit) {
    std::mt19937_64 random(1);
    for (unsigned exponent = 0; exponent <= kTwoProductExponentMax; ++exponent) {
        const Scaler scaler = scaler_of(exponent);
        const double power = power_of_ten(exponent);
        const auto check = [&](int64_t mantissa) {
            const auto m = static_cast<double>(mantissa);
            ASSERT_EQ(std::bit_cast<uint64_t>(m * scaler.high + m * scaler.low),
                      std::bit_cast<uint64_t>(m / power))
                << mantissa << " / 10^" << exponent;
        };
        for (int64_t mantissa = 0; mantissa < 100'000; ++mantissa) {
            check(mantissa);
            check(kSmallMantissa - 1 - mantissa);
        }
        for (int i = 0; i < 300'000; ++i) {
            const auto mantissa = static_cast<int64_t>(random() >> (33 + random() % 24));
            check(mantissa);
            check(-mantissa);
        }
    }
}

TEST(FindDecimals, FindsTheFewestDigits) {
    const auto found =
        find_decimals(std::vector<double>{1.5, 2.25, -3, 0.5}, Through::Double, std::nullopt);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->exponent, 2U);
    EXPECT_EQ(found->mantissas, (std::vector<int64_t>{150, 225, -300, 50}));
    EXPECT_TRUE(found->exceptions.empty());
    EXPECT_TRUE(found->small);
}

TEST(FindDecimals, KeepsWhatIsNoDecimalAsAnException) {
    std::vector<double> values(100, 0.5);
    values[0] = std::nan("");
    values[50] = -0.0;
    values[51] = 1e300;
    const auto found = find_decimals(values, Through::Double, std::nullopt);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->exceptions, (std::vector<uint32_t>{0, 50, 51}));
    EXPECT_EQ(found->mantissas, std::vector<int64_t>(100, 5));
}

TEST(FindDecimals, SaysWhenAColumnIsNone) {
    std::vector<double> values;
    for (int i = 1; i < 100; ++i) {
        values.push_back(std::sqrt(static_cast<double>(i) + 0.5));
    }
    EXPECT_FALSE(find_decimals(values, Through::Double, std::nullopt).has_value());
}

TEST(FindDecimals, LooksAgainWhenTheHintNoLongerFits) {
    const std::vector<double> values(100, 0.125);
    const auto found = find_decimals(values, Through::Double, 1);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->exponent, 3U);
}

TEST(FindDecimals, SeesThroughAFloat) {
    std::vector<double> values;
    for (int i = 0; i < 100; ++i) {
        values.push_back(static_cast<double>(static_cast<float>(i * 0.1)));
    }
    const auto found = find_decimals(values, Through::Float, std::nullopt);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->exponent, 1U);
    EXPECT_TRUE(found->exceptions.empty());
}

}  // namespace
}  // namespace cistern::store::codec
