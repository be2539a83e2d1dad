// SPDX-License-Identifier: MIT
// A range vector over a grid: for each series the samples of all windows, and where each step's
// window lies. Comes from a matrix selector or from a subquery.
#pragma once

#include "store/promql/selector.h"
#include "store/promql/series_set.h"

#include <functional>
#include <vector>

namespace cistern::promql {

struct RangeVector {
    References references;  // the windows' ends
    int64_t range_ms = 0;
    std::vector<SeriesLabels> labels;
    bool unique_without_name = false;
    // Fills workspace.samples with the series' samples, ascending, without stale markers. Thread
    // safe for different series.
    std::function<Status(size_t index, Workspace& workspace)> read;

    // Of a selector with long windows: summaries of a part of the series' time instead of its
    // samples.
    std::function<Status(
        size_t index, store::TimeRange range, std::vector<store::BlockSummary>& into)>
        summarize;
    // Of a selector: fails when the samples of all series together are certainly too many.
    std::function<Status()> check_room;

    [[nodiscard]] size_t size() const { return labels.size(); }
};

Result<RangeVector> range_of_selector(const MatrixSelector& matrix,
                                      const Grid& grid,
                                      QueryContext& context);

// The grid on which a subquery's inner expression is evaluated: aligned to multiples of its step.
Result<Grid> subquery_grid(const SubqueryExpr& subquery,
                           const References& references,
                           QueryContext& context);
RangeVector range_of_subquery(SeriesSet inner,
                              const Grid& inner_grid,
                              const References& references,
                              int64_t range_ms);

// Finds each step's window in workspace.samples -> workspace.windows.
void find_windows(const References& references,
                  int64_t range_ms,
                  bool left_open,
                  Workspace& workspace);

}  // namespace cistern::promql
