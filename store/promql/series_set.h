// SPDX-License-Identifier: MIT
// An instant vector over a grid: which series there are, and how to compute the column of each.
// Labels are known before any sample is read; columns are computed one at a time, in any order and
// on several threads, so that an aggregation over many series never holds them all.
#pragma once

#include "store/promql/column.h"
#include "store/promql/query_context.h"
#include "store/promql/series_labels.h"
#include "store/promql/workspace.h"

#include <functional>
#include <memory>
#include <vector>

namespace cistern::promql {

struct SeriesSet {
    // Fills the column of one series; the column arrives with any content and size. Thread safe for
    // different series; each is asked for at most once. A series may turn out to have no value at
    // all: then it does not exist.
    using Compute = std::function<Status(size_t index, Workspace& workspace, Column& column)>;

    size_t steps = 0;
    std::vector<SeriesLabels> labels;
    Compute compute;
    // No two series differ in their metric name alone.
    bool unique_without_name = false;
    // Computing a column is real work (reads samples), so that threads pay.
    bool heavy = false;

    [[nodiscard]] size_t size() const { return labels.size(); }
};

// The same, computed. [labels.size()] columns of the grid's length.
struct Matrix {
    size_t steps = 0;
    std::vector<SeriesLabels> labels;
    std::vector<Column> columns;
    bool unique_without_name = false;
    Charge charge;

    void add(SeriesLabels series, Column column) {
        labels.push_back(std::move(series));
        columns.push_back(std::move(column));
    }
    // Series without any value leave.
    void drop_empty();
};

SeriesSet to_set(Matrix matrix);
// Computes all columns; drops series without a value.
Result<Matrix> materialise(SeriesSet set, QueryContext& context);

// Feeds every series in order to `consume(index, column, begin, end)`, which must handle the steps
// [begin, end) only: it is called from several threads for different steps of the same series.
using Consume = std::function<void(size_t index, const Column& column, size_t begin, size_t end)>;
Status for_each_series(SeriesSet& set, QueryContext& context, const Consume& consume);

// Applies `change` to every column.
SeriesSet map_columns(SeriesSet set, std::function<void(Column& column)> change);

enum class DuplicateRule : uint8_t {
    PerStep,    // equal labels merge, unless both have a value at one step
    PerSeries,  // equal labels are an error
};
// Series may have become equal by a change of labels: merges or refuses them.
Result<SeriesSet> merge_equal(SeriesSet set, DuplicateRule rule, QueryContext& context);
Result<SeriesSet> drop_names(SeriesSet set, DuplicateRule rule, QueryContext& context);

}  // namespace cistern::promql
