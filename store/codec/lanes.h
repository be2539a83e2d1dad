// SPDX-License-Identifier: MIT
// Four 32-bit numbers in one vector register, by the compilers' vector extension: SSE2 and NEON
// from one source. Internal to the codec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cistern::store::codec {

typedef uint32_t Lanes __attribute__((vector_size(16)));

inline Lanes load_lanes(const void* from) {
    Lanes lanes;
    std::memcpy(&lanes, from, sizeof(lanes));
    return lanes;
}

inline void store_lanes(void* to, Lanes lanes) {
    std::memcpy(to, &lanes, sizeof(lanes));
}

// Sums of all numbers up to each, beginning with `before` (the same in every lane).
inline Lanes running_sum(Lanes lanes, Lanes before) {
    const Lanes zero{};
    lanes += __builtin_shufflevector(zero, lanes, 0, 4, 5, 6);
    lanes += __builtin_shufflevector(zero, lanes, 0, 1, 4, 5);
    return lanes + before;
}

inline Lanes last_in_every_lane(Lanes lanes) {
    return __builtin_shufflevector(lanes, lanes, 3, 3, 3, 3);
}

inline Lanes in_every_lane(uint32_t value) {
    return Lanes{value, value, value, value};
}

}  // namespace cistern::store::codec
