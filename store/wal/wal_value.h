// SPDX-License-Identifier: MIT
// One value of a Samples record: short for the decimals that sensors send, every bit kept.
//
// A varint whose low three bits are a tag: 0..4 = zigzag(m) follows and the value is m / 10^tag;
// 5 = zigzag(m) follows and the 64 bits are the integer m; 6 = float32 bits follow; 7 = the 64 bits
// follow. No series type is needed: the bits of a small integer are a denormal double.
#pragma once

#include "store/base/bytes.h"
#include "store/model/sample.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace cistern::store {

inline constexpr size_t kWalValueBytesMax = 9;

namespace detail {

inline constexpr double kPowersOfTen[] = {1, 10, 100, 1000, 10000};
inline constexpr int kDecimalsMax = 4;
// Keeps zigzag(m) * 8 + tag within 8 varint bytes.
inline constexpr int64_t kMantissaLimit = int64_t{1} << 46;
inline constexpr uint8_t kTagInteger = 5;
inline constexpr uint8_t kTagFloat32 = 6;
inline constexpr uint8_t kTagRaw = 7;

inline uint8_t* put_varint(uint8_t* at, uint64_t value) {
    while (value >= 0x80) {
        *at++ = static_cast<uint8_t>(value) | 0x80;
        value >>= 7;
    }
    *at++ = static_cast<uint8_t>(value);
    return at;
}

// m such that m / 10^decimals is exactly `value`, or kMantissaLimit.
inline int64_t decimal_mantissa(double value, int decimals) {
    const double scaled = value * kPowersOfTen[decimals];
    if (!(std::fabs(scaled) < static_cast<double>(kMantissaLimit))) {
        return kMantissaLimit;
    }
    const int64_t mantissa = std::llrint(scaled);
    const double back = static_cast<double>(mantissa) / kPowersOfTen[decimals];
    return std::bit_cast<uint64_t>(back) == std::bit_cast<uint64_t>(value) ? mantissa
                                                                           : kMantissaLimit;
}

}  // namespace detail

// Writes at most kWalValueBytesMax bytes. `decimals` carries the number of decimals from value to
// value: neighbours in a message mostly share it.
inline uint8_t* put_wal_value(uint8_t* at, ValueBits value, int& decimals) {
    using namespace detail;
    const int64_t integer = value.as_int();
    if (-kMantissaLimit < integer && integer < kMantissaLimit) {
        return put_varint(at, zigzag(integer) << 3 | kTagInteger);
    }
    const double number = value.as_double();
    int64_t mantissa = decimal_mantissa(number, decimals);
    for (int tried = 0; mantissa == kMantissaLimit && tried <= kDecimalsMax; ++tried) {
        if (tried != decimals && (mantissa = decimal_mantissa(number, tried)) != kMantissaLimit) {
            decimals = tried;
        }
    }
    if (mantissa != kMantissaLimit) {
        return put_varint(at, zigzag(mantissa) << 3 | static_cast<uint64_t>(decimals));
    }
    const auto narrow = static_cast<float>(number);
    if (std::bit_cast<uint64_t>(static_cast<double>(narrow)) == value.bits()) {
        *at++ = kTagFloat32;
        std::memcpy(at, &narrow, sizeof(narrow));
        return at + sizeof(narrow);
    }
    *at++ = kTagRaw;
    const uint64_t bits = value.bits();
    std::memcpy(at, &bits, sizeof(bits));
    return at + sizeof(bits);
}

inline ValueBits get_wal_value(ByteReader& reader) {
    using namespace detail;
    const uint64_t word = reader.varint();
    const int tag = static_cast<int>(word & 7);
    const int64_t mantissa = unzigzag(word >> 3);
    switch (tag) {
        case kTagInteger:
            return ValueBits::of_int(mantissa);
        case kTagFloat32:
            return ValueBits::of(static_cast<double>(std::bit_cast<float>(reader.u32())));
        case kTagRaw:
            return ValueBits::from_bits(reader.u64());
        default:
            return ValueBits::of(static_cast<double>(mantissa) / kPowersOfTen[tag]);
    }
}

}  // namespace cistern::store
