// SPDX-License-Identifier: MIT
// zstd frames of known size. Thread safe; contexts are reused, a few are kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cistern::store::codec {

enum class Search : uint8_t {
    Entropy,  // noise of few symbols: Huffman codes, long matches only
    Repeats,  // looks for matches thoroughly
};

// Appends one frame that is smaller than `limit` bytes and says true, or appends nothing.
bool compress_frame(std::span<const std::byte> bytes,
                    Search search,
                    size_t limit,
                    std::vector<std::byte>& out);

// Fills `out` exactly. False when the frame is damaged or holds another number of bytes.
bool decompress_frame(std::span<const std::byte> frame, std::span<std::byte> out);

}  // namespace cistern::store::codec
