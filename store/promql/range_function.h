// SPDX-License-Identifier: MIT
// Functions over range vectors: from the samples of one series and the windows of all steps to a
// column, in one sweep.
// Source: Prometheus 2.42 promql/functions.go (formulas and order of operations).
#pragma once

#include "store/promql/function.h"
#include "store/promql/grid.h"
#include "store/promql/range_vector.h"

#include <span>
#include <vector>

namespace cistern::promql {

// One series under a range function.
struct RangeInput {
    std::span<const store::TimestampNs> timestamps;
    std::span<const double> values;
    std::span<const Window> windows;  // [steps]
    const References& references;     // the windows' ends
    const Grid& grid;                 // the evaluation times
    int64_t range_ms;
    // The scalar arguments in order, [steps] each.
    std::span<const Column> parameters;
    Workspace& workspace;

    [[nodiscard]] std::span<const double> values_of(const Window& window) const {
        return values.subspan(window.begin, window.size());
    }
};

// Sets the steps that have a result; the others arrive and stay absent. Fails when a parameter is
// out of its bounds.
using RangeKernel = Status (*)(const RangeInput& input, Column& column);

// Null for functions that take no range vector. Of absent_over_time the kernel of
// present_over_time; who calls turns it round.
RangeKernel range_kernel(FunctionId id);

Status rate_kernel(const RangeInput& input, Column& column);
Status increase_kernel(const RangeInput& input, Column& column);
Status delta_kernel(const RangeInput& input, Column& column);
Status irate_kernel(const RangeInput& input, Column& column);
Status idelta_kernel(const RangeInput& input, Column& column);
Status changes_kernel(const RangeInput& input, Column& column);
Status resets_kernel(const RangeInput& input, Column& column);
Status avg_over_time_kernel(const RangeInput& input, Column& column);
Status sum_over_time_kernel(const RangeInput& input, Column& column);
Status min_over_time_kernel(const RangeInput& input, Column& column);
Status max_over_time_kernel(const RangeInput& input, Column& column);
Status count_over_time_kernel(const RangeInput& input, Column& column);
Status last_over_time_kernel(const RangeInput& input, Column& column);
Status present_over_time_kernel(const RangeInput& input, Column& column);
Status stddev_over_time_kernel(const RangeInput& input, Column& column);
Status stdvar_over_time_kernel(const RangeInput& input, Column& column);
Status quantile_over_time_kernel(const RangeInput& input, Column& column);
Status mad_over_time_kernel(const RangeInput& input, Column& column);
Status deriv_kernel(const RangeInput& input, Column& column);
Status predict_linear_kernel(const RangeInput& input, Column& column);
Status holt_winters_kernel(const RangeInput& input, Column& column);

// The function's vector: its kernel over every series. `parameters` are its scalar arguments.
SeriesSet apply_range_function(FunctionId id,
                               RangeVector range,
                               const Grid& grid,
                               std::vector<Column> parameters,
                               QueryContext& context);

}  // namespace cistern::promql
