// SPDX-License-Identifier: MIT
#include "store/codec/integers.h"

#include "store/codec/describe.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>

namespace cistern::store::codec {
namespace {

using Limits = std::numeric_limits<int64_t>;

std::vector<std::byte> encoded(const std::vector<int64_t>& values, Effort effort = Effort::Fast) {
    std::vector<std::byte> bytes;
    encode_integers(values, effort, bytes);
    return bytes;
}

void expect_round_trip(const std::vector<int64_t>& values) {
    for (const Effort effort : {Effort::Fast, Effort::Seal}) {
        std::vector<int64_t> decoded(values.size());
        ASSERT_TRUE(decode_integers(encoded(values, effort), decoded));
        ASSERT_EQ(decoded, values);
    }
}

std::vector<int64_t> made(size_t count,
                          const std::function<int64_t(size_t, std::mt19937_64&)>& make) {
    std::mt19937_64 random(count);
    std::vector<int64_t> values;
    for (size_t i = 0; i < count; ++i) {
        values.push_back(make(i, random));
    }
    return values;
}

TEST(Integers, ComeBackFromEveryModelAtEveryLength) {
    for (const size_t count : {1, 2, 3, 255, 256, 257, 1000, 8192}) {
        expect_round_trip(made(count, [](size_t, auto&) { return -7; }));
        expect_round_trip(
            made(count, [](size_t, auto& r) { return static_cast<int64_t>(r() % 1000) - 500; }));
        expect_round_trip(
            made(count, [](size_t i, auto& r) { return static_cast<int64_t>(i * 100 + r() % 9); }));
        expect_round_trip(
            made(count, [](size_t i, auto&) { return static_cast<int64_t>(i * i * 3); }));
        expect_round_trip(made(count, [](size_t i, auto&) { return i / 50 % 3 == 0 ? 5 : -5; }));
        expect_round_trip(made(count, [](size_t, auto& r) {
            return static_cast<int64_t>(r() % 9 * r() % 5 * 1'000'000'007);
        }));
        expect_round_trip(made(count, [](size_t, auto& r) { return static_cast<int64_t>(r()); }));
        expect_round_trip(made(
            count, [](size_t i, auto& r) { return static_cast<int64_t>(i << 40 | r() % 64); }));
        expect_round_trip(made(
            count, [](size_t i, auto&) { return i % 2 == 0 ? Limits::min() : Limits::max(); }));
        expect_round_trip(
            made(count, [](size_t, auto& r) { return static_cast<int64_t>(r() % 3) << 62; }));
        expect_round_trip(made(count, [](size_t i, auto& r) {
            return static_cast<int64_t>(i * 4096 + (r() % 3) * 2'147'483'648);
        }));
    }
}

struct Named {
    const char* model;
    std::vector<int64_t> values;
};

TEST(Integers, AreCodedByTheModelThatFitsThem) {
    const std::vector<Named> all = {
        {"constant", made(600, [](size_t, auto&) { return 9; })},
        {"frame, packed",
         made(600, [](size_t, auto& r) { return static_cast<int64_t>(r() % 1000); })},
        {"delta, packed",
         made(600,
              [sum = int64_t{0}](size_t, auto& r) mutable {
                  return sum += static_cast<int64_t>(r() % 9) - 4;
              })},
        {"delta from least, steps of 1000, packed",
         made(600,
              [sum = int64_t{0}](size_t, auto& r) mutable {
                  return sum += 100'000 + static_cast<int64_t>(r() % 50) * 1000;
              })},
        {"runs: 3", made(600, [](size_t i, auto&) { return i / 200 * 77 % 5; })},
        {"dictionary of 5, frame, packed",
         made(600,
              [](size_t, auto& r) {
                  const auto k = static_cast<int64_t>(r() % 5);
                  return k * k * k * 1'000'003;
              })},
    };
    for (const Named& named : all) {
        EXPECT_EQ(describe_integers(encoded(named.values), named.values.size()), named.model);
    }
}

TEST(Integers, OfARegularSeriesTakeAFewBytesWhateverTheirNumber) {
    EXPECT_LT(
        encoded(
            made(8192, [](size_t i, auto&) { return static_cast<int64_t>(i) * 10'000'000'000; }))
            .size(),
        24U);
}

TEST(DecodeIntegers, RefusesRunsInsideRuns) {
    const auto plain = encoded({1, 1});
    ByteWriter inner;
    inner.u8(static_cast<uint8_t>(IntegerModel::Runs));
    inner.varint(1);
    inner.varint(plain.size());
    inner.raw(plain);
    inner.raw(plain);
    ByteWriter outer;
    outer.u8(static_cast<uint8_t>(IntegerModel::Runs));
    outer.varint(1);
    outer.varint(inner.size());
    outer.raw(inner.bytes());
    outer.raw(plain);
    std::vector<int64_t> values(1);
    EXPECT_TRUE(decode_integers(inner.bytes(), values));
    EXPECT_FALSE(decode_integers(outer.bytes(), values));
}

TEST(DecodeIntegers, RefusesDictionaryIndicesOutsideTheDictionary) {
    const auto values = encoded({10, 20});
    const auto encode = [&](const std::vector<int64_t>& indices) {
        ByteWriter writer;
        writer.u8(static_cast<uint8_t>(IntegerModel::Dictionary));
        writer.varint(2);
        writer.varint(values.size());
        writer.raw(values);
        writer.raw(encoded(indices));
        return writer.buffer();
    };
    std::vector<int64_t> decoded(3);
    ASSERT_TRUE(decode_integers(encode({1, 0, 1}), decoded));
    EXPECT_EQ(decoded, (std::vector<int64_t>{20, 10, 20}));
    EXPECT_FALSE(decode_integers(encode({1, 0, 2}), decoded));
    EXPECT_FALSE(decode_integers(encode({1, 0, -1}), decoded));
    EXPECT_FALSE(decode_integers(encode({1LL << 40, 0, 0}), decoded));
}

TEST(DecodeIntegers, RefusesEveryTruncationAndEveryAppendedByte) {
    for (const Effort effort : {Effort::Fast, Effort::Seal}) {
        const auto values =
            made(700, [](size_t i, auto& r) { return static_cast<int64_t>(i * 100 + r() % 40); });
        auto bytes = encoded(values, effort);
        std::vector<int64_t> decoded(values.size());
        for (size_t size = 0; size < bytes.size(); ++size) {
            const std::vector<std::byte> cut(bytes.begin(),
                                             bytes.begin() + static_cast<ptrdiff_t>(size));
            EXPECT_FALSE(decode_integers(cut, decoded));
        }
        bytes.push_back(std::byte{0});
        EXPECT_FALSE(decode_integers(bytes, decoded));
    }
}

}  // namespace
}  // namespace cistern::store::codec
