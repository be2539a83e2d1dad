// SPDX-License-Identifier: MIT
// A column of 64-bit integers <-> bytes: value[i] = base + step * w[i] (mod 2^64), where step is
// the greatest common divisor and w follows the model that needs the fewest bytes.
//
//   integers = u8 model (bits 0-3) | 0x10 when wide (w in 64 bits instead of 32), then by model
//     Const       svarint value
//     Frame       svarint base, varint step, residuals
//     Delta       svarint base, varint step, residuals
//     DeltaMin    svarint base, varint step, svarint start, residuals
//     Delta2      svarint base, varint step, svarint start, residuals
//     Runs        varint runs, varint bytes of values, integers values, integers lengths
//     Dictionary  varint distinct, varint bytes of values, integers values, integers indices
//   residuals narrow = one column of residuals (residuals.h)
//   residuals wide   = varint bytes of high, residuals high 32 bits, residuals low 32 bits
// With r the residual, the next w is
//     Frame  r           Delta   w + unzigzag(r)
//     DeltaMin  w + start + r    Delta2  w + d, where d becomes d + unzigzag(r) first
// Before the first value w is -start and d is start, so that the first residual is 0 and the first
// value is base. Columns inside Runs are plain (no Runs, no Dictionary); the values of a Dictionary
// are plain and ascending, its indices plain or Runs.
#pragma once

#include "store/codec/residuals.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cistern::store::codec {

enum class IntegerModel : uint8_t {
    Const = 0,
    Frame = 1,
    Delta = 2,
    DeltaMin = 3,
    Delta2 = 4,
    Runs = 5,
    Dictionary = 6,
};

// Appends. `values` is not empty.
void encode_integers(std::span<const int64_t> values, Effort effort, std::vector<std::byte>& out);

// Hands out a column in groups of kGroupValues; the last one may be shorter.
class IntegerReader {
  public:
    IntegerReader();
    ~IntegerReader();
    IntegerReader(const IntegerReader&) = delete;
    IntegerReader& operator=(const IntegerReader&) = delete;
    IntegerReader(IntegerReader&&) noexcept;
    IntegerReader& operator=(IntegerReader&&) noexcept;

    // `bytes` is one encoded column, exactly, and must outlive the reader. False when damaged.
    bool open(std::span<const std::byte> bytes, size_t count) {
        return open(bytes, count, IntegerModel::Dictionary);
    }

    // True when next_narrow may be called.
    [[nodiscard]] bool narrow() const;
    [[nodiscard]] int64_t base() const { return base_; }
    [[nodiscard]] uint64_t step() const { return step_; }

    // The w of the next `count` values, as int32 in two's complement; room for kGroupValues.
    bool next_narrow(size_t count, uint32_t* w);
    // The next `count` values.
    bool next(size_t count, int64_t* values);

    // The whole column, from the start.
    bool read_all(std::span<int64_t> values);

    // For people: model and entropy stage.
    [[nodiscard]] std::string describe() const;

  private:
    struct Runs;
    struct Dictionary;

    // Refuses models above `highest`, which bounds the recursion.
    bool open(std::span<const std::byte> bytes, size_t count, IntegerModel highest);
    bool open_residuals(ByteReader& in, size_t count);
    bool open_runs(ByteReader& in, size_t count);
    bool open_dictionary(ByteReader& in, size_t count);
    bool next_indices(size_t count, uint32_t* indices);
    bool next_wide(size_t count, int64_t* values);
    bool next_runs(size_t count, int64_t* values);

    IntegerModel model_ = IntegerModel::Const;
    bool wide_ = false;
    int64_t base_ = 0;
    uint64_t step_ = 0;
    uint64_t start_ = 0;
    uint64_t w_ = 0;  // of the value before
    uint64_t d_ = 0;
    ResidualReader low_;
    ResidualReader high_;
    std::unique_ptr<Runs> runs_;
    std::unique_ptr<Dictionary> dictionary_;
};

// The whole column at once.
bool decode_integers(std::span<const std::byte> bytes, std::span<int64_t> values);

}  // namespace cistern::store::codec
