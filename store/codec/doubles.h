// SPDX-License-Identifier: MIT
// A column of doubles <-> bytes, bit for bit: NaN payloads, -0.0, infinities and denormals
// included.
//
//   doubles = u8 encoding, then by encoding
//     Const         u64 bits
//     Decimal       u8 exponent (bits 0-4) | 0x80 when every |m| < 2^31, varint exceptions,
//                   varint bytes of mantissas, integers mantissas m, and with exceptions:
//                   varint bytes of positions, integers positions, integers bits, ordered
//     FloatDecimal  the same
//     Float         integers: the bits of the float, ordered
//     Raw           integers: the bits of the double, ordered
//     Frame         one zstd frame of the 8 n bytes (only when sealed)
//
// A Decimal's value is m / 10^exponent correctly rounded, a FloatDecimal's double(float(that)),
// unless its position is among the exceptions. "Ordered" flips all bits but the sign of a negative
// number, so that integers compare as the numbers do.
#pragma once

#include "store/codec/residuals.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cistern::store::codec {

enum class DoubleEncoding : uint8_t {
    Const = 0,
    Decimal = 1,
    FloatDecimal = 2,
    Float = 3,
    Raw = 4,
    Frame = 5
};

// Remembers the exponent of the block before: use one for the blocks of one series, in order.
class DoubleEncoder {
  public:
    // Appends. `values` is not empty.
    void encode(std::span<const double> values, Effort effort, std::vector<std::byte>& out);

  private:
    void encode_numbers(std::span<const double> values, Effort effort, std::vector<std::byte>& out);

    std::optional<unsigned> exponent_;
    std::optional<unsigned> float_exponent_;
};

// Fills `values` from exactly these bytes; false when they are damaged, and then values are
// unspecified.
bool decode_doubles(std::span<const std::byte> bytes, std::span<double> values);

}  // namespace cistern::store::codec
