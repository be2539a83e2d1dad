// SPDX-License-Identifier: MIT
#include "store/codec/doubles.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>

namespace cistern::store::codec {
namespace {

using Make = std::function<double(size_t, std::mt19937_64&)>;

struct Distribution {
    std::string name;
    Make make;
};

double decimal(double value, int digits) {
    const double power = std::pow(10, digits);
    return std::round(value * power) / power;
}

const std::vector<Distribution>& distributions() {
    static const std::vector<Distribution> all = {
        {"constant", [](size_t, auto&) { return 21.5; }},
        {"regular", [](size_t i, auto&) { return static_cast<double>(i); }},
        {"two_digits",
         [](size_t i, auto& r) {
             return decimal(20 + std::sin(i * 0.01) + (r() % 100) * 0.001, 2);
         }},
        {"fifteen_digits", [](size_t, auto& r) { return static_cast<double>(r() >> 12) / 1e15; }},
        {"floats",
         [](size_t, auto& r) {
             return static_cast<double>(static_cast<float>(r() % 4000) / 7.0F);
         }},
        {"float_decimals",
         [](size_t, auto& r) {
             return static_cast<double>(static_cast<float>((r() % 4000) * 0.1));
         }},
        {"full_precision", [](size_t, auto& r) { return 1 + static_cast<double>(r()) / 1.8e19; }},
        {"any_bits",
         [](size_t, auto& r) { return std::bit_cast<double>(static_cast<uint64_t>(r())); }},
        {"few_distinct", [](size_t, auto& r) { return std::sqrt(static_cast<double>(r() % 17)); }},
        {"states", [](size_t i, auto&) { return i / 300 % 2 == 0 ? 0.0 : 1.0; }},
        {"counter",
         [](size_t i, auto& r) {
             return std::floor(1e9 + static_cast<double>(i) * 4096 + r() % 2 * 4096);
         }},
        {"outliers",
         [](size_t i, auto& r) { return i % 97 == 5 ? 1e12 : decimal(5 + r() % 10 * 0.1, 1); }},
        {"gaps",
         [](size_t i, auto& r) {
             return i % 13 == 0 ? std::nan("") : decimal(r() % 1000 * 0.01, 2);
         }},
        {"signed_zeros", [](size_t, auto& r) { return r() % 2 == 0 ? -0.0 : 0.0; }},
        {"huge_steps", [](size_t, auto& r) { return static_cast<double>(r() % 9) * 1e14; }},
    };
    return all;
}

void expect_same_bits(const std::vector<double>& values,
                      const std::vector<double>& decoded,
                      const std::string& what) {
    for (size_t i = 0; i < values.size(); ++i) {
        ASSERT_EQ(std::bit_cast<uint64_t>(values[i]), std::bit_cast<uint64_t>(decoded[i]))
            << what << " at " << i;
    }
}

class RoundTrip : public testing::TestWithParam<Effort> {};

TEST_P(RoundTrip, KeepsEveryBitOfEveryDistributionAtEveryLength) {
    for (const Distribution& distribution : distributions()) {
        DoubleEncoder encoder;
        for (const size_t count : {1, 2, 3, 7, 255, 256, 257, 511, 1000, 4096, 8192}) {
            std::mt19937_64 random(count);
            std::vector<double> values;
            for (size_t i = 0; i < count; ++i) {
                values.push_back(distribution.make(i, random));
            }
            std::vector<std::byte> bytes;
            encoder.encode(values, GetParam(), bytes);
            std::vector<double> decoded(count);
            ASSERT_TRUE(decode_doubles(bytes, decoded)) << distribution.name << " " << count;
            expect_same_bits(values, decoded, distribution.name + " " + std::to_string(count));
            EXPECT_LE(bytes.size(), count * 9 + 32) << distribution.name;
        }
    }
}

TEST_P(RoundTrip, KeepsEveryKindOfNumberThatADoubleCanBe) {
    using Limits = std::numeric_limits<double>;
    const std::vector<double> odd = {0.0,
                                     -0.0,
                                     Limits::infinity(),
                                     -Limits::infinity(),
                                     Limits::quiet_NaN(),
                                     std::bit_cast<double>(0x7ff0000000000002ULL),
                                     std::bit_cast<double>(0xfff8dead0000beefULL),
                                     std::bit_cast<double>(0x7ff0000000000001ULL),
                                     Limits::denorm_min(),
                                     -Limits::denorm_min(),
                                     Limits::min(),
                                     Limits::max(),
                                     Limits::lowest(),
                                     1e300,
                                     1e17,
                                     -1e17,
                                     9007199254740993.0,
                                     2251799813685248.0,
                                     0.1,
                                     1e-5,
                                     123456.789};
    for (size_t first = 0; first < odd.size(); ++first) {
        for (size_t second = 0; second < odd.size(); ++second) {
            for (const size_t count : {1, 2, 5, 300}) {
                std::vector<double> values(count, odd[first]);
                for (size_t i = 1; i < count; i += 3) {
                    values[i] = odd[second];
                }
                std::vector<std::byte> bytes;
                DoubleEncoder().encode(values, GetParam(), bytes);
                std::vector<double> decoded(count);
                ASSERT_TRUE(decode_doubles(bytes, decoded))
                    << first << " " << second << " " << count;
                expect_same_bits(
                    values, decoded, std::to_string(first) + " " + std::to_string(second));
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Efforts,
                         RoundTrip,
                         testing::Values(Effort::Fast, Effort::Seal),
                         [](const auto& param) {
                             return param.param == Effort::Fast ? "Fast" : "Seal";
                         });

TEST(DecodeDoubles, RefusesEveryTruncation) {
    std::mt19937_64 random(3);
    for (const Effort effort : {Effort::Fast, Effort::Seal}) {
        for (const Distribution& distribution : distributions()) {
            std::vector<double> values;
            for (size_t i = 0; i < 600; ++i) {
                values.push_back(distribution.make(i, random));
            }
            std::vector<std::byte> bytes;
            DoubleEncoder().encode(values, effort, bytes);
            std::vector<double> decoded(values.size());
            for (size_t size = 0; size < bytes.size(); ++size) {
                // A copy of the exact size, so that the sanitizer sees a read behind it.
                const std::vector<std::byte> cut(bytes.begin(),
                                                 bytes.begin() + static_cast<ptrdiff_t>(size));
                EXPECT_FALSE(decode_doubles(cut, decoded))
                    << distribution.name << " cut to " << size;
            }
        }
    }
}

TEST(DoubleEncoder, TakesAboutTheInformationOfADecimalSensor) {
    std::mt19937_64 random(1);
    std::vector<double> values;
    double value = 2100;
    for (size_t i = 0; i < 4096; ++i) {
        value += static_cast<double>(random() % 7) - 3;  // 2.8 bits
        values.push_back(value / 100);
    }
    std::vector<std::byte> bytes;
    DoubleEncoder().encode(values, Effort::Fast, bytes);
    EXPECT_LT(bytes.size(), values.size() * 3 / 8 + 64);
}

}  // namespace
}  // namespace cistern::store::codec
