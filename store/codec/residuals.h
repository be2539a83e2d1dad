// SPDX-License-Identifier: MIT
// The entropy stage: what a model could not predict, as 32-bit numbers <-> bytes.
//
//   residuals = u8 stage, then by stage
//     Zero    nothing: all are 0
//     Packed  groups (bit_packing.h)
//     Planes  u8 planes, zstd frame of the lowest bytes of all, then the second lowest ...
//     Symbols u8 bits (1, 2 or 4), zstd frame of the numbers, 8 / bits to a byte, first lowest
#pragma once

#include "store/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cistern::store::codec {

enum class Effort : uint8_t {
    Fast,  // bit-packing only: decodes at memory speed
    Seal,  // zstd tried, kept where it saves 5 %
};

// Appends.
void encode_residuals(std::span<const uint32_t> residuals,
                      Effort effort,
                      std::vector<std::byte>& out);

class ResidualReader {
  public:
    // `bytes` is one encoded column of residuals, exactly, and must outlive the reader.
    // False when it is damaged.
    bool open(std::span<const std::byte> bytes, size_t count);
    // The next `count` numbers: kGroupValues, or what is left. `out` has room for kGroupValues.
    bool next(size_t count, uint32_t* out);

    // For people.
    [[nodiscard]] const char* stage_name() const;

  private:
    enum class Stage : uint8_t { Zero = 0, Packed = 1, Planes = 2, Symbols = 3 };
    friend void encode_residuals(std::span<const uint32_t>, Effort, std::vector<std::byte>&);

    bool inflate(std::span<const std::byte> frame, size_t size);
    void next_planes(size_t count, uint32_t* out);
    void next_symbols(size_t count, uint32_t* out);

    Stage stage_ = Stage::Zero;
    uint8_t planes_ = 0;  // or bits of a symbol
    size_t count_ = 0;    // of the column
    size_t at_ = 0;       // numbers handed out
    ByteReader packed_{{}};
    std::unique_ptr<std::byte[]> inflated_;
};

}  // namespace cistern::store::codec
