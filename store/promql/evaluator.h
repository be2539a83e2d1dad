// SPDX-License-Identifier: MIT
// Walks an expression over a grid of steps.
#pragma once

#include "store/promql/ast.h"
#include "store/promql/grid.h"
#include "store/promql/range_vector.h"
#include "store/promql/series_set.h"
#include "store/promql/step_invariance.h"

namespace cistern::promql {

class Evaluator {
  public:
    Evaluator(const Expr& root, QueryContext& context) : context_(context), invariance_(root) {}

    // Of an expression of the type that the function names.
    [[nodiscard]] Result<SeriesSet> vector(const Expr& expr, const Grid& grid) const;
    [[nodiscard]] Result<Column> scalar(const Expr& expr, const Grid& grid) const;
    [[nodiscard]] Result<RangeVector> range(const Expr& expr, const Grid& grid) const;
    [[nodiscard]] static const std::string& text(const Expr& expr);

  private:
    [[nodiscard]] Result<SeriesSet> vector_at_each_step(const Expr& expr, const Grid& grid) const;
    [[nodiscard]] Result<Column> scalar_at_each_step(const Expr& expr, const Grid& grid) const;
    [[nodiscard]] Result<SeriesSet> unary(const UnaryExpr& node, const Grid& grid) const;
    [[nodiscard]] Result<SeriesSet> binary(const BinaryExpr& node, const Grid& grid) const;
    [[nodiscard]] Result<SeriesSet> aggregation(const AggregateExpr& node, const Grid& grid) const;
    [[nodiscard]] Result<SeriesSet> call(const Call& node, const Grid& grid) const;
    [[nodiscard]] Result<SeriesSet> range_call(const Call& node, const Grid& grid) const;
    [[nodiscard]] Result<SeriesSet> timestamp_call(const Call& node, const Grid& grid) const;
    [[nodiscard]] Result<Column> scalar_call(const Call& node, const Grid& grid) const;

    QueryContext& context_;
    StepInvariance invariance_;
};

}  // namespace cistern::promql
