// SPDX-License-Identifier: MIT
// The words of PromQL. The lexer makes them, the parser and its error messages use them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::promql {

enum class TokenKind : uint8_t {
    Eof,
    Error,  // text is the message
    Identifier,
    MetricIdentifier,  // with a colon
    DatabaseMetric,    // db/metric.name
    Number,
    String,  // with its quotes
    Duration,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    At,
    Equal,       // = in a matcher
    EqualRegex,  // =~
    NotRegex,    // !~
    // operators; NotEqual serves in matchers too
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Equals,  // ==
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Unless,
    // aggregators
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    TopK,
    BottomK,
    CountValues,
    Quantile,
    LimitK,
    LimitRatio,
    // keywords
    Bool,
    By,
    GroupLeft,
    GroupRight,
    Ignoring,
    Offset,
    On,
    Without,
    Start,
    End,
};

struct Token {
    TokenKind kind = TokenKind::Eof;
    size_t begin = 0;  // byte offset in the query
    std::string text;  // as written; of an Error the message
};

inline bool is_operator(TokenKind kind) {
    return kind >= TokenKind::Add && kind <= TokenKind::Unless;
}
inline bool is_aggregator(TokenKind kind) {
    return kind >= TokenKind::Sum && kind <= TokenKind::LimitRatio;
}
inline bool is_keyword(TokenKind kind) {
    return kind >= TokenKind::Bool && kind <= TokenKind::Without;
}

// Case does not matter. Identifier when the word is no keyword; Number for inf and nan.
TokenKind keyword_kind(std::string_view word);
// A keyword that may stand where a metric name stands.
bool is_metric_word(TokenKind kind);
// A token that may stand in by(...), on(...) and their like.
bool is_label_word(TokenKind kind);
// For messages: identifier "x", <op:+>, end of input.
std::string describe(const Token& token);

}  // namespace cistern::promql
