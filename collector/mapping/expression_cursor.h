// SPDX-License-Identifier: MIT
// Where the parser of an expression stands in its text: takes symbols, words and names.
#pragma once

#include "store/base/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace cistern::collector {

// Views into the expression's text. For one thread.
class ExpressionCursor {
  protected:
    explicit ExpressionCursor(std::string_view text) : rest_(text), whole_(text) {}

    static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_name_char(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
    }

    // Errors that quote the expression.
    [[nodiscard]] tl::unexpected<Error> wrong(std::string_view what) const {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("in '{}': {}", whole_.substr(0, kQuotedBytes), what));
    }
    [[nodiscard]] tl::unexpected<Error> unsupported(std::string_view what) const {
        return fail(
            ErrorCode::Unsupported,
            fmt::format("in '{}': {} is not supported", whole_.substr(0, kQuotedBytes), what));
    }

    void skip() {
        while (!rest_.empty() && is_space(rest_[0])) {
            rest_.remove_prefix(1);
        }
    }
    bool take(std::string_view symbol) {
        skip();
        if (rest_.substr(0, symbol.size()) != symbol) {
            return false;
        }
        rest_.remove_prefix(symbol.size());
        return true;
    }
    // Only as a whole word.
    bool take_word(std::string_view word) {
        skip();
        const bool there = rest_.substr(0, word.size()) == word &&
                           (rest_.size() == word.size() || !is_name_char(rest_[word.size()]));
        if (there) {
            rest_.remove_prefix(word.size());
        }
        return there;
    }
    // Empty when none begins here.
    std::string_view take_name() {
        size_t end = 0;
        while (end < rest_.size() && is_name_char(rest_[end])) {
            ++end;
        }
        const std::string_view name = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return name;
    }
    // Takes `default=` off, as far as one begins here; its name.
    std::string_view take_argument_name() {
        skip();
        const size_t size =
            std::min(rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), rest_.size());
        const size_t equals = std::min(rest_.find_first_not_of(' ', size), rest_.size());
        if (size == 0 || rest_.substr(equals, 1) != "=" || rest_.substr(equals, 2) == "==") {
            return {};
        }
        const std::string_view name = rest_.substr(0, size);
        rest_.remove_prefix(equals + 1);
        return name;
    }

    std::string_view rest_;  // not yet taken

  private:
    static constexpr size_t kQuotedBytes = 120;
    std::string_view whole_;
};

}  // namespace cistern::collector
