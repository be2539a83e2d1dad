// SPDX-License-Identifier: MIT
// How a column is coded, in words for people.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace cistern::store::codec {

// Such as "decimal e=2, delta, zstd planes" or "float, dictionary of 17 (frame, packed)". "damaged"
// when the bytes are no column of `count` values.
std::string describe_doubles(std::span<const std::byte> bytes, size_t count);
std::string describe_integers(std::span<const std::byte> bytes, size_t count);
std::string describe_times(std::span<const std::byte> bytes, size_t count);

}  // namespace cistern::store::codec
