// SPDX-License-Identifier: MIT
#include "store/promql/lexer.h"

#include "store/model/labels.h"
#include "store/promql/format.h"

#include <fmt/format.h>

#include <utility>

namespace cistern::promql {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_word(char c) {
    return is_alpha(c) || is_digit(c);
}

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

// One character as Go prints it with %q.
std::string quote_char(std::string_view rune) {
    if (rune == "'") {
        return "'\\''";
    }
    const std::string quoted = quote(rune);
    return "'" + (rune == "\"" ? "\"" : quoted.substr(1, quoted.size() - 2)) + "'";
}

class Lexer {
  public:
    explicit Lexer(std::string_view input) : input_(input) {}

    std::vector<Token> run() {
        while (!done_) {
            begin_ = at_;
            if (peek() == '#') {
                at_ = std::min(input_.find('\n', at_), input_.size());
            } else if (at_ < input_.size() && is_space(input_[at_])) {
                ++at_;
            } else if (in_braces_) {
                lex_inside_braces();
            } else {
                lex_statement();
            }
        }
        return std::move(tokens_);
    }

  private:
    // 0 at the end; a NUL in the input is no valid character anywhere outside of strings.
    [[nodiscard]] char peek(size_t ahead = 0) const {
        return at_ + ahead < input_.size() ? input_[at_ + ahead] : '\0';
    }
    [[nodiscard]] bool at_end() const { return at_ >= input_.size(); }
    [[nodiscard]] std::string_view word() const { return input_.substr(begin_, at_ - begin_); }

    void emit(TokenKind kind) { tokens_.push_back({kind, begin_, std::string(word())}); }
    void emit(TokenKind kind, size_t bytes) {
        at_ += bytes;
        emit(kind);
    }
    void error(std::string message) {
        tokens_.push_back({TokenKind::Error, begin_, std::move(message)});
        done_ = true;
    }
    // The whole character at `at_`, for messages.
    [[nodiscard]] std::string char_here() const {
        if (at_end()) {
            return "'\\uffff'";
        }
        size_t size = 1;
        while (size < 4 && at_ + size < input_.size() && (input_[at_ + size] & 0xc0) == 0x80) {
            ++size;
        }
        return quote_char(input_.substr(at_, size));
    }

    bool accept(std::string_view characters) {
        if (at_end() || characters.find(input_[at_]) == std::string_view::npos) {
            return false;
        }
        ++at_;
        return true;
    }
    void accept_run(std::string_view characters) {
        while (accept(characters)) {
        }
    }

    void lex_statement();
    void lex_end();
    bool lex_operator();
    bool lex_bracket();
    void lex_colon_or_word();
    void lex_word();
    bool lex_database_metric();
    void lex_number_or_duration();
    void lex_range();
    void lex_inside_braces();
    void lex_string(char quote_mark);
    bool lex_escape(char quote_mark);
    bool scan_number();
    bool scan_duration_rest();

    std::string_view input_;
    size_t begin_ = 0;
    size_t at_ = 0;
    int parens_ = 0;
    bool in_braces_ = false;
    bool in_brackets_ = false;
    bool got_colon_ = false;
    bool done_ = false;
    std::vector<Token> tokens_;
};

void Lexer::lex_end() {
    if (parens_ != 0) {
        error("unclosed left parenthesis");
    } else if (in_brackets_) {
        error("unclosed left bracket");
    } else {
        emit(TokenKind::Eof);
        done_ = true;
    }
}

bool Lexer::lex_operator() {
    const char next = peek(1);
    switch (peek()) {
        case ',':
            emit(TokenKind::Comma, 1);
            return true;
        case '@':
            emit(TokenKind::At, 1);
            return true;
        case '*':
            emit(TokenKind::Mul, 1);
            return true;
        case '/':
            emit(TokenKind::Div, 1);
            return true;
        case '%':
            emit(TokenKind::Mod, 1);
            return true;
        case '+':
            emit(TokenKind::Add, 1);
            return true;
        case '-':
            emit(TokenKind::Sub, 1);
            return true;
        case '^':
            emit(TokenKind::Pow, 1);
            return true;
        case '<':
            next == '=' ? emit(TokenKind::LessEqual, 2) : emit(TokenKind::Less, 1);
            return true;
        case '>':
            next == '=' ? emit(TokenKind::GreaterEqual, 2) : emit(TokenKind::Greater, 1);
            return true;
        case '=':
            if (next == '~') {
                error("unexpected character after '=': '~'");
            } else {
                next == '=' ? emit(TokenKind::Equals, 2) : emit(TokenKind::Equal, 1);
            }
            return true;
        case '!':
            if (next == '=') {
                emit(TokenKind::NotEqual, 2);
            } else {
                ++at_;
                error("unexpected character after '!': " + char_here());
            }
            return true;
        default:
            return false;
    }
}

bool Lexer::lex_bracket() {
    switch (peek()) {
        case '(':
            ++parens_;
            emit(TokenKind::LeftParen, 1);
            return true;
        case ')':
            if (--parens_ < 0) {
                error("unexpected right parenthesis ')'");
            } else {
                emit(TokenKind::RightParen, 1);
            }
            return true;
        case '{':
            in_braces_ = true;
            emit(TokenKind::LeftBrace, 1);
            return true;
        case '[':
            if (in_brackets_) {
                error("unexpected left bracket '['");
            } else {
                lex_range();
            }
            return true;
        case ']':
            if (!in_brackets_) {
                error("unexpected right bracket ']'");
            } else {
                in_brackets_ = false;
                emit(TokenKind::RightBracket, 1);
            }
            return true;
        default:
            return false;
    }
}

void Lexer::lex_statement() {
    const char c = peek();
    if (at_end()) {
        lex_end();
    } else if (lex_operator() || lex_bracket()) {
        return;
    } else if (!in_brackets_ && is_word(c) && lex_database_metric()) {
        return;
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
        lex_number_or_duration();
    } else if (c == '"' || c == '\'' || c == '`') {
        lex_string(c);
    } else if (is_alpha(c) || c == ':') {
        lex_colon_or_word();
    } else {
        error("unexpected character: " + char_here());
    }
}

void Lexer::lex_colon_or_word() {
    if (!in_brackets_) {
        lex_word();
    } else if (got_colon_ || peek() != ':') {
        error("unexpected colon " + char_here());
    } else {
        got_colon_ = true;
        emit(TokenKind::Colon, 1);
    }
}

void Lexer::lex_word() {
    while (is_word(peek()) || peek() == ':') {
        ++at_;
    }
    const TokenKind kind = keyword_kind(word());
    const bool colon = word().find(':') != std::string_view::npos;
    emit(kind == TokenKind::Identifier && colon ? TokenKind::MetricIdentifier : kind);
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

void Lexer::lex_inside_braces() {
    const char c = peek();
    const char next = peek(1);
    if (at_end()) {
        error("unexpected end of input inside braces");
    } else if (is_alpha(c)) {
        while (is_word(peek())) {
            ++at_;
        }
        emit(TokenKind::Identifier);
    } else if (c == ',') {
        emit(TokenKind::Comma, 1);
    } else if (c == '"' || c == '\'' || c == '`') {
        lex_string(c);
    } else if (c == '=') {
        next == '~' ? emit(TokenKind::EqualRegex, 2) : emit(TokenKind::Equal, 1);
    } else if (c == '!' && next == '~') {
        emit(TokenKind::NotRegex, 2);
    } else if (c == '!' && next == '=') {
        emit(TokenKind::NotEqual, 2);
    } else if (c == '!') {
        ++at_;
        error("unexpected character after '!' inside braces: " + char_here());
    } else if (c == '{') {
        error("unexpected left brace '{'");
    } else if (c == '}') {
        in_braces_ = false;
        emit(TokenKind::RightBrace, 1);
    } else {
        error("unexpected character inside braces: " + char_here());
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

}  // namespace

std::vector<Token> tokenize(std::string_view query) {
    return Lexer(query).run();
}

}  // namespace cistern::promql
