// SPDX-License-Identifier: MIT
#include "web/snappy_block.h"

#include <fmt/format.h>
#include <snappy.h>

namespace cistern::web {

Result<std::string> decompress_snappy(std::string_view block, uint64_t bytes_max) {
    size_t length = 0;
    if (!snappy::GetUncompressedLength(block.data(), block.size(), &length)) {
        return fail(ErrorCode::InvalidArgument, "the body is not a snappy block");
    }
    if (length > bytes_max) {
        return fail(
            ErrorCode::ResourceExhausted,
            fmt::format("the body claims {} bytes decompressed, more than {}", length, bytes_max));
    }
    // Snappy cannot shrink anything to less than a sixty-fourth: a longer claim is a lie.
    if (length / 64 > block.size()) {
        return fail(ErrorCode::InvalidArgument,
                    "the snappy block claims more bytes than it can hold");
    }
    std::string bytes;
    if (!snappy::Uncompress(block.data(), block.size(), &bytes)) {
        return fail(ErrorCode::InvalidArgument, "the snappy block is damaged");
    }
    return bytes;
}

std::string compress_snappy(std::string_view bytes) {
    std::string block;
    snappy::Compress(bytes.data(), bytes.size(), &block);
    return block;
}

}  // namespace cistern::web
