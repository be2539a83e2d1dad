// SPDX-License-Identifier: MIT
#include "store/model/labels.h"
#include "store/promql/format.h"
#include "store/promql/parser_state.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace cistern::promql {
namespace {

constexpr std::string_view kMatching = "label matching";
constexpr std::string_view kGrouping = "grouping opts";

bool is_match_op(TokenKind kind) {
    return kind == TokenKind::Equal || kind == TokenKind::NotEqual ||
           kind == TokenKind::EqualRegex || kind == TokenKind::NotRegex;
}

store::MatchOp match_op(TokenKind kind) {
    switch (kind) {
        case TokenKind::NotEqual:
            return store::MatchOp::NotEqual;
        case TokenKind::EqualRegex:
            return store::MatchOp::Regex;
        case TokenKind::NotRegex:
            return store::MatchOp::NotRegex;
        default:
            return store::MatchOp::Equal;
    }
}

}  // namespace

tl::unexpected<Error> Parser::unexpected(std::string_view context,
                                         std::string_view expected) const {
    if (here().kind == TokenKind::Error) {
        return error_at(here().begin, here().text);
    }
    std::string message = "unexpected " + describe(here());
    if (!context.empty()) {
        message += fmt::format(" in {}", context);
    }
    if (!expected.empty()) {
        message += fmt::format(", expected {}", expected);
    }
    return error_at(here().begin, message);
}

Result<std::string> Parser::unquoted(const Token& literal) {
    auto text = unquote(literal.text);
    if (!text.has_value()) {
        return error_at(literal.begin, text.error().message);
    }
    return text;
}

Result<ExprPtr> Parser::parse_vector_selector() {
    auto node = std::make_unique<VectorSelector>(Position{here().begin, here().begin});
    if (here().kind != TokenKind::LeftBrace) {
        const Token name = take();
        node->name = name.text;
        if (name.kind == TokenKind::DatabaseMetric) {
            const size_t slash = name.text.find('/');
            node->database = name.text.substr(0, slash);
            node->name = name.text.substr(slash + 1);
        }
    }
    if (here().kind == TokenKind::LeftBrace) {
        TRY(parse_matchers(*node));
    }
    if (!node->name.empty()) {
        node->matchers.push_back(
            store::Matcher::equal(std::string(store::kMetricNameLabel), node->name));
    }
    node->position.end = last_end_;
    return node;
}

Status Parser::parse_matchers(VectorSelector& node) {
    take();
    if (take_if(TokenKind::RightBrace)) {
        return {};
    }
    while (true) {
        TRY(parse_matcher(node));
        if (take_if(TokenKind::RightBrace)) {
            return {};
        }
        if (here().kind != TokenKind::Comma) {
            return unexpected(kMatching, "\",\" or \"}\"");
        }
        take();
        if (take_if(TokenKind::RightBrace)) {
            return {};
        }
    }
}

// A quoted string in braces is the metric's name, or the name of a label that cannot be written
// bare. What 2.42 can write bare stays refused, as there.
Status Parser::parse_quoted_name(VectorSelector& node, bool& was_name) {
    const std::string text = TRY(unquoted(here()));
    was_name = !is_match_op(next().kind);
    if (!was_name && is_label_name(text)) {
        return unexpected(kMatching, "identifier or \"}\"");
    }
    if (was_name && text.empty()) {
        return error_at(here().begin, "metric name must not be empty");
    }
    if (was_name && !node.name.empty()) {
        return error_at(
            node.position.begin,
            fmt::format(
                "metric name must not be set twice: {} or {}", quote(node.name), quote(text)));
    }
    if (was_name) {
        node.name = text;
    }
    return {};
}

Status Parser::parse_matcher(VectorSelector& node) {
    const bool quoted = here().kind == TokenKind::String;
    if (!quoted && here().kind != TokenKind::Identifier) {
        return unexpected(kMatching, "identifier or \"}\"");
    }
    bool was_name = false;
    if (quoted) {
        TRY(parse_quoted_name(node, was_name));
    }
    const Token label = take();
    if (was_name) {
        return {};
    }
    if (!is_match_op(here().kind)) {
        return unexpected(kMatching, "label matching operator");
    }
    const store::MatchOp op = match_op(take().kind);
    if (here().kind != TokenKind::String) {
        return unexpected(kMatching, "string");
    }
    const std::string value = TRY(unquoted(take()));
    auto matcher = store::Matcher::create(quoted ? TRY(unquoted(label)) : label.text, op, value);
    if (!matcher.has_value()) {
        return error_at(label.begin, matcher.error().message);
    }
    node.matchers.push_back(std::move(*matcher));
    return {};
}

Result<std::vector<std::string>> Parser::parse_grouping_labels() {
    if (here().kind != TokenKind::LeftParen) {
        return unexpected(kGrouping, "\"(\"");
    }
    take();
    std::vector<std::string> labels;
    while (!take_if(TokenKind::RightParen)) {
        if (!is_label_word(here().kind) || here().kind == TokenKind::MetricIdentifier) {
            return unexpected(kGrouping, "label");
        }
        labels.push_back(take().text);
        if (here().kind != TokenKind::RightParen && !take_if(TokenKind::Comma)) {
            return unexpected(kGrouping, "\",\" or \")\"");
        }
    }
    return labels;
}

Result<ExprPtr> Parser::parse_postfix(ExprPtr expr) {
    while (true) {
        if (here().kind == TokenKind::LeftBracket) {
            expr = TRY(parse_range(std::move(expr)));
        } else if (take_if(TokenKind::Offset)) {
            TRY(parse_offset(*expr));
        } else if (take_if(TokenKind::At)) {
            TRY(parse_at(*expr));
        } else {
            return expr;
        }
    }
}

Result<int64_t> Parser::take_duration() {
    const Token token = take();
    auto duration = parse_duration(token.text);
    if (!duration.has_value()) {
        return error_at(token.begin, duration.error().message);
    }
    if (*duration == 0) {
        return error_at(token.begin, "duration must be greater than 0");
    }
    return duration;
}

Result<ExprPtr> Parser::parse_range(ExprPtr expr) {
    const Token bracket = take();
    if (here().kind != TokenKind::Duration) {
        return unexpected("subquery selector", "duration");
    }
    const int64_t range_ms = TRY(take_duration());
    if (take_if(TokenKind::RightBracket)) {
        return make_matrix(std::move(expr), range_ms, bracket.begin);
    }
    if (here().kind != TokenKind::Colon) {
        return unexpected("subquery or range", "\":\" or \"]\"");
    }
    auto node = std::make_unique<SubqueryExpr>(expr->position, std::move(expr));
    node->range_ms = range_ms;
    TRY(parse_subquery_rest(*node));
    TRY(deepen(*node));
    return node;
}

Result<ExprPtr> Parser::make_matrix(ExprPtr expr, int64_t range_ms, size_t bracket) {
    if (expr->kind != ExprKind::Vector) {
        return error_at(bracket, "ranges only allowed for vector selectors");
    }
    const TimeShift& shift = as<VectorSelector>(*expr).shift;
    if (shift.offset_ms != 0) {
        return error_at(bracket, "no offset modifiers allowed before range");
    }
    if (shift.anchor == TimeShift::Anchor::Timestamp) {
        return error_at(bracket, "no @ modifiers allowed before range");
    }
    const Position where{expr->position.begin, last_end_};
    std::unique_ptr<VectorSelector> selector(&as<VectorSelector>(*expr.release()));
    return std::make_unique<MatrixSelector>(where, std::move(selector), range_ms);
}

// Behind the colon.
Status Parser::parse_subquery_rest(SubqueryExpr& node) {
    take();
    if (here().kind == TokenKind::Duration || here().kind == TokenKind::Number) {
        if (here().kind == TokenKind::Number) {
            return unexpected("subquery selector", "duration or \"]\"");
        }
        node.step_ms = TRY(take_duration());
        if (here().kind != TokenKind::RightBracket) {
            return unexpected("subquery selector", "\"]\"");
        }
    } else if (here().kind != TokenKind::RightBracket) {
        return unexpected("subquery selector", "duration or \"]\"");
    }
    take();
    node.position.end = last_end_;
    return {};
}

Result<TimeShift*> Parser::shift_of(Expr& expr, std::string_view modifier) {
    switch (expr.kind) {
        case ExprKind::Vector:
            return &as<VectorSelector>(expr).shift;
        case ExprKind::Matrix:
            return &as<MatrixSelector>(expr).selector->shift;
        case ExprKind::Subquery:
            return &as<SubqueryExpr>(expr).shift;
        default:
            break;
    }
    return error_at(
        expr.position.begin,
        fmt::format("{} modifier must be preceded by an instant vector selector or range "
                    "vector selector or a subquery",
                    modifier));
}

Status Parser::parse_offset(Expr& expr) {
    const bool negative = take_if(TokenKind::Sub);
    if (here().kind != TokenKind::Duration) {
        return unexpected("offset", "duration");
    }
    const int64_t offset_ms = TRY(take_duration());
    TimeShift* shift = TRY(shift_of(expr, "offset"));
    if (shift->offset_ms != 0) {
        return error_at(expr.position.begin, "offset may not be set multiple times");
    }
    shift->offset_ms = negative ? -offset_ms : offset_ms;
    expr.position.end = last_end_;
    return {};
}

Status Parser::parse_at(Expr& expr) {
    const bool start = here().kind == TokenKind::Start;
    if (start || here().kind == TokenKind::End) {
        take();
        if (!take_if(TokenKind::LeftParen) || !take_if(TokenKind::RightParen)) {
            return unexpected("@", "timestamp");
        }
        TimeShift* shift = TRY(shift_of(expr, "@"));
        if (shift->anchor != TimeShift::Anchor::None) {
            return error_at(expr.position.begin, "@ <timestamp> may not be set multiple times");
        }
        shift->anchor = start ? TimeShift::Anchor::Start : TimeShift::Anchor::End;
        expr.position.end = last_end_;
        return {};
    }
    const bool negative = here().kind == TokenKind::Sub;
    if (negative || here().kind == TokenKind::Add) {
        take();
    }
    if (here().kind != TokenKind::Number) {
        return unexpected("@", "timestamp");
    }
    const Token number = take();
    auto seconds = parse_number(number.text);
    if (!seconds.has_value()) {
        return error_at(number.begin, seconds.error().message);
    }
    return set_timestamp(expr, negative ? -*seconds : *seconds);
}

Status Parser::set_timestamp(Expr& expr, double seconds) {
    constexpr double kBound = 9223372036854775807.0 / 1000;  // so that the ms fit int64
    if (!(seconds > -kBound && seconds < kBound)) {
        return error_at(expr.position.begin,
                        fmt::format("timestamp out of bounds for @ modifier: {}",
                                    std::isfinite(seconds) ? fmt::format("{:f}", seconds)
                                                           : format_value(seconds)));
    }
    TimeShift* shift = TRY(shift_of(expr, "@"));
    if (shift->anchor != TimeShift::Anchor::None) {
        return error_at(expr.position.begin, "@ <timestamp> may not be set multiple times");
    }
    shift->anchor = TimeShift::Anchor::Timestamp;
    shift->at_ms = static_cast<int64_t>(std::round(seconds * 1000));
    expr.position.end = last_end_;
    return {};
}

}  // namespace cistern::promql
