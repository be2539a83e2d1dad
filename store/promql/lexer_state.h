// SPDX-License-Identifier: MIT
// The lexer proper: a machine with the modes "in braces" and "in brackets". Used by lexer*.cc only.
#pragma once

#include "store/promql/token.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::promql {

inline bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
inline bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
inline bool is_word(char c) {
    return is_alpha(c) || is_digit(c);
}

class Lexer {
  public:
    explicit Lexer(std::string_view input) : input_(input) {}

    std::vector<Token> run();

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
    [[nodiscard]] std::string char_here() const;

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

}  // namespace cistern::promql
