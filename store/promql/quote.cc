// SPDX-License-Identifier: MIT
#include "store/model/labels.h"
#include "store/promql/format.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::promql {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int digit_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    const char letter = static_cast<char>(c | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : 16;
}

// The one-letter escapes of Go; 0 for any other letter.
char simple_escape(char letter) {
    switch (letter) {
        case 'a':
            return '\a';
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'v':
            return '\v';
        default:
            return 0;
    }
}

void append_quoted_byte(std::string& out, char c) {
    constexpr std::string_view kEscaped = "\a\b\f\n\r\t\v";
    constexpr std::string_view kLetters = "abfnrtv";
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (const size_t known = kEscaped.find(c); known != std::string_view::npos) {
        out += '\\';
        out += kLetters[known];
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
        out += c;
    }
}

size_t rune_bytes(std::string_view text) {
    for (size_t size = 1; size <= std::min<size_t>(4, text.size()); ++size) {
        if (store::is_valid_utf8(text.substr(0, size))) {
            return size;
        }
    }
    return 0;
}

// Appends the escape that begins at literal[at] (behind the backslash); returns the index behind
// it, or 0 when it is broken.
size_t append_escape(std::string& out, std::string_view literal, size_t at) {
    const char letter = literal[at];
    if (const char simple = simple_escape(letter); simple != 0) {
        out += simple;
        return at + 1;
    }
    size_t begin = at + 1;
    size_t count = 0;
    uint32_t base = 16;
    switch (letter) {
        case 'x':
            count = 2;
            break;
        case 'u':
            count = 4;
            break;
        case 'U':
            count = 8;
            break;
        case '\\':
        case '"':
        case '\'':
            out += letter;
            return at + 1;
        default:
            begin = at;
            count = 3;
            base = 8;
    }
    uint64_t rune = 0;
    for (size_t i = begin; i < begin + count; ++i) {
        if (i >= literal.size() || digit_value(literal[i]) >= static_cast<int>(base)) {
            return 0;
        }
        rune = rune * base + static_cast<uint64_t>(digit_value(literal[i]));
    }
    if (letter == 'u' || letter == 'U') {
        append_utf8(out, static_cast<uint32_t>(rune));
    } else {
        out += static_cast<char>(rune);
    }
    return begin + count;
}

}  // namespace

std::string quote(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const size_t size = rune_bytes(text);
        if (size == 0) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
        } else if (size == 1) {
            append_quoted_byte(out, text[0]);
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(std::max<size_t>(size, 1));
    }
    out += '"';
    return out;
}

void append_utf8(std::string& out, uint32_t rune) {
    const auto tail = [&out](uint32_t bits) { out += static_cast<char>(0x80 | (bits & 0x3f)); };
    if (rune < 0x80) {
        out += static_cast<char>(rune);
    } else if (rune < 0x800) {
        out += static_cast<char>(0xc0 | (rune >> 6));
        tail(rune);
    } else if (rune < 0x10000) {
        out += static_cast<char>(0xe0 | (rune >> 12));
        tail(rune >> 6);
        tail(rune);
    } else {
        out += static_cast<char>(0xf0 | (rune >> 18));
        tail(rune >> 12);
        tail(rune >> 6);
        tail(rune);
    }
}

Result<std::string> unquote(std::string_view literal) {
    const auto bad = [literal] {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("error unquoting string {}: invalid syntax", quote(literal)));
    };
    if (literal.size() < 2 || literal.front() != literal.back()) {
        return bad();
    }
    const bool raw = literal.front() == '`';
    literal = literal.substr(1, literal.size() - 2);
    if (raw) {
        return std::string(literal);
    }
    std::string out;
    for (size_t at = 0; at < literal.size();) {
        if (literal[at] != '\\') {
            out += literal[at++];
            continue;
        }
        at = at + 1 < literal.size() ? append_escape(out, literal, at + 1) : 0;
        if (at == 0) {
            return bad();
        }
    }
    return out;
}

bool is_label_name(std::string_view name) {
    return !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c);
    });
}

}  // namespace cistern::promql
