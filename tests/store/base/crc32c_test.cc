// SPDX-License-Identifier: MIT
#include "store/base/crc32c.h"

#include <gtest/gtest.h>

#include <random>
#include <string_view>
#include <vector>

namespace cistern {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

TEST(Crc32c, GivesTheCheckValuesOfRfc3720) {
    EXPECT_EQ(crc32c(bytes_of("123456789")), 0xe3069283U);
    EXPECT_EQ(crc32c(std::vector<std::byte>(32)), 0x8a9136aaU);
}

TEST(Crc32c, ContinuesFromTheResultOfTheBytesBefore) {
    EXPECT_EQ(crc32c(bytes_of("6789"), crc32c(bytes_of("12345"))), crc32c(bytes_of("123456789")));
}

TEST(Crc32c, InstructionAndTableAgreeOnEveryLength) {
    std::mt19937 random(1);
    std::vector<std::byte> bytes(300);
    for (auto& byte : bytes) {
        byte = static_cast<std::byte>(random());
    }
    for (size_t size = 0; size <= bytes.size(); ++size) {
        const auto part = std::span(bytes).first(size);
        EXPECT_EQ(crc32c(part, 7), detail::crc32c_portable(part, 7));
    }
}

}  // namespace
}  // namespace cistern
