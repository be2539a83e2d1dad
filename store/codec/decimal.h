// SPDX-License-Identifier: MIT
// Doubles that were decimal numbers before somebody parsed them: v = m / 10^e, bit for bit.
// Source: ALP (Afroozeh et al., SIGMOD 2024), "Encoding", with division so that no value that a
// correct parser made from m and e is an exception.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cistern::store::codec {

inline constexpr unsigned kExponentMax = 18;
// With every |m| below this and e at most kTwoProductExponentMax, m / 10^e can be computed by two
// multiplications (scaler below).
inline constexpr int64_t kSmallMantissa = int64_t{1} << 31;
inline constexpr unsigned kTwoProductExponentMax = 8;

// Whether the double went through a float on its way (ESPHome): v = double(float(m / 10^e)).
enum class Through : uint8_t { Double, Float };

struct DecimalColumn {
    unsigned exponent = 0;
    bool small = false;                // see kSmallMantissa
    std::vector<int64_t> mantissas;    // [n]; of an exception the mantissa before it
    std::vector<uint32_t> exceptions;  // positions, ascending
};

// Nothing when more than a fifth of the values are no decimals. `hint` is tried first: the exponent
// of the block before.
std::optional<DecimalColumn> find_decimals(std::span<const double> values,
                                           Through through,
                                           std::optional<unsigned> hint);

// 10^exponent, exact.
double power_of_ten(unsigned exponent);

// m / 10^e correctly rounded, without a division, for |m| < 2^31 and e <= 8: m * high is exact
// (high has 22 bits, m 31) and m * low is wrong by less than 2^-74 of the result; no quotient lies
// so near the middle of two doubles unless 5^e > 2^20.
struct Scaler {
    double high = 1;
    double low = 0;
};
Scaler scaler_of(unsigned exponent);

}  // namespace cistern::store::codec
