// SPDX-License-Identifier: MIT
// Floating-point bits as integers that compare as the numbers do, and back. Internal to the codec.
#pragma once

#include <bit>
#include <cstdint>

namespace cistern::store::codec {

inline int64_t ordered_of_double(double value) {
    const auto bits = std::bit_cast<int64_t>(value);
    return bits ^ ((bits >> 63) & 0x7fffffffffffffffLL);
}

inline double double_of_ordered(int64_t ordered) {
    return std::bit_cast<double>(ordered ^ ((ordered >> 63) & 0x7fffffffffffffffLL));
}

inline int64_t ordered_of_float(float value) {
    const auto bits = std::bit_cast<int32_t>(value);
    return bits ^ ((bits >> 31) & 0x7fffffff);
}

// Of the low 32 bits.
inline float float_of_ordered(int32_t ordered) {
    return std::bit_cast<float>(ordered ^ ((ordered >> 31) & 0x7fffffff));
}

}  // namespace cistern::store::codec
