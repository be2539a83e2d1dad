// SPDX-License-Identifier: MIT
#include "store/engine/aggregate.h"

#include "store/engine/compensated_sum.h"
#include "store/engine/summaries.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cistern::store {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct NamedAggregate {
    std::string_view name;
    Aggregate aggregate;
};
constexpr std::array kNames = {
    NamedAggregate{"avg", Aggregate::Avg},
    NamedAggregate{"count", Aggregate::Count},
    NamedAggregate{"max", Aggregate::Max},
    NamedAggregate{"median", Aggregate::Median},
    NamedAggregate{"min", Aggregate::Min},
    NamedAggregate{"p50", Aggregate::P50},
    NamedAggregate{"p95", Aggregate::P95},
    NamedAggregate{"p99", Aggregate::P99},
    NamedAggregate{"sum", Aggregate::Sum},
    NamedAggregate{"trimmed_avg", Aggregate::TrimmedAvg},
};
constexpr std::array kAll = {Aggregate::Avg,
                             Aggregate::Count,
                             Aggregate::Max,
                             Aggregate::Median,
                             Aggregate::Min,
                             Aggregate::P50,
                             Aggregate::P95,
                             Aggregate::P99,
                             Aggregate::Sum,
                             Aggregate::TrimmedAvg};

// Whether summaries of parts are enough to know the whole.
bool needs_samples(Aggregate aggregate) {
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

double sum_of(std::span<const double> values) {
    CompensatedSum sum;
    for (const double value : values) {
        sum.add(value);
    }
    return sum.value();
}

double percentile(std::span<double> values, double p) {
    std::sort(values.begin(), values.end());
    const double position = static_cast<double>(values.size() - 1) * p;
    const auto below = static_cast<size_t>(position);
    if (below + 1 >= values.size()) {
        return values.back();
    }
    const double part = position - static_cast<double>(below);
    return part == 0 ? values[below] : values[below] + (values[below + 1] - values[below]) * part;
}

double trimmed_average(std::span<double> values) {
    constexpr size_t kSmall = 20;
    std::sort(values.begin(), values.end());
    size_t trim = values.size() < kSmall ? 1 : values.size() / kSmall;
    if (2 * trim >= values.size()) {
        trim = 0;
    }
    const auto kept = values.subspan(trim, values.size() - 2 * trim);
    return sum_of(kept) / static_cast<double>(kept.size());
}

// One window's share of what summaries say.
struct WindowTotal {
    uint64_t count = 0;  // without NaN
    double min = kNaN;
    double max = kNaN;
    CompensatedSum sum;

    void add(const BlockSummary& part) {
        const uint64_t numbers = part.count - part.nan_count;
        if (numbers == 0) {
            return;
        }
        count += numbers;
        min = std::fmin(min, part.min);
        max = std::fmax(max, part.max);
        sum.add(part.sum);
    }
    [[nodiscard]] double value(Aggregate aggregate) const {
        switch (aggregate) {
            case Aggregate::Count:
                return static_cast<double>(count);
            case Aggregate::Max:
                return max;
            case Aggregate::Min:
                return min;
            case Aggregate::Sum:
                return sum.value();
            default:
                return sum.value() / static_cast<double>(count);
        }
    }
};

class Windowing {
  public:
    Windowing(TimeRange range, int64_t window_ns) : range_(range), windows_{window_ns, 0} {}

    [[nodiscard]] int64_t number(TimestampNs timestamp) const { return windows_.of(timestamp); }
    [[nodiscard]] AggregateWindow window(int64_t number) const {
        if (windows_.width_ns == 0) {
            return {range_.begin, range_.end};
        }
        AggregateWindow window;
        if (__builtin_mul_overflow(number, windows_.width_ns, &window.begin_ns)) {
            window.begin_ns = std::numeric_limits<TimestampNs>::min();
        }
        if (__builtin_add_overflow(window.begin_ns, windows_.width_ns, &window.end_ns)) {
            window.end_ns = std::numeric_limits<TimestampNs>::max();
        }
        window.end_ns = std::min(window.end_ns, range_.end);
        return window;
    }

  private:
    TimeRange range_;
    Windows windows_;
};

AggregateTable rows_of_summaries(const std::vector<BlockSummary>& parts,
                                 const Windowing& windowing,
                                 std::span<const Aggregate> aggregates) {
    AggregateTable rows(aggregates.size());
    rows.reserve(parts.size());
    for (size_t i = 0; i < parts.size();) {
        const int64_t number = windowing.number(parts[i].first_ns);
        WindowTotal total;
        do {
            total.add(parts[i++]);
        } while (i < parts.size() && windowing.number(parts[i].first_ns) == number);
        if (total.count == 0) {
            continue;
        }
        const auto values = rows.add(windowing.window(number));
        std::transform(aggregates.begin(), aggregates.end(), values.begin(), [&](Aggregate one) {
            return total.value(one);
        });
    }
    return rows;
}

AggregateTable rows_of_samples(const SampleColumns& columns,
                               const Windowing& windowing,
                               std::span<const Aggregate> aggregates) {
    AggregateTable rows(aggregates.size());
    std::vector<double> numbers;
    for (size_t i = 0; i < columns.size();) {
        const int64_t number = windowing.number(columns.timestamps[i]);
        numbers.clear();
        for (; i < columns.size() && windowing.number(columns.timestamps[i]) == number; ++i) {
            if (!std::isnan(columns.values[i])) {
                numbers.push_back(columns.values[i]);
            }
        }
        if (numbers.empty()) {
            continue;
        }
        const auto values = rows.add(windowing.window(number));
        std::transform(aggregates.begin(), aggregates.end(), values.begin(), [&](Aggregate one) {
            return aggregate_values(numbers, one);
        });
    }
    return rows;
}

// The columns of both in the order asked for.
AggregateTable merged(const AggregateTable& quick,
                      const AggregateTable& thorough,
                      std::span<const Aggregate> aggregates) {
    AggregateTable rows(aggregates.size());
    for (size_t i = 0; i < quick.size(); ++i) {
        const auto values = rows.add(quick[i].window);
        size_t next_quick = 0;
        size_t next_thorough = 0;
        for (size_t column = 0; column < aggregates.size(); ++column) {
            // A block that was damaged between the two readings leaves a gap, not a crash.
            const bool sampled = needs_samples(aggregates[column]);
            const auto& side = sampled ? thorough : quick;
            const size_t at = sampled ? next_thorough++ : next_quick++;
            values[column] = i < side.size() ? side[i].values[at] : kNaN;
        }
    }
    return rows;
}

}  // namespace

std::optional<Aggregate> parse_aggregate(std::string_view name) {
    if (name == "trimmed_average") {
        return Aggregate::TrimmedAvg;
    }
    const auto found = std::find_if(
        kNames.begin(), kNames.end(), [name](const auto& one) { return one.name == name; });
    return found == kNames.end() ? std::nullopt : std::optional(found->aggregate);
}

std::string_view aggregate_name(Aggregate aggregate) {
    return kNames[static_cast<size_t>(aggregate)].name;
}

std::span<const Aggregate> all_aggregates() {
    return kAll;
}

double aggregate_values(std::span<double> values, Aggregate aggregate) {
    if (aggregate == Aggregate::Count) {
        return static_cast<double>(values.size());
    }
    if (values.empty()) {
        return kNaN;
    }
    switch (aggregate) {
        case Aggregate::Max:
            return *std::max_element(values.begin(), values.end());
        case Aggregate::Min:
            return *std::min_element(values.begin(), values.end());
        case Aggregate::Sum:
            return sum_of(values);
        case Aggregate::Median:
        case Aggregate::P50:
            return percentile(values, 0.5);
        case Aggregate::P95:
            return percentile(values, 0.95);
        case Aggregate::P99:
            return percentile(values, 0.99);
        case Aggregate::TrimmedAvg:
            return trimmed_average(values);
        default:
            return sum_of(values) / static_cast<double>(values.size());
    }
}

void AggregateTable::reserve(size_t rows) {
    windows_.reserve(rows);
    values_.reserve(rows * aggregates_);
}

std::span<double> AggregateTable::add(AggregateWindow window) {
    windows_.push_back(window);
    values_.resize(values_.size() + aggregates_, kNaN);
    return std::span(values_).last(aggregates_);
}

Result<AggregateTable> aggregate_windows(const Querier& querier,
                                         const SeriesHandle& series,
                                         TimeRange range,
                                         int64_t window_ns,
                                         std::span<const Aggregate> aggregates) {
    if (window_ns < 0) {
        return fail(ErrorCode::InvalidArgument, "the window must not be negative");
    }
    const Windowing windowing(range, window_ns);
    // Each aggregate goes its own way, so that its result is the same alone and in company.
    std::vector<Aggregate> from_summaries;
    std::vector<Aggregate> from_samples;
    for (const Aggregate aggregate : aggregates) {
        (needs_samples(aggregate) ? from_samples : from_summaries).push_back(aggregate);
    }
    AggregateTable quick(from_summaries.size());
    if (!from_summaries.empty()) {
        std::vector<BlockSummary> parts;
        TRY(querier.summarize(series, range, window_ns, 0, parts));
        quick = rows_of_summaries(parts, windowing, from_summaries);
    }
    if (from_samples.empty()) {
        return quick;
    }
    SampleColumns columns;
    TRY(querier.read(series, range, columns));
    AggregateTable thorough = rows_of_samples(columns, windowing, from_samples);
    if (from_summaries.empty()) {
        return thorough;
    }
    return merged(quick, thorough, aggregates);
}

}  // namespace cistern::store
