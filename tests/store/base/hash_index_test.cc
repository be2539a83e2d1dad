// SPDX-License-Identifier: MIT
#include "store/base/hash_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace cistern {
namespace {

TEST(HashIndex, AgreesWithAMapWhateverIsInsertedAndErased) {
    std::mt19937 random(7);
    HashIndex index;
    std::map<uint32_t, uint32_t> hashes;  // by number
    for (uint32_t step = 0; step < 20'000; ++step) {
        const uint32_t number = random() % 500;
        if (const auto known = hashes.find(number); known != hashes.end()) {
            index.erase(known->second, number);
            hashes.erase(known);
        } else {
            hashes[number] = random() % 64 == 0 ? 5 : random() % 300;  // many collide, some wholly
            index.insert(hashes[number], number);
        }
        const uint32_t asked = random() % 500;
        const auto wanted = hashes.find(asked);
        const uint32_t hash = wanted != hashes.end() ? wanted->second : random() % 300;
        const uint32_t found = index.find(hash, [asked](uint32_t n) { return n == asked; });
        ASSERT_EQ(found, wanted != hashes.end() ? asked : HashIndex::kNone);
    }
}

TEST(HashIndex, FindsNothingWhenEmpty) {
    EXPECT_EQ(HashIndex().find(1, [](uint32_t) { return true; }), HashIndex::kNone);
}

}  // namespace
}  // namespace cistern
