// SPDX-License-Identifier: MIT
// CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of every byte on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cistern {

// Continues from `seed`, which is the result of the bytes before (0 to begin). Seeding with an
// identity, such as a segment's id, makes bytes of another identity fail the check.
uint32_t crc32c(std::span<const std::byte> bytes, uint32_t seed = 0);

namespace detail {
// The table version, for machines without the instruction and to check against.
uint32_t crc32c_portable(std::span<const std::byte> bytes, uint32_t seed);
}  // namespace detail

}  // namespace cistern
