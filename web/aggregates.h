// SPDX-License-Identifier: MIT
// Values of a time window folded into one: the aggregates that a query may name beside PromQL.
#pragma once

#include "store/base/result.h"
#include "store/engine/querier.h"
#include "store/model/sample.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cistern::web {

enum class Aggregate : uint8_t { Avg, Count, Max, Median, Min, P50, P95, P99, Sum, TrimmedAvg };

struct AggregateName {
    std::string_view name;
    Aggregate aggregate;
};
inline constexpr std::array<AggregateName, 11> kAggregateNames = {
    {{"avg", Aggregate::Avg},
     {"count", Aggregate::Count},
     {"max", Aggregate::Max},
     {"median", Aggregate::Median},
     {"min", Aggregate::Min},
     {"p50", Aggregate::P50},
     {"p95", Aggregate::P95},
     {"p99", Aggregate::P99},
     {"sum", Aggregate::Sum},
     {"trimmed_avg", Aggregate::TrimmedAvg},
     {"trimmed_average", Aggregate::TrimmedAvg}}};

// "avg,max" in the order given. InvalidArgument names an unknown one and lists the known.
Result<std::vector<AggregateName>> parse_aggregates(std::string_view comma_separated);

// What one series amounts to in each window that has samples: windows are [k * window, (k + 1) *
// window) since the epoch, in ascending order. NaN (stale markers too) counts nowhere.
struct WindowedColumn {
    std::vector<store::TimestampNs> ends;     // of the windows, not beyond the range's last ns
    std::vector<std::vector<double>> values;  // [aggregates, windows]
};
// Whole blocks are not decoded where the aggregates can be had from their summaries.
Status aggregate_windows(const store::Querier& querier,
                         const store::SeriesHandle& series,
                         store::TimeRange range,
                         int64_t window_ns,
                         const std::vector<AggregateName>& aggregates,
                         WindowedColumn& into);

}  // namespace cistern::web
