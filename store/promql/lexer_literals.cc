// SPDX-License-Identifier: MIT
// Numbers, durations and strings.
#include "store/model/labels.h"
#include "store/promql/format.h"
#include "store/promql/lexer_state.h"

#include <fmt/format.h>

namespace cistern::promql {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

}  // namespace

// True when what was read is followed by no letter or digit.
bool Lexer::scan_number() {
    std::string_view digits = kDigits;
    if (accept("0") && accept("xX")) {
        digits = kHexDigits;
    }
    accept_run(digits);
    if (accept(".")) {
        accept_run(digits);
    }
    if (accept("eE")) {
        accept("+-");
        accept_run(kDigits);
    }
    return !is_word(peek());
}

// Units and further numbers behind the digits that scan_number read.
bool Lexer::scan_duration_rest() {
    if (!accept("smhdwy")) {
        return false;
    }
    accept("s");
    while (accept(kDigits)) {
        accept_run(kDigits);
        if (!accept("smhdw")) {
            return false;
        }
        accept("s");
    }
    if (is_word(peek())) {
        ++at_;  // shown in the message
        return false;
    }
    return true;
}

void Lexer::lex_number_or_duration() {
    if (scan_number()) {
        emit(TokenKind::Number);
    } else if (scan_duration_rest()) {
        emit(TokenKind::Duration);
    } else {
        error("bad number or duration syntax: " + quote(word()));
    }
}

void Lexer::lex_range() {
    got_colon_ = false;
    in_brackets_ = true;
    emit(TokenKind::LeftBracket, 1);
    while (!at_end() && is_space(input_[at_])) {
        ++at_;
    }
    begin_ = at_;
    if (scan_number()) {
        error("missing unit character in duration");
    } else if (scan_duration_rest()) {
        emit(TokenKind::Duration);
    } else {
        error("bad duration syntax: " + quote(word()));
    }
}

void Lexer::lex_string(char quote_mark) {
    const bool raw = quote_mark == '`';
    ++at_;
    while (true) {
        if (at_end() || (!raw && peek() == '\n')) {
            return error(raw ? "unterminated raw string" : "unterminated quoted string");
        }
        const char c = input_[at_++];
        if (c == quote_mark) {
            break;
        }
        if (c == '\\' && !raw && !lex_escape(quote_mark)) {
            return;
        }
    }
    if (!store::is_valid_utf8(word())) {
        return error("invalid UTF-8 rune");
    }
    emit(TokenKind::String);
}

// Behind a backslash. Reports and returns false when the escape is broken.
bool Lexer::lex_escape(char quote_mark) {
    if (at_end()) {
        error("escape sequence not terminated");
        return false;
    }
    const char letter = input_[at_];
    constexpr std::string_view kSimple = "abfnrtv\\";
    if (letter == quote_mark || kSimple.find(letter) != std::string_view::npos) {
        ++at_;
        return true;
    }
    size_t count = 3;
    std::string_view digits = "01234567";
    if (letter == 'x' || letter == 'u' || letter == 'U') {
        count = letter == 'x' ? 2 : (letter == 'u' ? 4 : 8);
        digits = kHexDigits;
        ++at_;
    } else if (digits.find(letter) == std::string_view::npos) {
        error(fmt::format("unknown escape sequence U+{:04X} {}",
                          static_cast<unsigned char>(letter),
                          char_here()));
        return false;
    }
    uint64_t rune = 0;
    for (size_t i = 0; i < count; ++i) {
        if (at_end()) {
            error("escape sequence not terminated");
            return false;
        }
        const char c = input_[at_];
        if (!accept(digits)) {
            error(fmt::format("illegal character U+{:04X} {} in escape sequence",
                              static_cast<unsigned char>(c),
                              char_here()));
            return false;
        }
        const auto value = static_cast<uint64_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
        rune = rune * (digits.size() == 8 ? 8 : 16) + value;
    }
    const uint64_t highest = letter == 'u' || letter == 'U' ? 0x10ffff : 255;
    if (rune > highest || (rune >= 0xd800 && rune < 0xe000)) {
        error("escape sequence is an invalid Unicode code point");
        return false;
    }
    return true;
}

// db/room.temp: a slash between a database and a name with a dot, which no PromQL can be.
bool Lexer::lex_database_metric() {
    size_t end = at_;
    while (end < input_.size() && (is_word(input_[end]) || input_[end] == '-')) {
        ++end;
    }
    const std::string_view database = input_.substr(at_, end - at_);
    if (end >= input_.size() || input_[end] != '/' ||
        !store::validate_database_name(database).has_value()) {
        return false;
    }
    size_t metric = ++end;
    bool dotted = false;
    while (end < input_.size()) {
        const bool dot = input_[end] == '.' && end > metric && end + 1 < input_.size() &&
                         is_word(input_[end + 1]);
        if (!dot && !is_word(input_[end]) && input_[end] != ':') {
            break;
        }
        dotted = dotted || dot;
        ++end;
    }
    if (!dotted || is_digit(input_[metric])) {
        return false;
    }
    emit(TokenKind::DatabaseMetric, end - at_);
    return true;
}

}  // namespace cistern::promql
