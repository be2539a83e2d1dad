// SPDX-License-Identifier: MIT
#include "store/promql/step_invariance.h"

namespace cistern::promql {
namespace {

bool is_pinned(const TimeShift& shift) {
    return shift.anchor != TimeShift::Anchor::None;
}

// Their result depends on the evaluation time even when no argument does.
bool depends_on_time(FunctionId id) {
    switch (id) {
        case FunctionId::DaysInMonth:
        case FunctionId::DayOfMonth:
        case FunctionId::DayOfWeek:
        case FunctionId::DayOfYear:
        case FunctionId::Hour:
        case FunctionId::Minute:
        case FunctionId::Month:
        case FunctionId::Year:
        case FunctionId::PredictLinear:
        case FunctionId::Time:
        case FunctionId::Timestamp:
            return true;
        default:
            return false;
    }
}

}  // namespace

bool StepInvariance::visit(const Expr& expr) {
    bool invariant = visit_children(expr);
    switch (expr.kind) {
        case ExprKind::Vector:
            invariant = is_pinned(as<VectorSelector>(expr).shift);
            break;
        case ExprKind::Subquery:
            invariant = is_pinned(as<SubqueryExpr>(expr).shift);
            break;
        case ExprKind::Call:
            invariant = invariant && !depends_on_time(as<Call>(expr).function->id);
            break;
        // The parameter of an aggregation does not count.
        case ExprKind::Aggregate:
            invariant = contains(*as<AggregateExpr>(expr).expr);
            break;
        default:
            break;
    }
    if (invariant) {
        invariant_.insert(&expr);
    }
    return invariant;
}

bool StepInvariance::visit_children(const Expr& expr) {
    bool all = true;
    for_each_child(expr, [&](const Expr& child) { all = visit(child) && all; });
    return all;
}

}  // namespace cistern::promql
