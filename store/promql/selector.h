// SPDX-License-Identifier: MIT
// Selectors: from conditions and times to series and their samples.
#pragma once

#include "store/engine/querier.h"
#include "store/promql/ast.h"
#include "store/promql/grid.h"
#include "store/promql/query_context.h"
#include "store/promql/series_set.h"

#include <memory>
#include <vector>

namespace cistern::promql {

// The instants that a selector refers to, one for each step of a grid: shifted by offset, or all
// the same when pinned by @.
struct References {
    int64_t first_ms = 0;
    int64_t step_ms = 0;  // 0 when pinned
    size_t count = 1;
    int64_t horizon_ms = kQueryTimeMsMax;  // samples after it are not seen

    [[nodiscard]] int64_t at(size_t step) const {
        return first_ms + step_ms * static_cast<int64_t>(step);
    }
    [[nodiscard]] int64_t last_ms() const { return count == 0 ? first_ms : at(count - 1); }
    // A pinned selector has one distinct instant.
    [[nodiscard]] size_t distinct() const {
        return step_ms == 0 ? std::min<size_t>(count, 1) : count;
    }
};
References references_of(const TimeShift& shift, const Grid& grid, const QueryContext& context);
// The ends of windows. A pinned range vector in a call that is not pinned as a whole slides from
// its instant on with the steps, but sees no sample after it: predict_linear(m[5m] @ t, ...)
// in 2.42.
References window_references_of(const TimeShift& shift,
                                const Grid& grid,
                                const QueryContext& context);

// The series of a selector that may have samples in [begin_ms, end_ms], sorted by labels.
struct Selection {
    std::shared_ptr<const store::Querier> querier;
    std::vector<store::SeriesHandle> series;
    bool unique_without_name = false;

    [[nodiscard]] std::vector<SeriesLabels> labels() const;
};
Result<Selection> select_series(const VectorSelector& selector,
                                int64_t begin_ms,
                                int64_t end_ms,
                                QueryContext& context);

// An instant vector: at each reference the newest sample within the lookback. With `timestamps` the
// values are the samples' times in seconds instead.
Result<SeriesSet> select_instant(const VectorSelector& selector,
                                 const Grid& grid,
                                 bool timestamps,
                                 QueryContext& context);

// Reads the samples that windows of `range_ms` before the references need, ascending, without stale
// markers. Windows far apart are read one by one.
Status read_windows(const Selection& selection,
                    size_t index,
                    const References& references,
                    int64_t range_ms,
                    QueryContext& context,
                    Workspace& workspace);

// Fails when these samples of all series together are certainly more than the query may hold.
Status check_room(const Selection& selection,
                  const References& references,
                  int64_t range_ms,
                  const QueryContext& context);

// What is selected inside of a range vector in its evaluation: as far as its horizon.
class HorizonOfSubquery {
  public:
    HorizonOfSubquery(const References& references, QueryContext& context)
        : context_(context), before_(std::exchange(context.horizon_ms, references.horizon_ms)) {}
    ~HorizonOfSubquery() { context_.horizon_ms = before_; }
    HorizonOfSubquery(const HorizonOfSubquery&) = delete;
    HorizonOfSubquery& operator=(const HorizonOfSubquery&) = delete;

  private:
    QueryContext& context_;
    int64_t before_;
};

// The bounds of the window that ends with the millisecond `reference_ms`: [begin, end) in ns.
store::TimeRange window_range(int64_t reference_ms, int64_t range_ms, bool left_open);

}  // namespace cistern::promql
