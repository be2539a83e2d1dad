// SPDX-License-Identifier: MIT
#include "store/promql/range_vector.h"

#include "store/promql/summary_function.h"
#include "store/promql/window_sweep.h"

namespace cistern::promql {

Result<RangeVector> range_of_selector(const MatrixSelector& matrix,
                                      const Grid& grid,
                                      QueryContext& context) {
    RangeVector range;
    range.references = window_references_of(matrix.selector->shift, grid, context);
    range.range_ms = matrix.range_ms;
    auto selection = std::make_shared<const Selection>(
        TRY(select_series(*matrix.selector,
                          range.references.first_ms - matrix.range_ms,
                          range.references.last_ms(),
                          context)));
    range.labels = selection->labels();
    range.unique_without_name = selection->unique_without_name;
    range.read = [selection, references = range.references, range_ms = matrix.range_ms, &context](
                     size_t index, Workspace& workspace) {
        return read_windows(*selection, index, references, range_ms, context, workspace);
    };
    if (summaries_pay(range.references, matrix.range_ms)) {
        range.summarize = [selection, &context](size_t index,
                                                store::TimeRange part,
                                                std::vector<store::BlockSummary>& into) -> Status {
            TRY(context.check());
            TRY(selection->querier->summarize(selection->series[index], part, 0, 0, into));
            for (const store::BlockSummary& summary : into) {
                context.count_read(summary.count);
            }
            return {};
        };
    }
    range.check_room =
        [selection, references = range.references, range_ms = matrix.range_ms, &context] {
            return check_room(*selection, references, range_ms, context);
        };
    return range;
}

Result<Grid> subquery_grid(const SubqueryExpr& subquery,
                           const References& references,
                           QueryContext& context) {
    Grid grid;
    grid.step_ms = subquery.step_ms != 0 ? subquery.step_ms : context.options().subquery_step_ms;
    const int64_t earliest = references.first_ms - subquery.range_ms;
    grid.start_ms = earliest / grid.step_ms * grid.step_ms;
    if (grid.start_ms < earliest) {
        grid.start_ms += grid.step_ms;
    }
    const int64_t end_ms = references.last_ms();
    grid.count = 0;
    if (end_ms >= grid.start_ms && references.count > 0) {
        const auto steps = static_cast<uint64_t>((end_ms - grid.start_ms) / grid.step_ms);
        TRY(Charge::take(context, steps));
        grid.count = static_cast<size_t>(steps) + 1;
    }
    return grid;
}

RangeVector range_of_subquery(SeriesSet inner,
                              const Grid& inner_grid,
                              const References& references,
                              int64_t range_ms) {
    RangeVector range;
    range.references = references;
    range.range_ms = range_ms;
    range.labels = inner.labels;
    range.unique_without_name = inner.unique_without_name;
    range.read = [compute = std::move(inner.compute), inner_grid](size_t index,
                                                                  Workspace& workspace) -> Status {
        Column column;
        TRY(compute(index, workspace, column));
        workspace.samples.clear();
        for (size_t step = 0; step < column.size(); ++step) {
            if (!is_absent(column[step])) {
                workspace.samples.timestamps.push_back(ns_of_ms(inner_grid.at(step)));
                workspace.samples.values.push_back(column[step]);
            }
        }
        return {};
    };
    return range;
}

void find_windows(const References& references,
                  int64_t range_ms,
                  bool left_open,
                  Workspace& workspace) {
    const WindowBounds bounds(references, range_ms, left_open);
    SampleCursor begin(workspace.samples.timestamps);
    SampleCursor end(workspace.samples.timestamps);
    workspace.windows.resize(references.count);
    for (size_t step = 0; step < references.count; ++step) {
        const store::TimeRange range = bounds.at(step);
        const size_t first = begin.advance(range.begin);
        workspace.windows[step] = {first, std::max(first, end.advance(range.end))};
    }
}

}  // namespace cistern::promql
