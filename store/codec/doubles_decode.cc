// SPDX-License-Identifier: MIT
#include "store/codec/bit_packing.h"
#include "store/codec/decimal.h"
#include "store/codec/doubles.h"
#include "store/codec/integers.h"
#include "store/codec/ordered_bits.h"
#include "store/codec/zstd_frame.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

namespace cistern::store::codec {
namespace {

constexpr uint8_t kSmallFlag = 0x80;
constexpr int64_t kExactMax = int64_t{1} << 52;

// How mantissas become doubles, the same for a whole column.
struct Conversion {
    double base = 0;
    double step = 1;
    double power = 1;
    Scaler scaler;
    bool small = false;   // two products instead of a division
    bool narrow = false;  // mantissas by exact double arithmetic from int32
    bool through_float = false;
};

template <class Finish>
void convert_narrow(const uint32_t* w, std::span<double> out, const Conversion& c, Finish finish) {
    const double base = c.base;
    const double step = c.step;
    for (size_t i = 0; i < out.size(); ++i) {
        out[i] = finish(base + step * static_cast<double>(static_cast<int32_t>(w[i])));
    }
}

template <class Finish>
void convert_wide(const int64_t* mantissas, std::span<double> out, Finish finish) {
    for (size_t i = 0; i < out.size(); ++i) {
        out[i] = finish(static_cast<double>(mantissas[i]));
    }
}

template <class Finish>
bool read_mantissas(IntegerReader& reader,
                    std::span<double> values,
                    const Conversion& c,
                    Finish finish) {
    std::array<uint32_t, kGroupValues> w;
    std::array<int64_t, kGroupValues> wide;
    for (size_t at = 0; at < values.size(); at += kGroupValues) {
        const auto group = values.subspan(at, std::min(kGroupValues, values.size() - at));
        if (c.narrow) {
            if (!reader.next_narrow(group.size(), w.data())) {
                return false;
            }
            convert_narrow(w.data(), group, c, finish);
        } else {
            if (!reader.next(group.size(), wide.data())) {
                return false;
            }
            convert_wide(wide.data(), group, finish);
        }
    }
    return true;
}

bool read_scaled(IntegerReader& reader, std::span<double> values, const Conversion& c) {
    const double power = c.power;
    const double high = c.scaler.high;
    const double low = c.scaler.low;
    if (c.through_float) {
        if (c.small) {
            return read_mantissas(reader, values, c, [high, low](double m) {
                return static_cast<double>(static_cast<float>(m * high + m * low));
            });
        }
        return read_mantissas(reader, values, c, [power](double m) {
            return static_cast<double>(static_cast<float>(m / power));
        });
    }
    if (power == 1) {
        return read_mantissas(reader, values, c, [](double m) { return m; });
    }
    if (c.small) {
        return read_mantissas(
            reader, values, c, [high, low](double m) { return m * high + m * low; });
    }
    return read_mantissas(reader, values, c, [power](double m) { return m / power; });
}

bool patch_exceptions(ByteReader& in, uint64_t exceptions, std::span<double> values) {
    if (exceptions == 0) {
        return in.at_end();
    }
    if (exceptions > values.size()) {
        return false;
    }
    std::vector<int64_t> positions(exceptions);
    std::vector<int64_t> ordered(exceptions);
    const auto encoded_positions = in.raw(in.varint());
    if (!in.ok() || !decode_integers(encoded_positions, positions) ||
        !decode_integers(in.raw(in.left()), ordered)) {
        return false;
    }
    for (size_t i = 0; i < exceptions; ++i) {
        if (static_cast<uint64_t>(positions[i]) >= values.size()) {
            return false;
        }
        values[static_cast<size_t>(positions[i])] = double_of_ordered(ordered[i]);
    }
    return true;
}

bool decode_decimals(ByteReader& in, std::span<double> values, bool through_float) {
    const uint8_t head = in.u8();
    const unsigned exponent = head & 0x1f;
    const uint64_t exceptions = in.varint();
    const auto bytes = in.raw(in.varint());
    IntegerReader reader;
    if (!in.ok() || exponent > kExponentMax || (head & 0x60) != 0 ||
        !reader.open(bytes, values.size())) {
        return false;
    }
    Conversion c;
    c.power = power_of_ten(exponent);
    c.small = (head & kSmallFlag) != 0 && exponent <= kTwoProductExponentMax;
    c.through_float = through_float;
    if (c.small) {
        c.scaler = scaler_of(exponent);
    }
    // |base| + step * 2^31 < 2^53: the mantissas are exact in double.
    if (reader.narrow() && reader.step() < (uint64_t{1} << 21) && reader.base() < kExactMax &&
        reader.base() > -kExactMax) {
        c.narrow = true;
        c.base = static_cast<double>(reader.base());
        c.step = static_cast<double>(reader.step());
    }
    return read_scaled(reader, values, c) && patch_exceptions(in, exceptions, values);
}

template <class Convert>
bool decode_ordered(std::span<const std::byte> bytes, std::span<double> values, Convert convert) {
    IntegerReader reader;
    if (!reader.open(bytes, values.size())) {
        return false;
    }
    std::array<int64_t, kGroupValues> ordered;
    for (size_t at = 0; at < values.size(); at += kGroupValues) {
        const auto group = values.subspan(at, std::min(kGroupValues, values.size() - at));
        if (!reader.next(group.size(), ordered.data())) {
            return false;
        }
        std::transform(ordered.begin(),
                       ordered.begin() + static_cast<ptrdiff_t>(group.size()),
                       group.begin(),
                       convert);
    }
    return true;
}

}  // namespace

bool decode_doubles(std::span<const std::byte> bytes, std::span<double> values) {
    ByteReader in(bytes);
    const uint8_t encoding = in.u8();
    if (!in.ok()) {
        return false;
    }
    switch (static_cast<DoubleEncoding>(encoding)) {
        case DoubleEncoding::Const: {
            std::fill(values.begin(), values.end(), in.f64());
            return in.ok() && in.at_end();
        }
        case DoubleEncoding::Decimal:
            return decode_decimals(in, values, false);
        case DoubleEncoding::FloatDecimal:
            return decode_decimals(in, values, true);
        case DoubleEncoding::Float:
            return decode_ordered(bytes.subspan(1), values, [](int64_t ordered) {
                return static_cast<double>(float_of_ordered(static_cast<int32_t>(ordered)));
            });
        case DoubleEncoding::Raw:
            return decode_ordered(bytes.subspan(1), values, double_of_ordered);
        case DoubleEncoding::Frame:
            return decompress_frame(bytes.subspan(1), std::as_writable_bytes(values));
    }
    return false;
}

}  // namespace cistern::store::codec
