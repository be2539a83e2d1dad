// SPDX-License-Identifier: MIT
// Functions over instant vectors.
// Source: Prometheus 2.42 promql/functions.go (formulas and order of operations).
#pragma once

#include "store/promql/ast.h"
#include "store/promql/grid.h"
#include "store/promql/series_set.h"

#include <string>
#include <vector>

namespace cistern::promql {

// The evaluated arguments of a call, by type.
struct FunctionArguments {
    const Call& node;
    const Grid& grid;
    SeriesSet vector;
    std::vector<Column> scalars;  // [steps] each
    std::vector<std::string> texts;
};

// Of every function without a range vector.
Result<SeriesSet> apply_instant_function(FunctionArguments arguments, QueryContext& context);

// absent(), absent_over_time(): one series with 1 at each step where no series of the set has a
// value, labelled by the equality conditions of `argument`, if that is a selector.
Result<SeriesSet> absent_steps(SeriesSet set, const Expr& argument, QueryContext& context);

// math_functions.cc: one value -> one value, for those functions that are no more than that.
using ValueFunction = double (*)(double);
ValueFunction value_function(FunctionId id);
// clamp, clamp_min, clamp_max, round
Result<SeriesSet> apply_bounded_function(FunctionArguments arguments, QueryContext& context);

// calendar_functions.cc: of seconds since the epoch.
ValueFunction calendar_function(FunctionId id);

// label_functions.cc
Result<SeriesSet> label_replace(FunctionArguments arguments, QueryContext& context);
Result<SeriesSet> label_join(FunctionArguments arguments, QueryContext& context);
Result<SeriesSet> sort_by_value(FunctionArguments arguments, QueryContext& context);
Result<SeriesSet> sort_by_label(FunctionArguments arguments, QueryContext& context);

// histogram_functions.cc
Result<SeriesSet> histogram_quantile(FunctionArguments arguments, QueryContext& context);

}  // namespace cistern::promql
