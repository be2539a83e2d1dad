// SPDX-License-Identifier: MIT
#include "store/promql/lexer.h"

#include "store/model/labels.h"
#include "store/promql/format.h"
#include "store/promql/lexer_state.h"

#include <fmt/format.h>

#include <utility>

namespace cistern::promql {
namespace {

// One character as Go prints it with %q.
std::string quote_char(std::string_view rune) {
    if (rune == "'") {
        return "'\\''";
    }
    const std::string quoted = quote(rune);
    return "'" + (rune == "\"" ? "\"" : quoted.substr(1, quoted.size() - 2)) + "'";
}

}  // namespace

std::vector<Token> Lexer::run() {
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

std::string Lexer::char_here() const {
    if (at_end()) {
        return "'\uFFFD'";  // as Go prints what is no character
    }
    size_t size = 1;
    while (size < 4 && at_ + size < input_.size() && (input_[at_ + size] & 0xc0) == 0x80) {
        ++size;
    }
    return quote_char(input_.substr(at_, size));
}

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
                begin_ = ++at_;  // Prometheus points behind it
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

std::vector<Token> tokenize(std::string_view query) {
    return Lexer(query).run();
}

}  // namespace cistern::promql
