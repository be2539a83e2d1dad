// SPDX-License-Identifier: MIT
#include "store/promql/evaluator.h"

#include "store/promql/aggregation.h"
#include "store/promql/binary_operation.h"
#include "store/promql/instant_function.h"
#include "store/promql/range_function.h"
#include "store/promql/selector.h"

#include <algorithm>
#include <limits>
#include <numbers>

namespace cistern::promql {
namespace {

// A set that was computed for one step, with its values at all steps.
SeriesSet repeated(SeriesSet once, size_t steps) {
    SeriesSet set =
        map_columns(std::move(once), [steps](Column& column) { column.assign(steps, column[0]); });
    set.steps = steps;
    return set;
}

// The value of the only series at each step, NaN where there is not exactly one.
Result<Column> only_values(SeriesSet set, QueryContext& context) {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    Column values(set.steps, kNan);
    std::vector<uint32_t> counts(set.steps, 0);
    TRY(for_each_series(set, context, [&](size_t, const Column& column, size_t begin, size_t end) {
        for (size_t step = begin; step < end; ++step) {
            if (!is_absent(column[step])) {
                values[step] = ++counts[step] == 1 ? column[step] : kNan;
            }
        }
    }));
    return values;
}

}  // namespace

const std::string& Evaluator::text(const Expr& expr) {
    return as<StringLiteral>(without_parens(expr)).value;
}

Result<SeriesSet> Evaluator::vector(const Expr& expr, const Grid& grid) const {
    TRY(context_.check());
    if (grid.count > 1 && invariance_.contains(expr)) {
        return repeated(TRY(vector_at_each_step(expr, {grid.start_ms, grid.step_ms, 1})),
                        grid.count);
    }
    return vector_at_each_step(expr, grid);
}

Result<SeriesSet> Evaluator::vector_at_each_step(const Expr& expr, const Grid& grid) const {
    switch (expr.kind) {
        case ExprKind::Vector:
            return select_instant(as<VectorSelector>(expr), grid, false, context_);
        case ExprKind::Paren:
            return vector_at_each_step(*as<ParenExpr>(expr).expr, grid);
        case ExprKind::Unary:
            return unary(as<UnaryExpr>(expr), grid);
        case ExprKind::Binary:
            return binary(as<BinaryExpr>(expr), grid);
        case ExprKind::Aggregate:
            return aggregation(as<AggregateExpr>(expr), grid);
        case ExprKind::Call:
            return call(as<Call>(expr), grid);
        case ExprKind::Number:
        case ExprKind::String:
        case ExprKind::Matrix:
        case ExprKind::Subquery:
            break;
    }
    return execution_error("the expression is no instant vector");
}

Result<Column> Evaluator::scalar(const Expr& expr, const Grid& grid) const {
    if (grid.count > 1 && expr.kind != ExprKind::Number && invariance_.contains(expr)) {
        const Column once = TRY(scalar_at_each_step(expr, {grid.start_ms, grid.step_ms, 1}));
        return Column(grid.count, once[0]);
    }
    return scalar_at_each_step(expr, grid);
}

Result<Column> Evaluator::scalar_at_each_step(const Expr& expr, const Grid& grid) const {
    switch (expr.kind) {
        case ExprKind::Number:
            return Column(grid.count, as<NumberLiteral>(expr).value);
        case ExprKind::Paren:
            return scalar_at_each_step(*as<ParenExpr>(expr).expr, grid);
        case ExprKind::Call:
            return scalar_call(as<Call>(expr), grid);
        case ExprKind::Unary: {
            Column column = TRY(scalar(*as<UnaryExpr>(expr).expr, grid));
            if (as<UnaryExpr>(expr).negative) {
                std::transform(column.begin(), column.end(), column.begin(), std::negate<>());
            }
            return column;
        }
        case ExprKind::Binary: {
            const auto& node = as<BinaryExpr>(expr);
            Column left = TRY(scalar(*node.left, grid));
            return scalars_with_scalars(node.op, std::move(left), TRY(scalar(*node.right, grid)));
        }
        default:
            return execution_error("the expression is no scalar");
    }
}

Result<Column> Evaluator::scalar_call(const Call& node, const Grid& grid) const {
    Column column(grid.count);
    switch (node.function->id) {
        case FunctionId::Pi:
            column.assign(grid.count, std::numbers::pi);
            return column;
        case FunctionId::Time:
            for (size_t step = 0; step < grid.count; ++step) {
                column[step] = static_cast<double>(grid.at(step)) / 1000;
            }
            return column;
        default:
            return only_values(TRY(vector(*node.arguments[0], grid)), context_);
    }
}

Result<RangeVector> Evaluator::range(const Expr& expr, const Grid& grid) const {
    const Expr& inner = without_parens(expr);
    if (const auto* matrix = as_if<MatrixSelector>(inner)) {
        return range_of_selector(*matrix, grid, context_);
    }
    const auto& subquery = as<SubqueryExpr>(inner);
    const References references = window_references_of(subquery.shift, grid, context_);
    const Grid inner_grid = TRY(subquery_grid(subquery, references, context_));
    const HorizonOfSubquery horizon(references, context_);
    return range_of_subquery(
        TRY(vector(*subquery.expr, inner_grid)), inner_grid, references, subquery.range_ms);
}

Result<SeriesSet> Evaluator::unary(const UnaryExpr& node, const Grid& grid) const {
    SeriesSet set = TRY(vector(*node.expr, grid));
    if (!node.negative) {
        return set;
    }
    set = map_columns(std::move(set), [](Column& column) {
        for (double& value : column) {
            value = is_absent(value) ? value : -value;
        }
    });
    return drop_names(std::move(set), DuplicateRule::PerSeries, context_);
}

Result<SeriesSet> Evaluator::binary(const BinaryExpr& node, const Grid& grid) const {
    const bool left_scalar = type_of(*node.left) == ValueType::Scalar;
    const bool right_scalar = type_of(*node.right) == ValueType::Scalar;
    if (left_scalar) {
        Column left = TRY(scalar(*node.left, grid));
        return vector_with_scalars(
            node, TRY(vector(*node.right, grid)), std::move(left), true, context_);
    }
    SeriesSet left = TRY(vector(*node.left, grid));
    if (right_scalar) {
        return vector_with_scalars(
            node, std::move(left), TRY(scalar(*node.right, grid)), false, context_);
    }
    SeriesSet right = TRY(vector(*node.right, grid));
    if (is_set_operation(node.op)) {
        return set_operation(node, std::move(left), std::move(right), context_);
    }
    return vector_with_vector(node, std::move(left), std::move(right), context_);
}

Result<SeriesSet> Evaluator::aggregation(const AggregateExpr& node, const Grid& grid) const {
    AggregateParameter parameter;
    Column number;
    if (node.op == AggregateOp::CountValues) {
        parameter.text = text(*node.parameter);
    } else if (node.parameter != nullptr) {
        number = TRY(scalar(*node.parameter, grid));
        parameter.number = &number;
    }
    return aggregate(node, TRY(vector(*node.expr, grid)), parameter, context_);
}

Result<SeriesSet> Evaluator::call(const Call& node, const Grid& grid) const {
    const FunctionId id = node.function->id;
    if (range_kernel(id) != nullptr) {
        return range_call(node, grid);
    }
    if (id == FunctionId::Timestamp &&
        without_parens(*node.arguments[0]).kind == ExprKind::Vector) {
        return timestamp_call(node, grid);
    }
    FunctionArguments arguments{node, grid, {}, {}, {}};
    for (const ExprPtr& argument : node.arguments) {
        switch (type_of(*argument)) {
            case ValueType::Vector:
                arguments.vector = TRY(vector(*argument, grid));
                break;
            case ValueType::Scalar:
                arguments.scalars.push_back(TRY(scalar(*argument, grid)));
                break;
            case ValueType::String:
                arguments.texts.push_back(text(*argument));
                break;
            case ValueType::Matrix:
                break;
        }
    }
    return apply_instant_function(std::move(arguments), context_);
}

Result<SeriesSet> Evaluator::timestamp_call(const Call& node, const Grid& grid) const {
    const auto& selector = as<VectorSelector>(without_parens(*node.arguments[0]));
    return drop_names(
        TRY(select_instant(selector, grid, true, context_)), DuplicateRule::PerStep, context_);
}

Result<SeriesSet> Evaluator::range_call(const Call& node, const Grid& grid) const {
    std::vector<Column> parameters;
    const Expr* range_argument = nullptr;
    for (const ExprPtr& argument : node.arguments) {
        if (type_of(*argument) == ValueType::Matrix) {
            range_argument = argument.get();
        } else {
            parameters.push_back(TRY(scalar(*argument, grid)));
        }
    }
    const FunctionId id = node.function->id;
    RangeVector windows = TRY(range(*range_argument, grid));
    SeriesSet set =
        apply_range_function(id, std::move(windows), grid, std::move(parameters), context_);
    if (id == FunctionId::AbsentOverTime) {
        return absent_steps(std::move(set), *range_argument, context_);
    }
    if (id == FunctionId::LastOverTime) {
        return set;
    }
    return drop_names(std::move(set), DuplicateRule::PerSeries, context_);
}

}  // namespace cistern::promql
