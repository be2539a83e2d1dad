// SPDX-License-Identifier: MIT
// Groups of up to 256 small unsigned numbers, each in `width` bits, with the few that need more
// patched in afterwards (PFOR). A full group lies vertically: 32 rows of 8 lanes, so that one
// vector instruction unpacks a row and the output is in order (the layout of FastLanes, VLDB 2023,
// with 256 numbers and no transposition). A shorter last group lies as one string of bits.
//
//   group = u8 width (bits 0-5) | 0x80 when exceptions follow
//           packed numbers: 32 * width bytes for 256, ceil(count * width / 8) for fewer
//           [u8 exceptions, then for each: u8 position, varint bits above width]
#pragma once

#include "store/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cistern::store::codec {

inline constexpr size_t kGroupValues = 256;

// Bytes that pack_groups would append for every `every`th group, from the first.
uint64_t packed_bytes(std::span<const uint32_t> values, size_t every = 1);

// Appends all values, group after group.
void pack_groups(std::span<const uint32_t> values, std::vector<std::byte>& out);

// Reads one group of `count` <= kGroupValues numbers into `out`, which has room for kGroupValues.
// False when the bytes end early or contradict themselves; out is then unspecified.
bool unpack_group(ByteReader& in, size_t count, uint32_t* out);

}  // namespace cistern::store::codec
