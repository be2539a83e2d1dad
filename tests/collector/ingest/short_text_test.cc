// SPDX-License-Identifier: MIT
#include "collector/ingest/short_text.h"

#include <gtest/gtest.h>

#include <string>

namespace cistern::collector {
namespace {

TEST(ShortText, KeepsTheLastTextOfAnyLength) {
    ShortText text;
    EXPECT_EQ(text.view(), "");
    for (const size_t size : {0, 3, 20, 21, 5, 24, 300, 20, 0, 65'535, 1}) {
        const std::string wanted(size, static_cast<char>('a' + size % 26));
        text.assign(wanted);
        ASSERT_EQ(text.view(), wanted);
    }
    text.assign(std::string(70'000, 'x'));
    EXPECT_EQ(text.view(), std::string(65'535, 'x'));
}

TEST(ShortText, NeedsNoAllocationForANumber) {
    ShortText text;
    text.assign("-1234567.890123e-100");
    EXPECT_EQ(text.heap_bytes(), 0U);
    text.assign(std::string(21, 'x'));
    EXPECT_EQ(text.heap_bytes(), 24U);
}

TEST(TextArena, GivesViewsThatStay) {
    TextArena arena;
    std::vector<std::string_view> stored;
    const auto text = [](size_t i) {
        return std::string(i % 97 == 0 ? 9000 : i % 60, static_cast<char>('a' + i % 26));
    };
    for (size_t i = 0; i < 2000; ++i) {
        stored.push_back(arena.store(text(i)));
    }
    for (size_t i = 0; i < stored.size(); ++i) {
        ASSERT_EQ(stored[i], text(i));
    }
}

}  // namespace
}  // namespace cistern::collector
