// SPDX-License-Identifier: MIT
#pragma once

#include "store/base/result.h"

#include <string>
#include <string_view>

namespace cistern::promql {

// "line:column: parse error: message" for a byte offset in the query.
inline tl::unexpected<Error> parse_error(std::string_view query,
                                         size_t offset,
                                         std::string_view message) {
    size_t line = 1;
    size_t line_begin = 0;
    for (size_t i = 0; i < offset && i < query.size(); ++i) {
        if (query[i] == '\n') {
            ++line;
            line_begin = i + 1;
        }
    }
    std::string text =
        std::to_string(line) + ":" + std::to_string(offset - line_begin + 1) + ": parse error: ";
    text += message;
    return fail(ErrorCode::InvalidArgument, std::move(text));
}

}  // namespace cistern::promql
