// SPDX-License-Identifier: MIT
// deriv, predict_linear and exponential smoothing.
#include "store/promql/kahan.h"
#include "store/promql/range_function.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace cistern::promql {
namespace {

struct Line {
    double slope;
    double intercept;  // at the origin
};

// Least squares, seconds since `origin_ms` against values.
Line fit_line(const RangeInput& input, const Window& window, int64_t origin_ms) {
    const double first = input.values[window.begin];
    KahanSum x;
    KahanSum y;
    KahanSum xy;
    KahanSum xx;
    bool constant = true;
    for (size_t i = window.begin; i < window.end; ++i) {
        const double value = input.values[i];
        constant = constant && (i == window.begin || value == first);
        const double seconds = static_cast<double>(ms_of_ns(input.timestamps[i]) - origin_ms) / 1e3;
        x.add(seconds);
        y.add(value);
        xy.add(seconds * value);
        xx.add(seconds * seconds);
    }
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    if (constant) {
        return std::isinf(first) ? Line{kNan, kNan} : Line{0, first};
    }
    const auto count = static_cast<double>(window.size());
    const double covariance = xy.total() - x.total() * y.total() / count;
    const double variance = xx.total() - x.total() * x.total() / count;
    const double slope = covariance / variance;
    return {slope, y.total() / count - slope * x.total() / count};
}

double smooth(std::span<const double> values, double smoothing, double trend_factor) {
    double before = 0;
    double smoothed = values[0];
    double trend = values[1] - values[0];
    for (size_t i = 1; i < values.size(); ++i) {
        const double scaled = smoothing * values[i];
        if (i > 1) {
            trend = trend_factor * (smoothed - before) + (1 - trend_factor) * trend;
        }
        const double carried = (1 - smoothing) * (smoothed + trend);
        before = smoothed;
        smoothed = scaled + carried;
    }
    return smoothed;
}

Status check_factor(double factor, std::string_view what, std::string_view letters) {
    if (factor <= 0 || factor >= 1) {
        return execution_error(fmt::format(
            "invalid {} factor. Expected: 0 < {} < 1, got: {:f}", what, letters, factor));
    }
    return {};
}

}  // namespace

Status deriv_kernel(const RangeInput& input, Column& column) {
    for (size_t step = 0; step < column.size(); ++step) {
        const Window& window = input.windows[step];
        if (window.size() >= 2) {
            column[step] = fit_line(input, window, ms_of_ns(input.timestamps[window.begin])).slope;
        }
    }
    return {};
}

Status predict_linear_kernel(const RangeInput& input, Column& column) {
    for (size_t step = 0; step < column.size(); ++step) {
        const Window& window = input.windows[step];
        if (window.size() >= 2) {
            const Line line = fit_line(input, window, input.grid.at(step));
            column[step] = line.slope * input.parameters[0][step] + line.intercept;
        }
    }
    return {};
}

Status holt_winters_kernel(const RangeInput& input, Column& column) {
    for (size_t step = 0; step < column.size(); ++step) {
        const Window& window = input.windows[step];
        if (window.size() == 0) {
            continue;
        }
        TRY(check_factor(input.parameters[0][step], "smoothing", "sf"));
        TRY(check_factor(input.parameters[1][step], "trend", "tf"));
        if (window.size() >= 2) {
            column[step] = smooth(
                input.values_of(window), input.parameters[0][step], input.parameters[1][step]);
        }
    }
    return {};
}

}  // namespace cistern::promql
