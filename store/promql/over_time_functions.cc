// SPDX-License-Identifier: MIT
// The *_over_time functions.
#include "store/engine/span_total.h"
#include "store/promql/kahan.h"
#include "store/promql/quantile.h"
#include "store/promql/range_function.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

namespace cistern::promql {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

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

// Below this many samples the plain loop is as fast.
constexpr size_t kLanesWorthSamples = 16;
// Where values cancel out, the mean is little but rounding: the same as Prometheus' then.
constexpr double kMeanShareMin = 1.0 / (1 << 10);

double quick_mean_of(std::span<const double> values) {
    if (values.size() < kLanesWorthSamples) {
        return mean_of(values);
    }
    const store::SpanTotal total = store::total_of(values);
    const bool trusted =
        std::isfinite(total.magnitude) && std::fabs(total.sum) >= total.magnitude * kMeanShareMin;
    return trusted ? total.sum / static_cast<double>(values.size()) : mean_of(values);
}

double quick_sum_of(std::span<const double> values) {
    if (values.size() < kLanesWorthSamples) {
        return sum_of(values);
    }
    const store::SpanTotal total = store::total_of(values);
    return total.usable() ? total.sum : sum_of(values);
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

// Windows that overlap this often are cheaper from running totals than one by one.
constexpr size_t kOverlapMin = 16;

// Looking at every window afresh looks at each sample at least this often.
bool windows_overlap(const RangeInput& input, size_t times) {
    size_t looks = 0;
    for (const Window& window : input.windows) {
        looks += window.size();
    }
    return looks > times * input.values.size();
}

// Neither a value nor its square comes near overflow, nor near the denormals, which have few bits.
bool is_tame(double value) {
    constexpr double kMagnitudeMax = 1e140;
    constexpr double kMagnitudeMin = 1e-140;
    const double magnitude = std::fabs(value);
    return magnitude == 0 || (magnitude > kMagnitudeMin && magnitude < kMagnitudeMax);
}

// False for few overlaps, and for values that running totals cannot hold.
bool totals_pay(const RangeInput& input) {
    return windows_overlap(input, kOverlapMin) &&
           std::all_of(input.values.begin(), input.values.end(), is_tame);
}

// Calls value_of(window) where the running totals serve and direct(values) elsewhere.
template <class ValueOf, class Direct>
Status for_each_summed_window(const RangeInput& input,
                              Column& column,
                              const ValueOf& value_of,
                              const Direct& direct) {
    PrefixSum& sums = input.workspace.sums;
    sums.clear();
    const bool totals = totals_pay(input);
    for (size_t i = 0; totals && i < input.values.size(); ++i) {
        sums.add({input.values[i], 0});
    }
    return for_each_window(input, column, [&](const Window& window) {
        const bool trusted = totals && sums.trusts(window.begin, window.end);
        return trusted ? value_of(sums.of(window.begin, window.end), window)
                       : direct(input.values_of(window));
    });
}

// The variance of each window from running totals of deviations from a common pivot.
class SlidingVariance {
  public:
    explicit SlidingVariance(const RangeInput& input) : input_(input), totals_(totals_pay(input)) {
        PrefixSum& sums = input.workspace.sums;
        PrefixSum& squares = input.workspace.squares;
        sums.clear();
        squares.clear();
        for (size_t i = 0; totals_ && i < input.values.size(); ++i) {
            const DoubleDouble deviation = DoubleDouble::sum(input.values[i], -input.values[0]);
            sums.add(deviation);
            squares.add(deviation.times(deviation));
        }
    }

    [[nodiscard]] double of(const Window& window) const {
        const PrefixSum& sums = input_.workspace.sums;
        const PrefixSum& squares = input_.workspace.squares;
        if (!totals_ || !squares.trusts(window.begin, window.end)) {
            return variance_of(input_.values_of(window));
        }
        const auto count = static_cast<double>(window.size());
        const DoubleDouble square = squares.of(window.begin, window.end);
        const DoubleDouble sum = sums.of(window.begin, window.end);
        const double spread = square.minus(sum.times(sum.divided_by(count))).value();
        // What is left of two nearly equal numbers has lost its bits.
        constexpr double kShareMin = 1e-9;
        return spread >= square.high * kShareMin ? spread / count
                                                 : variance_of(input_.values_of(window));
    }

  private:
    const RangeInput& input_;
    bool totals_;
};

// Four at a time, so that one comparison does not wait for the one before.
template <class Better>
double extreme_of(std::span<const double> values, double worst, const Better& better) {
    std::array<double, 4> best{worst, worst, worst, worst};
    size_t i = 0;
    for (; i + best.size() <= values.size(); i += best.size()) {
        for (size_t lane = 0; lane < best.size(); ++lane) {
            best[lane] = better(values[i + lane], best[lane]) ? values[i + lane] : best[lane];
        }
    }
    for (; i < values.size(); ++i) {
        best[0] = better(values[i], best[0]) ? values[i] : best[0];
    }
    for (size_t lane = 1; lane < best.size(); ++lane) {
        best[0] = better(best[lane], best[0]) ? best[lane] : best[0];
    }
    // The earliest of equal ones tells the sign of a zero; without any, all are NaN.
    if (best[0] == 0 || best[0] == worst) {
        const auto found = std::find(values.begin(), values.end(), best[0]);
        return found == values.end() ? std::numeric_limits<double>::quiet_NaN() : *found;
    }
    return best[0];
}

// Sliding minimum or maximum. What a window covers before some pivot is known from the extremes of
// all stretches up to the pivot, what lies behind it is kept as it grows; when the pivot has been
// passed, the window's end is the next. Every sample is looked at twice, however long the windows
// are. Of equal values the earliest stays; NaN counts only where there is nothing else.
// Source: the queue of two stacks, as in Tangwongsan, Hirzel, Schneider, "Low-Latency
// Sliding-Window Aggregation in Worst-Case Constant Time", DEBS 2017.
template <class Better, class AtLeast>
Status extreme_kernel(const RangeInput& input,
                      Column& column,
                      double worst,
                      const Better& better,
                      const AtLeast& at_least) {
    constexpr size_t kLooksMax = 8;
    if (!windows_overlap(input, kLooksMax)) {
        return for_each_window(input, column, [&](const Window& window) {
            return extreme_of(input.values_of(window), worst, better);
        });
    }
    const std::span<const double> values = input.values;
    std::vector<double>& up_to_pivot = input.workspace.values;
    up_to_pivot.resize(values.size());
    size_t pivot = 0;
    size_t seen = 0;
    double behind = worst;  // of [pivot, seen)
    return for_each_window(input, column, [&](const Window& window) {
        if (window.begin >= pivot) {
            pivot = seen = window.end;
            behind = worst;
            double best = worst;
            for (size_t i = window.end; i-- > window.begin;) {
                best = at_least(values[i], best) ? values[i] : best;
                up_to_pivot[i] = best;
            }
        }
        for (; seen < window.end; ++seen) {
            behind = better(values[seen], behind) ? values[seen] : behind;
        }
        const double before = up_to_pivot[window.begin];
        const double best = better(behind, before) ? behind : before;
        // Either the worst there is, or nothing but NaN.
        return best == worst ? extreme_of(input.values_of(window), worst, better) : best;
    });
}

}  // namespace

Status avg_over_time_kernel(const RangeInput& input, Column& column) {
    const auto from_totals = [&input](const DoubleDouble& sum, const Window& window) {
        const double magnitude = input.workspace.sums.magnitude(window.begin, window.end);
        return std::fabs(sum.high) >= magnitude * kMeanShareMin
                   ? sum.divided_by(static_cast<double>(window.size())).value()
                   : mean_of(input.values_of(window));
    };
    return for_each_summed_window(input, column, from_totals, quick_mean_of);
}

Status sum_over_time_kernel(const RangeInput& input, Column& column) {
    const auto from_totals = [](const DoubleDouble& sum, const Window&) { return sum.value(); };
    return for_each_summed_window(input, column, from_totals, quick_sum_of);
}

Status min_over_time_kernel(const RangeInput& input, Column& column) {
    return extreme_kernel(input, column, kInfinity, std::less<double>(), std::less_equal<double>());
}

Status max_over_time_kernel(const RangeInput& input, Column& column) {
    return extreme_kernel(
        input, column, -kInfinity, std::greater<double>(), std::greater_equal<double>());
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
    const SlidingVariance variance(input);
    return for_each_window(
        input, column, [&](const Window& window) { return variance.of(window); });
}

Status stddev_over_time_kernel(const RangeInput& input, Column& column) {
    const SlidingVariance variance(input);
    return for_each_window(
        input, column, [&](const Window& window) { return std::sqrt(variance.of(window)); });
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
