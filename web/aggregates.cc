// SPDX-License-Identifier: MIT
#include "web/aggregates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cistern::web {
namespace {

bool needs_values(Aggregate aggregate) {
    switch (aggregate) {
        case Aggregate::Avg:
        case Aggregate::Count:
        case Aggregate::Max:
        case Aggregate::Min:
        case Aggregate::Sum:
            return false;
        default:
            return true;
    }
}

struct Totals {
    uint64_t count = 0;
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();
    double sum = 0;

    void add(uint64_t more, double low, double high, double total) {
        if (more == 0) return;
        count += more;
        min = std::min(min, low);
        max = std::max(max, high);
        sum += total;
    }
};

// Linear interpolation between the neighbours of position (n - 1) * q.
double quantile(const std::vector<double>& sorted, double q) {
    const double position = static_cast<double>(sorted.size() - 1) * q;
    const auto below = static_cast<size_t>(position);
    if (below + 1 >= sorted.size()) return sorted.back();
    const double fraction = position - static_cast<double>(below);
    return sorted[below] + (sorted[below + 1] - sorted[below]) * fraction;
}

// Without a twentieth of the values at either end; one at either end below 20 values.
double trimmed_average(const std::vector<double>& sorted) {
    size_t trim = sorted.size() < 20 ? 1 : sorted.size() / 20;
    if (2 * trim >= sorted.size()) trim = 0;
    const auto begin = sorted.begin() + static_cast<ptrdiff_t>(trim);
    const auto end = sorted.end() - static_cast<ptrdiff_t>(trim);
    return std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin);
}

double fold(Aggregate aggregate, const Totals& totals, const std::vector<double>& sorted) {
    switch (aggregate) {
        case Aggregate::Avg:
            return totals.sum / static_cast<double>(totals.count);
        case Aggregate::Count:
            return static_cast<double>(totals.count);
        case Aggregate::Max:
            return totals.max;
        case Aggregate::Min:
            return totals.min;
        case Aggregate::Sum:
            return totals.sum;
        case Aggregate::Median:
        case Aggregate::P50:
            return quantile(sorted, 0.5);
        case Aggregate::P95:
            return quantile(sorted, 0.95);
        case Aggregate::P99:
            return quantile(sorted, 0.99);
        case Aggregate::TrimmedAvg:
            return trimmed_average(sorted);
    }
    return std::nan("");
}

int64_t window_of(store::TimestampNs time, int64_t window_ns) {
    if (window_ns == 0) return 0;
    const int64_t index = time / window_ns;
    return time % window_ns < 0 ? index - 1 : index;
}

// One window at a time, in ascending order.
class Folder {
  public:
    Folder(store::TimeRange range,
           int64_t window_ns,
           const std::vector<AggregateName>& aggregates,
           WindowedColumn& into)
        : range_(range), window_ns_(window_ns), aggregates_(aggregates), into_(into) {
        into_.ends.clear();
        into_.values.assign(aggregates.size(), {});
    }

    void enter(store::TimestampNs time) {
        const int64_t window = window_of(time, window_ns_);
        if (window == window_) return;
        finish();
        window_ = window;
    }
    void add(const store::BlockSummary& block) {
        enter(block.first_ns);
        totals_.add(block.count - block.nan_count, block.min, block.max, block.sum);
    }
    void add(store::TimestampNs time, double value) {
        enter(time);
        if (std::isnan(value)) return;
        totals_.add(1, value, value, value);
        values_.push_back(value);
    }
    void finish() {
        if (totals_.count > 0) {
            std::sort(values_.begin(), values_.end());
            into_.ends.push_back(end_of_window());
            for (size_t i = 0; i < aggregates_.size(); ++i) {
                into_.values[i].push_back(fold(aggregates_[i].aggregate, totals_, values_));
            }
        }
        totals_ = {};
        values_.clear();
    }

  private:
    [[nodiscard]] store::TimestampNs end_of_window() const {
        const store::TimestampNs last = range_.end - 1;
        int64_t end = 0;
        const bool beyond =
            window_ns_ == 0 || __builtin_mul_overflow(window_ + 1, window_ns_, &end);
        return beyond ? last : std::min(end, last);
    }

    store::TimeRange range_;
    int64_t window_ns_;
    const std::vector<AggregateName>& aggregates_;
    WindowedColumn& into_;
    int64_t window_ = std::numeric_limits<int64_t>::min();
    Totals totals_;
    std::vector<double> values_;
};

}  // namespace

Result<std::vector<AggregateName>> parse_aggregates(std::string_view comma_separated) {
    std::vector<AggregateName> found;
    while (true) {
        const size_t end = comma_separated.find(',');
        const std::string_view name = comma_separated.substr(0, end);
        const auto known = std::find_if(
            kAggregateNames.begin(), kAggregateNames.end(), [name](const AggregateName& one) {
                return one.name == name;
            });
        if (known == kAggregateNames.end()) {
            return fail(
                ErrorCode::InvalidArgument,
                fmt::format("unknown aggregate \"{}\": /api/v1/aggregates lists the known ones",
                            name));
        }
        found.push_back(*known);
        if (end == std::string_view::npos) return found;
        comma_separated.remove_prefix(end + 1);
    }
}

Status aggregate_windows(const store::Querier& querier,
                         const store::SeriesHandle& series,
                         store::TimeRange range,
                         int64_t window_ns,
                         const std::vector<AggregateName>& aggregates,
                         WindowedColumn& into) {
    Folder folder(range, window_ns, aggregates, into);
    const bool decode =
        std::any_of(aggregates.begin(), aggregates.end(), [](const AggregateName& one) {
            return needs_values(one.aggregate);
        });
    if (decode) {
        store::SampleColumns columns;
        TRY(querier.read(series, range, columns));
        for (size_t i = 0; i < columns.size(); ++i)
            folder.add(columns.timestamps[i], columns.values[i]);
    } else {
        std::vector<store::BlockSummary> blocks;
        TRY(querier.summarize(series, range, window_ns, 0, blocks));
        for (const auto& block : blocks)
            folder.add(block);
    }
    folder.finish();
    return {};
}

}  // namespace cistern::web
