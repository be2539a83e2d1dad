// SPDX-License-Identifier: MIT
// Aggregates of one series over windows of time, as NanoTDB defines them; whole blocks are answered
// from the index where the aggregate allows it.
#pragma once

#include "store/base/result.h"
#include "store/engine/querier.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cistern::store {

enum class Aggregate : uint8_t { Avg, Count, Max, Median, Min, P50, P95, P99, Sum, TrimmedAvg };

// avg count max median min p50 p95 p99 sum trimmed_avg; trimmed_average means trimmed_avg.
std::optional<Aggregate> parse_aggregate(std::string_view name);
std::string_view aggregate_name(Aggregate aggregate);
// In the order of the enumeration.
std::span<const Aggregate> all_aggregates();

struct AggregateWindow {
    TimestampNs begin_ns = 0;
    TimestampNs end_ns = 0;  // cut at the range's end
};

struct AggregateRow {
    AggregateWindow window;
    std::span<const double> values;  // one per aggregate asked for, in that order; of the table
};

// Rows in order of time, kept in two columns.
class AggregateTable {
  public:
    explicit AggregateTable(size_t aggregates) : aggregates_(aggregates) {}

    [[nodiscard]] size_t size() const { return windows_.size(); }
    [[nodiscard]] bool empty() const { return windows_.empty(); }
    [[nodiscard]] AggregateRow operator[](size_t row) const {
        return {windows_[row], std::span(values_).subspan(row * aggregates_, aggregates_)};
    }
    void reserve(size_t rows);
    // The new row's values, all NaN. Good until the next row.
    std::span<double> add(AggregateWindow window);

  private:
    size_t aggregates_;
    std::vector<AggregateWindow> windows_;
    std::vector<double> values_;
};

// Windows are [k * window, (k + 1) * window) on the Unix epoch, or with window 0 the whole range is
// one; empty ones are left out. NaN samples do not count. Percentiles interpolate linearly between
// closest ranks; trimmed_avg leaves out one sample per tail below 20 samples, else a twentieth per
// tail. Sums are compensated, and a result does not depend on what else is asked for.
// InvalidArgument: the window is negative.
Result<AggregateTable> aggregate_windows(const Querier& querier,
                                         const SeriesHandle& series,
                                         TimeRange range,
                                         int64_t window_ns,
                                         std::span<const Aggregate> aggregates);

// Over values in any order, which are reordered. NaN when there are none.
double aggregate_values(std::span<double> values, Aggregate aggregate);

}  // namespace cistern::store
