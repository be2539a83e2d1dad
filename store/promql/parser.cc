// SPDX-License-Identifier: MIT
#include "store/promql/parser.h"

#include "store/promql/format.h"
#include "store/promql/parser_state.h"
#include "store/promql/type_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::promql {
namespace {

// Binding strength, weakest first; `^` alone associates to the right.
constexpr int kWeakest = 1;
constexpr int kUnaryOperand = 6;  // a sign binds like `*`, so its operand takes in only `^`

int strength(TokenKind kind) {
    switch (kind) {
        case TokenKind::Or:
            return 1;
        case TokenKind::And:
        case TokenKind::Unless:
            return 2;
        case TokenKind::Equals:
        case TokenKind::NotEqual:
        case TokenKind::Less:
        case TokenKind::LessEqual:
        case TokenKind::Greater:
        case TokenKind::GreaterEqual:
            return 3;
        case TokenKind::Add:
        case TokenKind::Sub:
            return 4;
        case TokenKind::Mul:
        case TokenKind::Div:
        case TokenKind::Mod:
        case TokenKind::Atan2:
            return 5;
        case TokenKind::Pow:
            return 6;
        default:
            return 0;
    }
}

BinaryOp binary_op(TokenKind kind) {
    switch (kind) {
        case TokenKind::Add:
            return BinaryOp::Add;
        case TokenKind::Sub:
            return BinaryOp::Sub;
        case TokenKind::Mul:
            return BinaryOp::Mul;
        case TokenKind::Div:
            return BinaryOp::Div;
        case TokenKind::Mod:
            return BinaryOp::Mod;
        case TokenKind::Pow:
            return BinaryOp::Pow;
        case TokenKind::Atan2:
            return BinaryOp::Atan2;
        case TokenKind::Equals:
            return BinaryOp::Equal;
        case TokenKind::NotEqual:
            return BinaryOp::NotEqual;
        case TokenKind::Less:
            return BinaryOp::Less;
        case TokenKind::LessEqual:
            return BinaryOp::LessEqual;
        case TokenKind::Greater:
            return BinaryOp::Greater;
        case TokenKind::GreaterEqual:
            return BinaryOp::GreaterEqual;
        case TokenKind::And:
            return BinaryOp::And;
        case TokenKind::Or:
            return BinaryOp::Or;
        default:
            return BinaryOp::Unless;
    }
}

AggregateOp aggregate_op(TokenKind kind) {
    const auto index = static_cast<int>(kind) - static_cast<int>(TokenKind::Sum);
    return static_cast<AggregateOp>(index);  // both enumerate in the same order
}

}  // namespace

Status Parser::deepen(Expr& node) {
    for_each_child(
        node, [&node](const Expr& child) { node.depth = std::max(node.depth, child.depth + 1); });
    if (node.depth > kExpressionDepthMax) {
        return error_at(node.position.begin, "expression is nested too deeply");
    }
    return {};
}

Result<ExprPtr> Parser::parse_query() {
    if (here().kind == TokenKind::Eof) {
        return error_at(0, "no expression found in input");
    }
    ExprPtr expr = TRY(parse_expression(kWeakest));
    if (here().kind != TokenKind::Eof) {
        return unexpected("", "");
    }
    return expr;
}

// metric{a="b"} and nothing else.
Result<ExprPtr> Parser::parse_bare_selector() {
    const TokenKind kind = here().kind;
    if (kind != TokenKind::LeftBrace && kind != TokenKind::Identifier && !is_metric_word(kind)) {
        return unexpected("", "");
    }
    ExprPtr expr = TRY(parse_vector_selector());
    if (here().kind != TokenKind::Eof) {
        return unexpected("", "");
    }
    return expr;
}

Result<ExprPtr> Parser::parse_expression(int weakest) {
    if (++nesting_ > kExpressionDepthMax) {
        return error_at(here().begin, "expression is nested too deeply");
    }
    ExprPtr left = TRY(parse_operand());
    while (strength(here().kind) >= weakest && is_operator(here().kind)) {
        left = TRY(parse_binary(std::move(left)));
    }
    --nesting_;
    return left;
}

Result<ExprPtr> Parser::parse_binary(ExprPtr left) {
    const Token operation = take();
    const BinaryOp op = binary_op(operation.kind);
    auto node = std::make_unique<BinaryExpr>(left->position, op, std::move(left), nullptr);
    TRY(parse_binary_modifiers(*node));
    const bool right_associative = operation.kind == TokenKind::Pow;
    node->right = TRY(parse_expression(strength(operation.kind) + (right_associative ? 0 : 1)));
    node->position.end = node->right->position.end;
    node->op_position = {operation.begin, operation.begin + operation.text.size()};
    TRY(deepen(*node));
    return node;
}

Status Parser::parse_binary_modifiers(BinaryExpr& node) {
    node.return_bool = take_if(TokenKind::Bool);
    if (here().kind != TokenKind::On && here().kind != TokenKind::Ignoring) {
        return {};
    }
    node.matching.on = take().kind == TokenKind::On;
    node.matching.labels = TRY(parse_grouping_labels());
    if (here().kind != TokenKind::GroupLeft && here().kind != TokenKind::GroupRight) {
        return {};
    }
    const bool left = take().kind == TokenKind::GroupLeft;
    node.matching.cardinality =
        left ? VectorMatching::Cardinality::ManyToOne : VectorMatching::Cardinality::OneToMany;
    if (here().kind == TokenKind::LeftParen || !starts_expression(here().kind)) {
        node.matching.include = TRY(parse_grouping_labels());
    }
    return {};
}

Result<ExprPtr> Parser::parse_operand() {
    if (here().kind == TokenKind::Add || here().kind == TokenKind::Sub) {
        return parse_signed();
    }
    return parse_postfix(TRY(parse_primary()));
}

Result<ExprPtr> Parser::parse_signed() {
    const Token sign = take();
    const bool negative = sign.kind == TokenKind::Sub;
    ExprPtr operand = TRY(parse_expression(kUnaryOperand));
    if (operand->kind == ExprKind::Number) {
        operand->position.begin = sign.begin;
        auto& number = as<NumberLiteral>(*operand);
        number.value = negative ? -number.value : number.value;
        return operand;
    }
    const Position where{sign.begin, operand->position.end};
    auto node = std::make_unique<UnaryExpr>(where, negative, std::move(operand));
    TRY(deepen(*node));
    return node;
}

Result<ExprPtr> Parser::parse_primary() {
    const Token& token = here();
    switch (token.kind) {
        case TokenKind::Number: {
            const Token number = take();
            auto value = parse_number(number.text);
            if (!value.has_value()) {
                return error_at(number.begin, value.error().message);
            }
            return std::make_unique<NumberLiteral>(position_of(number), *value);
        }
        case TokenKind::String: {
            const Token literal = take();
            return std::make_unique<StringLiteral>(position_of(literal), TRY(unquoted(literal)));
        }
        case TokenKind::LeftParen:
            return parse_parens();
        case TokenKind::LeftBrace:
        case TokenKind::DatabaseMetric:
            return parse_vector_selector();
        case TokenKind::Identifier:
            if (next().kind == TokenKind::LeftParen) {
                return parse_call();
            }
            return parse_vector_selector();
        default:
            break;
    }
    if (is_aggregator(token.kind) && starts_aggregation(next().kind)) {
        return parse_aggregation();
    }
    if (is_metric_word(token.kind)) {
        return parse_vector_selector();
    }
    return unexpected(context_, "");
}

// Behind an aggregator's name; anything else makes the name a metric.
bool Parser::starts_aggregation(TokenKind following) {
    return following == TokenKind::LeftParen || following == TokenKind::By ||
           following == TokenKind::Without;
}

bool Parser::starts_expression(TokenKind kind) {
    switch (kind) {
        case TokenKind::Add:
        case TokenKind::Sub:
        case TokenKind::Number:
        case TokenKind::String:
        case TokenKind::LeftParen:
        case TokenKind::LeftBrace:
        case TokenKind::DatabaseMetric:
        case TokenKind::Identifier:
            return true;
        default:
            return is_aggregator(kind) || is_metric_word(kind);
    }
}

Result<ExprPtr> Parser::parse_parens() {
    const Token open = take();
    ExprPtr inner = TRY(parse_expression(kWeakest));
    if (here().kind != TokenKind::RightParen) {
        return unexpected(context_, "");
    }
    const Position where{open.begin, position_of(take()).end};
    auto node = std::make_unique<ParenExpr>(where, std::move(inner));
    TRY(deepen(*node));
    return node;
}

Result<std::vector<ExprPtr>> Parser::parse_arguments() {
    if (here().kind != TokenKind::LeftParen) {
        return unexpected(context_, "");
    }
    take();
    std::vector<ExprPtr> arguments;
    if (take_if(TokenKind::RightParen)) {
        return arguments;
    }
    while (true) {
        arguments.push_back(TRY(parse_expression(kWeakest)));
        if (take_if(TokenKind::RightParen)) {
            return arguments;
        }
        if (here().kind != TokenKind::Comma) {
            return unexpected(context_, "");
        }
        const Token comma = take();
        if (!starts_expression(here().kind) && here().kind != TokenKind::Error) {
            return error_at(comma.begin, "trailing commas not allowed in function call args");
        }
    }
}

Result<ExprPtr> Parser::parse_call() {
    const Token name = take();
    std::vector<ExprPtr> arguments = TRY(parse_arguments());
    const Function* function = find_function(name.text);
    if (function == nullptr) {
        return error_at(name.begin, fmt::format("unknown function with name {}", quote(name.text)));
    }
    auto node = std::make_unique<Call>(position_of(name), function);
    node->arguments = std::move(arguments);
    node->position.end = last_end_;
    TRY(deepen(*node));
    return node;
}

Result<ExprPtr> Parser::parse_aggregation() {
    const std::string outer = std::exchange(context_, "aggregation");
    const Token name = take();
    auto node = std::make_unique<AggregateExpr>(position_of(name), aggregate_op(name.kind));
    bool modified = TRY(parse_aggregation_modifier(*node));
    std::vector<ExprPtr> arguments = TRY(parse_arguments());
    if (!modified) {
        TRY(parse_aggregation_modifier(*node));
    }
    context_ = outer;
    node->position.end = last_end_;
    if (arguments.empty()) {
        return error_at(name.begin, "no arguments for aggregate expression provided");
    }
    const size_t wanted = takes_parameter(node->op) ? 2 : 1;
    if (arguments.size() != wanted) {
        return error_at(name.begin,
                        fmt::format("wrong number of arguments for aggregate expression provided, "
                                    "expected {}, got {}",
                                    wanted,
                                    arguments.size()));
    }
    node->expr = std::move(arguments.back());
    if (wanted == 2) {
        node->parameter = std::move(arguments.front());
    }
    TRY(deepen(*node));
    return node;
}

// by (...) or without (...), if there.
Result<bool> Parser::parse_aggregation_modifier(AggregateExpr& node) {
    if (here().kind != TokenKind::By && here().kind != TokenKind::Without) {
        return false;
    }
    node.without = take().kind == TokenKind::Without;
    node.grouping = TRY(parse_grouping_labels());
    return true;
}

Result<ExprPtr> parse(std::string_view query) {
    ExprPtr expr = TRY(Parser(query).parse_query());
    TRY(check_types(*expr, query));
    return expr;
}

Result<std::vector<store::Matcher>> parse_selector(std::string_view selector) {
    ExprPtr expr = TRY(Parser(selector).parse_bare_selector());
    return std::move(as<VectorSelector>(*expr).matchers);
}

}  // namespace cistern::promql
