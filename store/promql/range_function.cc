// SPDX-License-Identifier: MIT
#include "store/promql/range_function.h"

#include "store/promql/summary_function.h"

#include <memory>

namespace cistern::promql {

RangeKernel range_kernel(FunctionId id) {
    switch (id) {
        case FunctionId::Rate:
            return rate_kernel;
        case FunctionId::Increase:
            return increase_kernel;
        case FunctionId::Delta:
            return delta_kernel;
        case FunctionId::Irate:
            return irate_kernel;
        case FunctionId::Idelta:
            return idelta_kernel;
        case FunctionId::Changes:
            return changes_kernel;
        case FunctionId::Resets:
            return resets_kernel;
        case FunctionId::AvgOverTime:
            return avg_over_time_kernel;
        case FunctionId::SumOverTime:
            return sum_over_time_kernel;
        case FunctionId::MinOverTime:
            return min_over_time_kernel;
        case FunctionId::MaxOverTime:
            return max_over_time_kernel;
        case FunctionId::CountOverTime:
            return count_over_time_kernel;
        case FunctionId::LastOverTime:
            return last_over_time_kernel;
        case FunctionId::AbsentOverTime:
        case FunctionId::PresentOverTime:
            return present_over_time_kernel;
        case FunctionId::StddevOverTime:
            return stddev_over_time_kernel;
        case FunctionId::StdvarOverTime:
            return stdvar_over_time_kernel;
        case FunctionId::QuantileOverTime:
            return quantile_over_time_kernel;
        case FunctionId::MadOverTime:
            return mad_over_time_kernel;
        case FunctionId::Deriv:
            return deriv_kernel;
        case FunctionId::PredictLinear:
            return predict_linear_kernel;
        case FunctionId::HoltWinters:
        case FunctionId::DoubleExponentialSmoothing:
            return holt_winters_kernel;
        default:
            return nullptr;
    }
}

SeriesSet apply_range_function(FunctionId id,
                               RangeVector range,
                               const Grid& grid,
                               std::vector<Column> parameters,
                               QueryContext& context) {
    struct Plan {
        RangeVector range;
        Grid grid;
        std::vector<Column> parameters;
        bool left_open;
    };
    SeriesSet set;
    set.steps = grid.count;
    set.labels = range.labels;
    set.unique_without_name = range.unique_without_name;
    set.heavy = true;
    const auto plan = std::make_shared<const Plan>(
        Plan{std::move(range), grid, std::move(parameters), context.options().left_open});
    set.compute = [plan, kernel = range_kernel(id), fold = summary_fold(id)](
                      size_t index, Workspace& workspace, Column& column) -> Status {
        if (fold != nullptr && plan->range.summarize &&
            TRY(fold_summaries(fold, plan->range, index, plan->left_open, column))) {
            return {};
        }
        TRY(plan->range.read(index, workspace));
        find_windows(plan->range.references, plan->range.range_ms, plan->left_open, workspace);
        column.assign(plan->grid.count, absent());
        const RangeInput input{workspace.samples.timestamps,
                               workspace.samples.values,
                               workspace.windows,
                               plan->range.references,
                               plan->grid,
                               plan->range.range_ms,
                               plan->parameters,
                               workspace};
        return kernel(input, column);
    };
    return set;
}

}  // namespace cistern::promql
