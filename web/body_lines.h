// SPDX-License-Identifier: MIT
// A body as blocks of whole lines, so that an import of any size needs little memory.
#pragma once

#include "store/base/result.h"
#include "web/http.h"

#include <string>
#include <string_view>

namespace cistern::web {

inline constexpr size_t kLineBytesMax = 4 << 20;

class BodyLines {
  public:
    // `body` may be null: no lines. It must outlive this.
    explicit BodyLines(BodyReader* body) : body_(body) {}

    // The next whole lines, valid until the next call; empty at the end. InvalidArgument: a line
    // longer than kLineBytesMax; else what the body says.
    Result<std::string_view> next_block();
    // How many bytes came so far.
    [[nodiscard]] uint64_t bytes() const { return bytes_; }

  private:
    Status fill();

    BodyReader* body_;
    std::string buffer_;
    size_t given_ = 0;  // of the buffer's start were handed out by the last call
    uint64_t bytes_ = 0;
    bool at_end_ = false;
};

}  // namespace cistern::web
