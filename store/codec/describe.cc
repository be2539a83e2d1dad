// SPDX-License-Identifier: MIT
#include "store/codec/describe.h"

#include "store/base/bytes.h"
#include "store/codec/doubles.h"
#include "store/codec/integers.h"
#include "store/codec/times.h"

#include <fmt/format.h>

namespace cistern::store::codec {
namespace {

constexpr const char* kDamaged = "damaged";

std::string describe_decimals(ByteReader& in, const char* name, size_t count) {
    const unsigned exponent = in.u8() & 0x1f;
    const uint64_t exceptions = in.varint();
    const auto mantissas = in.raw(in.varint());
    if (!in.ok()) {
        return kDamaged;
    }
    const std::string patched = exceptions > 0 ? fmt::format(", {} exceptions", exceptions) : "";
    return fmt::format(
        "{} e={}{}, {}", name, exponent, patched, describe_integers(mantissas, count));
}

}  // namespace

std::string describe_integers(std::span<const std::byte> bytes, size_t count) {
    IntegerReader reader;
    return reader.open(bytes, count) ? reader.describe() : kDamaged;
}

std::string describe_doubles(std::span<const std::byte> bytes, size_t count) {
    ByteReader in(bytes);
    const uint8_t encoding = in.u8();
    if (!in.ok()) {
        return kDamaged;
    }
    switch (static_cast<DoubleEncoding>(encoding)) {
        case DoubleEncoding::Const:
            return "constant";
        case DoubleEncoding::Decimal:
            return describe_decimals(in, "decimal", count);
        case DoubleEncoding::FloatDecimal:
            return describe_decimals(in, "float decimal", count);
        case DoubleEncoding::Float:
            return "float, " + describe_integers(bytes.subspan(1), count);
        case DoubleEncoding::Raw:
            return "raw, " + describe_integers(bytes.subspan(1), count);
        case DoubleEncoding::Frame:
            return "zstd";
    }
    return kDamaged;
}

std::string describe_times(std::span<const std::byte> bytes, size_t count) {
    ByteReader in(bytes);
    const uint8_t encoding = in.u8();
    if (in.ok() && encoding == static_cast<uint8_t>(TimeEncoding::Plain)) {
        return describe_integers(bytes.subspan(1), count);
    }
    in.i64();
    const uint64_t tick = in.varint();
    const double period = in.f64();
    in.raw(in.varint());
    if (!in.ok() || encoding != static_cast<uint8_t>(TimeEncoding::Grid)) {
        return kDamaged;
    }
    return fmt::format("grid of {:.6g} s, {}",
                       period * static_cast<double>(tick) * 1e-9,
                       describe_integers(in.raw(in.left()), count));
}

}  // namespace cistern::store::codec
