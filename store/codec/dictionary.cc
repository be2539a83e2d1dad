// SPDX-License-Identifier: MIT
#include "store/codec/dictionary.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace cistern::store::codec {
namespace {

constexpr uint32_t kFree = ~0U;
constexpr uint64_t kMix =
    0x9e3779b97f4a7c15ULL;  // Knuth's multiplicative hash, 2^64 / golden ratio

}  // namespace

bool build_dictionary(std::span<const int64_t> values,
                      size_t distinct_max,
                      Dictionary& dictionary) {
    if (distinct_max < 2) {
        return false;
    }
    const auto slots = std::bit_ceil(distinct_max * 2 + 2);
    const int shift = 64 - std::countr_zero(slots);
    std::vector<uint32_t> table(slots, kFree);
    std::vector<int64_t> found;  // in order of appearance
    std::vector<uint32_t> order(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
        size_t slot = static_cast<uint64_t>(values[i]) * kMix >> shift;
        while (table[slot] != kFree && found[table[slot]] != values[i]) {
            slot = (slot + 1) & (slots - 1);
        }
        if (table[slot] == kFree) {
            if (found.size() == distinct_max) {
                return false;
            }
            table[slot] = static_cast<uint32_t>(found.size());
            found.push_back(values[i]);
        }
        order[i] = table[slot];
    }
    std::vector<uint32_t> sorted(found.size());
    std::iota(sorted.begin(), sorted.end(), 0U);
    std::sort(
        sorted.begin(), sorted.end(), [&](uint32_t a, uint32_t b) { return found[a] < found[b]; });
    std::vector<int64_t> rank(found.size());
    dictionary.values.resize(found.size());
    for (size_t i = 0; i < sorted.size(); ++i) {
        rank[sorted[i]] = static_cast<int64_t>(i);
        dictionary.values[i] = found[sorted[i]];
    }
    dictionary.indices.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
        dictionary.indices[i] = rank[order[i]];
    }
    return true;
}

}  // namespace cistern::store::codec
