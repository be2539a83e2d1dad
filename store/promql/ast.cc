// SPDX-License-Identifier: MIT
#include "store/promql/ast.h"

#include <array>

namespace cistern::promql {

std::string_view name_of(BinaryOp op) {
    static constexpr std::array<std::string_view, 16> kNames = {"+",
                                                                "-",
                                                                "*",
                                                                "/",
                                                                "%",
                                                                "^",
                                                                "atan2",
                                                                "==",
                                                                "!=",
                                                                "<",
                                                                "<=",
                                                                ">",
                                                                ">=",
                                                                "and",
                                                                "or",
                                                                "unless"};
    return kNames[static_cast<size_t>(op)];
}

std::string_view name_of(AggregateOp op) {
    static constexpr std::array<std::string_view, 14> kNames = {"sum",
                                                                "avg",
                                                                "count",
                                                                "min",
                                                                "max",
                                                                "group",
                                                                "stddev",
                                                                "stdvar",
                                                                "topk",
                                                                "bottomk",
                                                                "count_values",
                                                                "quantile",
                                                                "limitk",
                                                                "limit_ratio"};
    return kNames[static_cast<size_t>(op)];
}

ValueType type_of(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::Number:
            return ValueType::Scalar;
        case ExprKind::String:
            return ValueType::String;
        case ExprKind::Vector:
        case ExprKind::Aggregate:
            return ValueType::Vector;
        case ExprKind::Matrix:
        case ExprKind::Subquery:
            return ValueType::Matrix;
        case ExprKind::Unary:
            return type_of(*as<UnaryExpr>(expr).expr);
        case ExprKind::Paren:
            return type_of(*as<ParenExpr>(expr).expr);
        case ExprKind::Call:
            return as<Call>(expr).function->returns;
        case ExprKind::Binary:
            break;
    }
    const auto& binary = as<BinaryExpr>(expr);
    const bool scalars =
        type_of(*binary.left) == ValueType::Scalar && type_of(*binary.right) == ValueType::Scalar;
    return scalars ? ValueType::Scalar : ValueType::Vector;
}

const Expr& without_parens(const Expr& expr) {
    const Expr* inner = &expr;
    while (const auto* paren = as_if<ParenExpr>(*inner)) {
        inner = paren->expr.get();
    }
    return *inner;
}

namespace {
void collect_selectors(const Expr& expr, std::vector<const VectorSelector*>& into) {
    if (const auto* selector = as_if<VectorSelector>(expr)) {
        into.push_back(selector);
    }
    for_each_child(expr, [&into](const Expr& child) { collect_selectors(child, into); });
}
}  // namespace

std::vector<const VectorSelector*> selectors_of(const Expr& expr) {
    std::vector<const VectorSelector*> found;
    collect_selectors(expr, found);
    return found;
}

}  // namespace cistern::promql
