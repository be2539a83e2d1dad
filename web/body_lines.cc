// SPDX-License-Identifier: MIT
#include "web/body_lines.h"

#include <fmt/format.h>

namespace cistern::web {
namespace {

constexpr size_t kBlockBytes = 256 << 10;

}  // namespace

Status BodyLines::fill() {
    const size_t wanted = buffer_.size() + kBlockBytes;
    size_t used = buffer_.size();
    buffer_.resize(wanted);
    while (used < wanted) {
        const auto got = body_->read(std::span(buffer_.data() + used, wanted - used));
        if (!got) {
            buffer_.resize(used);
            return tl::unexpected(got.error());
        }
        if (*got == 0) {
            at_end_ = true;
            break;
        }
        used += *got;
        bytes_ += *got;
    }
    buffer_.resize(used);
    return {};
}

Result<std::string_view> BodyLines::next_block() {
    buffer_.erase(0, given_);
    given_ = 0;
    while (body_ != nullptr && !at_end_) {
        TRY(fill());
        const size_t last_newline = buffer_.rfind('\n');
        if (last_newline != std::string::npos && !at_end_) {
            given_ = last_newline + 1;
            return std::string_view(buffer_).substr(0, given_);
        }
        if (buffer_.size() > kLineBytesMax && last_newline == std::string::npos) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("a line is longer than {} bytes", kLineBytesMax));
        }
    }
    given_ = buffer_.size();
    return std::string_view(buffer_);
}

}  // namespace cistern::web
