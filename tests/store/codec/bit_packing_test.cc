// SPDX-License-Identifier: MIT
#include "store/codec/bit_packing.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace cistern::store::codec {
namespace {

std::vector<std::byte> packed(const std::vector<uint32_t>& values) {
    std::vector<std::byte> bytes;
    pack_groups(values, bytes);
    return bytes;
}

std::vector<uint32_t> unpacked(std::span<const std::byte> bytes, size_t count) {
    ByteReader in(bytes);
    std::vector<uint32_t> values;
    std::array<uint32_t, kGroupValues> group{};
    while (values.size() < count) {
        const size_t size = std::min(kGroupValues, count - values.size());
        if (!unpack_group(in, size, group.data())) {
            return {};
        }
        values.insert(values.end(), group.begin(), group.begin() + static_cast<ptrdiff_t>(size));
    }
    return in.at_end() ? values : std::vector<uint32_t>{};
}

TEST(BitPacking, GivesBackNumbersOfEveryWidthAtEveryLength) {
    std::mt19937 random(1);
    for (unsigned width = 0; width <= 32; ++width) {
        for (const size_t count : {1, 2, 7, 8, 9, 255, 256, 257, 600}) {
            std::vector<uint32_t> values(count);
            for (uint32_t& value : values) {
                value = width == 0 ? 0 : static_cast<uint32_t>(random()) >> (32 - width);
            }
            const auto bytes = packed(values);
            EXPECT_EQ(bytes.size(), packed_bytes(values));
            EXPECT_EQ(unpacked(bytes, count), values) << width << " bits, " << count << " values";
        }
    }
}

TEST(BitPacking, PatchesTheFewNumbersThatNeedMoreBits) {
    std::mt19937 random(2);
    std::vector<uint32_t> values(512);
    for (uint32_t& value : values) {
        value = static_cast<uint32_t>(random() % 8);
    }
    const size_t narrow = packed(values).size();
    values[0] = 0xffffffff;
    values[255] = 1000;
    values[256] = 0x80000000;
    const auto bytes = packed(values);
    EXPECT_LE(bytes.size(), narrow + 20);
    EXPECT_EQ(unpacked(bytes, values.size()), values);
}

TEST(BitPacking, RefusesWidthsAndPositionsThatDoNotExist) {
    const std::vector<std::byte> too_wide{std::byte{33}, std::byte{0}};
    EXPECT_TRUE(unpacked(too_wide, 1).empty());
    // Width 0 with one exception at position 5 of 5.
    const std::vector<std::byte> outside{std::byte{0x80}, std::byte{1}, std::byte{5}, std::byte{1}};
    EXPECT_TRUE(unpacked(outside, 5).empty());
    EXPECT_FALSE(unpacked(outside, 6).empty());
    const std::vector<std::byte> nothing{};
    EXPECT_TRUE(unpacked(nothing, 5).empty());
}

}  // namespace
}  // namespace cistern::store::codec
