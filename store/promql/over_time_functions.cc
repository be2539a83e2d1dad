// SPDX-License-Identifier: MIT
// The *_over_time functions.
#include "store/promql/kahan.h"
#include "store/promql/quantile.h"
#include "store/promql/range_function.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cistern::promql {
namespace {

// Calls value_of(window) for each step that has samples.
template <class ValueOf>
Status for_each_window(const RangeInput& input, Column& column, const ValueOf& value_of) {
    for (size_t step = 0; step < column.size(); ++step) {
        if (input.windows[step].size() > 0) {
            column[step] = value_of(input.windows[step]);
        }
    }
    return {};
}

double mean_of(std::span<const double> values) {
    KahanSum mean;
    double count = 0;
    for (const double value : values) {
        ++count;
        if (std::isinf(mean.sum)) {
            const bool same_infinity = std::isinf(value) && (mean.sum > 0) == (value > 0);
            if (same_infinity || std::isfinite(value)) {
                continue;
            }
        }
        mean.add(value / count - mean.sum / count);
    }
    return std::isinf(mean.sum) ? mean.sum : mean.total();
}

double sum_of(std::span<const double> values) {
    KahanSum sum;
    for (const double value : values) {
        sum.add(value);
    }
    return std::isinf(sum.sum) ? sum.sum : sum.total();
}

double variance_of(std::span<const double> values) {
    KahanSum mean;
    KahanSum squares;
    double count = 0;
    for (const double value : values) {
        ++count;
        const double delta = value - mean.total();
        mean.add(delta / count);
        squares.add(delta * (value - mean.total()));
    }
    return squares.total() / count;
}

// Sliding minimum or maximum: the candidates of the window in the order of time, best first. Of
// equal values the earliest stays; NaN counts only where there is nothing else.
template <class Better>
Status extreme_kernel(const RangeInput& input, Column& column, const Better& better) {
    std::vector<size_t>& candidates = input.workspace.indexes;
    candidates.clear();
    size_t head = 0;
    size_t next = 0;
    for (size_t step = 0; step < column.size(); ++step) {
        const Window& window = input.windows[step];
        for (; next < window.end; ++next) {
            const double value = input.values[next];
            if (std::isnan(value)) {
                continue;
            }
            while (candidates.size() > head && better(value, input.values[candidates.back()])) {
                candidates.pop_back();
            }
            candidates.push_back(next);
        }
        while (head < candidates.size() && candidates[head] < window.begin) {
            ++head;
        }
        if (window.size() > 0) {
            column[step] = head < candidates.size() ? input.values[candidates[head]]
                                                    : std::numeric_limits<double>::quiet_NaN();
        }
    }
    return {};
}

}  // namespace

Status avg_over_time_kernel(const RangeInput& input, Column& column) {
    return for_each_window(
        input, column, [&](const Window& window) { return mean_of(input.values_of(window)); });
}

Status sum_over_time_kernel(const RangeInput& input, Column& column) {
    return for_each_window(
        input, column, [&](const Window& window) { return sum_of(input.values_of(window)); });
}

Status min_over_time_kernel(const RangeInput& input, Column& column) {
    return extreme_kernel(input, column, [](double a, double b) { return a < b; });
}

Status max_over_time_kernel(const RangeInput& input, Column& column) {
    return extreme_kernel(input, column, [](double a, double b) { return a > b; });
}

Status count_over_time_kernel(const RangeInput& input, Column& column) {
    return for_each_window(
        input, column, [](const Window& window) { return static_cast<double>(window.size()); });
}

Status last_over_time_kernel(const RangeInput& input, Column& column) {
    return for_each_window(
        input, column, [&](const Window& window) { return input.values[window.end - 1]; });
}

Status present_over_time_kernel(const RangeInput& input, Column& column) {
    return for_each_window(input, column, [](const Window&) { return 1.0; });
}

Status stdvar_over_time_kernel(const RangeInput& input, Column& column) {
    return for_each_window(
        input, column, [&](const Window& window) { return variance_of(input.values_of(window)); });
}

Status stddev_over_time_kernel(const RangeInput& input, Column& column) {
    return for_each_window(input, column, [&](const Window& window) {
        return std::sqrt(variance_of(input.values_of(window)));
    });
}

Status quantile_over_time_kernel(const RangeInput& input, Column& column) {
    std::vector<double>& sorted = input.workspace.values;
    for (size_t step = 0; step < column.size(); ++step) {
        if (input.windows[step].size() > 0) {
            const auto values = input.values_of(input.windows[step]);
            sorted.assign(values.begin(), values.end());
            column[step] = quantile(input.parameters[0][step], sorted);
        }
    }
    return {};
}

Status mad_over_time_kernel(const RangeInput& input, Column& column) {
    std::vector<double>& scratch = input.workspace.values;
    return for_each_window(input, column, [&](const Window& window) {
        const auto values = input.values_of(window);
        scratch.assign(values.begin(), values.end());
        const double median = quantile(0.5, scratch);
        scratch.clear();
        for (const double value : values) {
            scratch.push_back(std::fabs(value - median));
        }
        return quantile(0.5, scratch);
    });
}

}  // namespace cistern::promql
