// SPDX-License-Identifier: MIT
#include "collector/mapping/expression_node.h"

#include <charconv>
#include <cstdlib>

namespace cistern::collector {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_key_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || is_digit(c);
}

}  // namespace

bool take_expression_text(std::string_view& rest, ExprValue& value) {
    const char quote = rest[0];
    std::string text;
    size_t i = 1;
    for (; i < rest.size() && rest[i] != quote; ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size()) {
            ++i;
            const char c = rest[i];
            if (c != 'n' && c != 't' && c != 'r' && c != '\\' && c != '\'' && c != '"') {
                text += '\\';  // "\d" of a pattern stays what it is
            }
            text += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
        } else {
            text += rest[i];
        }
    }
    if (i == rest.size()) {
        return false;
    }
    rest.remove_prefix(i + 1);
    value = ExprValue::of_text(text);
    return true;
}

ExprValue take_expression_number(std::string_view& rest) {
    size_t end = 0;
    bool integer = true;
    while (end < rest.size() && (is_digit(rest[end]) || rest[end] == '.' || rest[end] == 'e' ||
                                 (rest[end] == '-' && end > 0 && rest[end - 1] == 'e'))) {
        integer &= is_digit(rest[end]);
        ++end;
    }
    const std::string text(rest.substr(0, end));
    rest.remove_prefix(end);
    int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (integer && parsed.ec == std::errc()) {
        return ExprValue::of_int(value);
    }
    return ExprValue::of_float(std::strtod(text.c_str(), nullptr));
}

std::string_view take_expression_path(std::string_view& rest) {
    size_t end = rest.substr(0, 2) == "$$" || rest.substr(0, 2) == "$*" ? 2 : 1;
    while (end < rest.size() && (rest[end] == '.' || rest[end] == '[')) {
        if (rest[end] == '[') {
            end = std::min(rest.find(']', end), rest.size() - 1) + 1;
            continue;
        }
        ++end;
        while (end < rest.size() && is_key_char(rest[end])) {
            ++end;
        }
    }
    const std::string_view path = rest.substr(0, end);
    rest.remove_prefix(end);
    return path;
}

}  // namespace cistern::collector
