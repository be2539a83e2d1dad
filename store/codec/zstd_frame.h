// SPDX-License-Identifier: MIT
// zstd frames of known size. Thread safe; contexts are reused, a few are kept.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cistern::store::codec {

// Appends one frame that is smaller than `limit` bytes and says true, or appends nothing.
bool compress_frame(std::span<const std::byte> bytes, size_t limit, std::vector<std::byte>& out);

// Fills `out` exactly. False when the frame is damaged or holds another number of bytes.
bool decompress_frame(std::span<const std::byte> frame, std::span<std::byte> out);

}  // namespace cistern::store::codec
