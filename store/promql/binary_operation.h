// SPDX-License-Identifier: MIT
// Operators between scalars and vectors.
// Source: Prometheus 2.42 promql/engine.go, VectorBinop and its kin (rules, errors, order).
#pragma once

#include "store/promql/ast.h"
#include "store/promql/series_set.h"

namespace cistern::promql {

// Of two scalars; a comparison gives 0 or 1.
double apply_to_scalars(BinaryOp op, double left, double right);
Column scalars_with_scalars(BinaryOp op, Column left, const Column& right);

// One side is a vector. `scalar_is_left` tells on which side the scalar stood.
Result<SeriesSet> vector_with_scalars(const BinaryExpr& node,
                                      SeriesSet vector,
                                      Column scalar,
                                      bool scalar_is_left,
                                      QueryContext& context);

// Arithmetic and comparison with matching.
Result<SeriesSet> vector_with_vector(const BinaryExpr& node,
                                     SeriesSet left,
                                     SeriesSet right,
                                     QueryContext& context);
// and, or, unless
Result<SeriesSet> set_operation(const BinaryExpr& node,
                                SeriesSet left,
                                SeriesSet right,
                                QueryContext& context);

// The result of an operator on two elements: absent when a filter drops it.
using ElementOp = void (*)(const Column& left, const Column& right, Column& out);
// `return_bool`: comparisons give 0 and 1.
ElementOp element_op(BinaryOp op, bool return_bool);

// Arithmetic does, but not atan2.
bool drops_name(BinaryOp op);
// The labels that decide which series match: those of on(), or all but ignoring() and the name.
std::string match_key(const VectorMatching& matching, const SeriesLabels& series);

}  // namespace cistern::promql
