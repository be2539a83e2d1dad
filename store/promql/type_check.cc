// SPDX-License-Identifier: MIT
#include "store/promql/type_check.h"

#include "store/model/labels.h"
#include "store/promql/format.h"
#include "store/promql/parse_error.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::promql {
namespace {

class TypeChecker {
  public:
    explicit TypeChecker(std::string_view query) : query_(query) {}

    Status check(Expr& expr) {
        switch (expr.kind) {
            case ExprKind::Number:
            case ExprKind::String:
                return {};
            case ExprKind::Vector:
                return check_selector(as<VectorSelector>(expr));
            case ExprKind::Matrix:
                return check_selector(*as<MatrixSelector>(expr).selector);
            case ExprKind::Subquery:
                return check_subquery(as<SubqueryExpr>(expr));
            case ExprKind::Unary:
                return check_unary(as<UnaryExpr>(expr));
            case ExprKind::Binary:
                return check_binary(as<BinaryExpr>(expr));
            case ExprKind::Aggregate:
                return check_aggregate(as<AggregateExpr>(expr));
            case ExprKind::Call:
                return check_call(as<Call>(expr));
            case ExprKind::Paren:
                return check(*as<ParenExpr>(expr).expr);
        }
        return {};
    }

  private:
    [[nodiscard]] tl::unexpected<Error> error_at(size_t offset, const std::string& message) const {
        return parse_error(query_, offset, message);
    }
    [[nodiscard]] tl::unexpected<Error> error_at(const Expr& expr,
                                                 const std::string& message) const {
        return parse_error(query_, expr.position.begin, message);
    }

    Status expect(Expr& expr, ValueType wanted, std::string_view context) {
        TRY(check(expr));
        if (const ValueType got = type_of(expr); got != wanted) {
            return error_at(expr,
                            fmt::format("expected type {} in {}, got {}",
                                        documented_name(wanted),
                                        context,
                                        documented_name(got)));
        }
        return {};
    }

    Status check_selector(const VectorSelector& selector);
    Status check_subquery(SubqueryExpr& node);
    Status check_unary(UnaryExpr& node);
    Status check_binary(BinaryExpr& node);
    Status check_matching(BinaryExpr& node, bool vectors);
    Status check_aggregate(AggregateExpr& node);
    Status check_call(Call& node);
    Status check_argument_count(const Call& node);

    std::string_view query_;
};

Status TypeChecker::check_selector(const VectorSelector& selector) {
    if (selector.name.empty()) {
        const bool selective = std::any_of(
            selector.matchers.begin(), selector.matchers.end(), [](const auto& matcher) {
                return !matcher.matches_empty();
            });
        if (!selective) {
            return error_at(selector,
                            "vector selector must contain at least one non-empty matcher");
        }
        return {};
    }
    for (size_t i = 0; i + 1 < selector.matchers.size(); ++i) {
        if (selector.matchers[i].label() == store::kMetricNameLabel) {
            return error_at(selector,
                            fmt::format("metric name must not be set twice: {} or {}",
                                        quote(selector.name),
                                        quote(selector.matchers[i].value())));
        }
    }
    return {};
}

Status TypeChecker::check_subquery(SubqueryExpr& node) {
    TRY(check(*node.expr));
    if (const ValueType type = type_of(*node.expr); type != ValueType::Vector) {
        return error_at(node,
                        fmt::format("subquery is only allowed on instant vector, got {} instead",
                                    name_of(type)));
    }
    return {};
}

Status TypeChecker::check_unary(UnaryExpr& node) {
    TRY(check(*node.expr));
    const ValueType type = type_of(*node.expr);
    if (type != ValueType::Scalar && type != ValueType::Vector) {
        return error_at(
            node,
            fmt::format("unary expression only allowed on expressions of type scalar or instant "
                        "vector, got {}",
                        quote(documented_name(type))));
    }
    return {};
}

Status TypeChecker::check_binary(BinaryExpr& node) {
    TRY(check(*node.left));
    TRY(check(*node.right));
    const ValueType left = type_of(*node.left);
    const ValueType right = type_of(*node.right);
    if (node.return_bool && !is_comparison(node.op)) {
        return error_at(node.op_position.begin,
                        "bool modifier can only be used on comparison operators");
    }
    if (is_comparison(node.op) && !node.return_bool && left == ValueType::Scalar &&
        right == ValueType::Scalar) {
        return error_at(node.op_position.begin,
                        "comparisons between scalars must use BOOL modifier");
    }
    for (const Expr* side : {node.left.get(), node.right.get()}) {
        const ValueType type = type_of(*side);
        if (type != ValueType::Scalar && type != ValueType::Vector) {
            return error_at(*side,
                            "binary expression must contain only scalar and instant vector types");
        }
    }
    return check_matching(node, left == ValueType::Vector && right == ValueType::Vector);
}

Status TypeChecker::check_matching(BinaryExpr& node, bool vectors) {
    VectorMatching& matching = node.matching;
    const bool grouped = matching.cardinality != VectorMatching::Cardinality::OneToOne;
    for (const std::string& label : matching.labels) {
        const auto& include = matching.include;
        if (matching.on && std::find(include.begin(), include.end(), label) != include.end()) {
            return error_at(node.op_position.begin,
                            fmt::format("label {} must not occur in ON and GROUP clause at once",
                                        quote(label)));
        }
    }
    if (!vectors && !matching.labels.empty()) {
        return error_at(node, "vector matching only allowed between instant vectors");
    }
    if (!is_set_operation(node.op)) {
        return {};
    }
    if (!vectors) {
        return error_at(node,
                        fmt::format("set operator {} not allowed in binary scalar expression",
                                    quote(name_of(node.op))));
    }
    if (grouped) {
        return error_at(
            node, fmt::format("no grouping allowed for {} operation", quote(name_of(node.op))));
    }
    matching.cardinality = VectorMatching::Cardinality::ManyToMany;
    return {};
}

Status TypeChecker::check_aggregate(AggregateExpr& node) {
    TRY(expect(*node.expr, ValueType::Vector, "aggregation expression"));
    if (node.parameter == nullptr) {
        return {};
    }
    const bool text = node.op == AggregateOp::CountValues;
    return expect(
        *node.parameter, text ? ValueType::String : ValueType::Scalar, "aggregation parameter");
}

Status TypeChecker::check_argument_count(const Call& node) {
    const Function& function = *node.function;
    const size_t wanted = function.arguments.size();
    const size_t got = node.arguments.size();
    if (function.variadic == 0) {
        if (wanted == got) {
            return {};
        }
        return error_at(node,
                        fmt::format("expected {} argument(s) in call to {}, got {}",
                                    wanted,
                                    quote(function.name),
                                    got));
    }
    const size_t least = wanted - 1;
    if (got < least) {
        return error_at(node,
                        fmt::format("expected at least {} argument(s) in call to {}, got {}",
                                    least,
                                    quote(function.name),
                                    got));
    }
    const size_t most = least + static_cast<size_t>(std::max(function.variadic, 0));
    if (function.variadic > 0 && got > most) {
        return error_at(node,
                        fmt::format("expected at most {} argument(s) in call to {}, got {}",
                                    most,
                                    quote(function.name),
                                    got));
    }
    return {};
}

Status TypeChecker::check_call(Call& node) {
    TRY(check_argument_count(node));
    const Function& function = *node.function;
    for (size_t i = 0; i < node.arguments.size(); ++i) {
        const ValueType wanted = function.arguments[std::min(i, function.arguments.size() - 1)];
        TRY(expect(
            *node.arguments[i], wanted, fmt::format("call to function {}", quote(function.name))));
    }
    return {};
}

}  // namespace

Status check_types(Expr& expr, std::string_view query) {
    return TypeChecker(query).check(expr);
}

}  // namespace cistern::promql
