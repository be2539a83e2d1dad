// SPDX-License-Identifier: MIT
#include "collector/ingest/message_hash.h"

#include <cstring>

namespace cistern::collector {

uint64_t hash_bytes(std::string_view bytes, uint64_t seed) {
    constexpr uint64_t kMultiplier = 0xc6a4a7935bd1e995ULL;
    constexpr int kShift = 47;
    uint64_t hash = seed ^ (bytes.size() * kMultiplier);
    size_t at = 0;
    for (; at + sizeof(uint64_t) <= bytes.size(); at += sizeof(uint64_t)) {
        uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, sizeof(word));
        word *= kMultiplier;
        word ^= word >> kShift;
        hash = (hash ^ (word * kMultiplier)) * kMultiplier;
    }
    if (at < bytes.size()) {
        uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, bytes.size() - at);
        hash = (hash ^ word) * kMultiplier;
    }
    hash ^= hash >> kShift;
    hash *= kMultiplier;
    return hash ^ (hash >> kShift);
}

}  // namespace cistern::collector
