// SPDX-License-Identifier: MIT
// Blanks at the ends of a line of text.
#pragma once

#include <cstddef>
#include <string_view>

namespace cistern::store {

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

constexpr std::string_view trim_front(std::string_view text) {
    size_t at = 0;
    while (at < text.size() && is_blank(text[at])) {
        ++at;
    }
    return text.substr(at);
}

// Blanks, and the CR of a CRLF.
constexpr std::string_view trim_back(std::string_view text) {
    while (!text.empty() && (is_blank(text.back()) || text.back() == '\r')) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace cistern::store
