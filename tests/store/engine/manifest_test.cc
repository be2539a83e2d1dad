// SPDX-License-Identifier: MIT
#include "store/engine/manifest.h"

#include "store/base/crc32c.h"
#include "store/engine/options.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cistern::store {
namespace {

Manifest example() {
    Manifest manifest;
    manifest.flushed_lsn = 17;
    manifest.next_generation = 4;
    manifest.files.push_back(
        {"data-2026-11-21.3.cst", {0, kNsPerDay}, 3, true, 100, 0, 8, 5, kNsPerDay - 1});
    return manifest;
}

TEST(Manifest, ReadsBackWhatWasPrinted) {
    const auto read = parse_manifest(print_manifest(example()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, example());
}

TEST(Manifest, OfANewerVersionIsRefusedByName) {
    std::string text = "cistern-manifest 2\nnobody knows\n";
    text += fmt::format("crc32c {:08x}\n", crc32c(std::as_bytes(std::span(text))));
    const auto read = parse_manifest(text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::Unsupported);
    EXPECT_NE(read.error().message.find("cistern-manifest 2"), std::string::npos);
}

TEST(Manifest, AnyFlippedBitIsDamageAndNoNewerVersion) {
    const std::string good = print_manifest(example());
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string text = good;
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
        const auto read = parse_manifest(text);
        ASSERT_FALSE(read) << bit;
        EXPECT_EQ(read.error().code, ErrorCode::Corruption) << bit;
    }
}

}  // namespace
}  // namespace cistern::store
