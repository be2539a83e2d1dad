// SPDX-License-Identifier: MIT
#include "store/base/assert.h"
#include "store/codec/decimal.h"
#include "store/codec/doubles.h"
#include "store/codec/integers.h"
#include "store/codec/ordered_bits.h"
#include "store/codec/zstd_frame.h"

#include <algorithm>
#include <bit>

namespace cistern::store::codec {
namespace {

constexpr uint8_t kSmallFlag = 0x80;
// Decimals of more bytes than this per value are hardly decimals: other encodings are tried too.
constexpr size_t kDoubtfulBytes = 2;
constexpr size_t kDoubtfulExceptions = 16;  // more than n / 16

bool all_equal(std::span<const double> values) {
    const auto first = std::bit_cast<uint64_t>(values[0]);
    return std::all_of(values.begin(), values.end(), [first](double value) {
        return std::bit_cast<uint64_t>(value) == first;
    });
}

bool all_floats(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double value) {
        const auto narrowed = static_cast<double>(static_cast<float>(value));
        return std::bit_cast<uint64_t>(narrowed) == std::bit_cast<uint64_t>(value);
    });
}

void write_decimals(const DecimalColumn& column,
                    DoubleEncoding encoding,
                    std::span<const double> values,
                    Effort effort,
                    std::vector<std::byte>& out) {
    std::vector<std::byte> mantissas;
    encode_integers(column.mantissas, effort, mantissas);
    ByteWriter writer;
    writer.u8(static_cast<uint8_t>(encoding));
    writer.u8(static_cast<uint8_t>(column.exponent | (column.small ? kSmallFlag : 0)));
    writer.varint(column.exceptions.size());
    writer.varint(mantissas.size());
    writer.raw(mantissas);
    if (!column.exceptions.empty()) {
        // Exceptions repeat themselves like other values do: stale markers, the same few averages.
        const std::vector<int64_t> positions(column.exceptions.begin(), column.exceptions.end());
        std::vector<int64_t> ordered;
        for (const uint32_t position : column.exceptions) {
            ordered.push_back(ordered_of_double(values[position]));
        }
        std::vector<std::byte> encoded;
        encode_integers(positions, effort, encoded);
        writer.varint(encoded.size());
        writer.raw(encoded);
        encode_integers(ordered, effort, writer.buffer());
    }
    out.insert(out.end(), writer.bytes().begin(), writer.bytes().end());
}

void write_floats(std::span<const double> values, Effort effort, std::vector<std::byte>& out) {
    std::vector<int64_t> ordered(values.size());
    std::transform(values.begin(), values.end(), ordered.begin(), [](double value) {
        return ordered_of_float(static_cast<float>(value));
    });
    out.push_back(static_cast<std::byte>(DoubleEncoding::Float));
    encode_integers(ordered, effort, out);
}

void write_raw(std::span<const double> values, Effort effort, std::vector<std::byte>& out) {
    std::vector<int64_t> ordered(values.size());
    std::transform(values.begin(), values.end(), ordered.begin(), ordered_of_double);
    out.push_back(static_cast<std::byte>(DoubleEncoding::Raw));
    encode_integers(ordered, effort, out);
}

// Keeps the smallest of what is offered.
class Smallest {
  public:
    void offer(std::vector<std::byte>&& candidate) {
        if (best_.empty() || candidate.size() < best_.size()) {
            best_ = std::move(candidate);
        }
    }
    [[nodiscard]] size_t size() const { return best_.size(); }
    [[nodiscard]] bool empty() const { return best_.empty(); }
    [[nodiscard]] const std::vector<std::byte>& bytes() const { return best_; }

  private:
    std::vector<std::byte> best_;
};

void offer_frame(std::span<const double> values, Smallest& smallest) {
    std::vector<std::byte> candidate{static_cast<std::byte>(DoubleEncoding::Frame)};
    if (compress_frame(
            std::as_bytes(values), Search::Repeats, smallest.size() * 95 / 100, candidate)) {
        smallest.offer(std::move(candidate));
    }
}

}  // namespace

void DoubleEncoder::encode(std::span<const double> values,
                           Effort effort,
                           std::vector<std::byte>& out) {
    CISTERN_ASSERT(!values.empty());
    if (all_equal(values)) {
        ByteWriter writer;
        writer.u8(static_cast<uint8_t>(DoubleEncoding::Const));
        writer.f64(values[0]);
        out.insert(out.end(), writer.bytes().begin(), writer.bytes().end());
        return;
    }
    encode_numbers(values, effort, out);
}

void DoubleEncoder::encode_numbers(std::span<const double> values,
                                   Effort effort,
                                   std::vector<std::byte>& out) {
    Smallest smallest;
    size_t exceptions = 0;
    const auto doubtful = [&] {
        return smallest.empty() || smallest.size() > values.size() * kDoubtfulBytes ||
               exceptions * kDoubtfulExceptions > values.size();
    };
    const auto decimals = find_decimals(values, Through::Double, exponent_);
    exponent_.reset();
    if (decimals) {
        exponent_ = decimals->exponent;
        exceptions = decimals->exceptions.size();
        std::vector<std::byte> candidate;
        write_decimals(*decimals, DoubleEncoding::Decimal, values, effort, candidate);
        smallest.offer(std::move(candidate));
    }
    if (doubtful() && all_floats(values)) {
        const auto floats = find_decimals(values, Through::Float, float_exponent_);
        std::vector<std::byte> candidate;
        if (floats) {
            float_exponent_ = floats->exponent;
            write_decimals(*floats, DoubleEncoding::FloatDecimal, values, effort, candidate);
            smallest.offer(std::move(candidate));
            candidate.clear();
        }
        write_floats(values, effort, candidate);
        smallest.offer(std::move(candidate));
    }
    if (doubtful()) {
        std::vector<std::byte> candidate;
        write_raw(values, effort, candidate);
        smallest.offer(std::move(candidate));
    }
    if (effort == Effort::Seal && smallest.size() > values.size() * kDoubtfulBytes) {
        offer_frame(values, smallest);
    }
    out.insert(out.end(), smallest.bytes().begin(), smallest.bytes().end());
}

}  // namespace cistern::store::codec
