// SPDX-License-Identifier: MIT
// rate, increase, delta and their kin: differences between samples of a window.
#include "store/promql/range_function.h"

#include <algorithm>
#include <cmath>

namespace cistern::promql {
namespace {

enum class RateKind : uint8_t { Rate, Increase, Delta };

constexpr double kMsInSecond = 1000;

double seconds_between(int64_t from_ms, int64_t to_ms) {
    return static_cast<double>(to_ms - from_ms) / kMsInSecond;
}

// The samples that are below their predecessor, ascending: where a counter was reset.
void find_resets(const RangeInput& input) {
    std::vector<size_t>& resets = input.workspace.indexes;
    resets.clear();
    // Counters are rarely reset: runs without one are found without a branch for each sample.
    constexpr size_t kRun = 64;
    const std::span<const double> values = input.values;
    for (size_t from = 1; from < values.size(); from += kRun) {
        const size_t to = std::min(from + kRun, values.size());
        uint64_t falls = 0;
        for (size_t i = from; i < to; ++i) {
            falls += values[i] < values[i - 1] ? 1 : 0;
        }
        for (size_t i = from; falls > 0 && i < to; ++i) {
            if (values[i] < values[i - 1]) {
                resets.push_back(i);
            }
        }
    }
}

// How much time the samples of a window stand for, when extrapolated to its ends.
double extrapolated_seconds(double sampled, size_t count, double to_start, double to_end) {
    const double average = sampled / static_cast<double>(count - 1);
    const double threshold = average * 1.1;
    double seconds = sampled;
    seconds += to_start < threshold ? to_start : average / 2;
    seconds += to_end < threshold ? to_end : average / 2;
    return seconds;
}

template <RateKind kind>
double extrapolate(const RangeInput& input,
                   const Window& window,
                   int64_t reference_ms,
                   double difference) {
    const int64_t first_ms = ms_of_ns(input.timestamps[window.begin]);
    const int64_t last_ms = ms_of_ns(input.timestamps[window.end - 1]);
    const double first = input.values[window.begin];
    double to_start = seconds_between(reference_ms - input.range_ms, first_ms);
    const double to_end = seconds_between(last_ms, reference_ms);
    const double sampled = seconds_between(first_ms, last_ms);
    if (kind != RateKind::Delta && difference > 0 && first >= 0) {
        // A counter does not start below zero.
        const double to_zero = sampled * (first / difference);
        if (to_zero < to_start) {
            to_start = to_zero;
        }
    }
    double factor = extrapolated_seconds(sampled, window.size(), to_start, to_end) / sampled;
    if (kind == RateKind::Rate) {
        factor /= static_cast<double>(input.range_ms) / kMsInSecond;
    }
    return difference * factor;
}

template <RateKind kind>
Status extrapolated_kernel(const RangeInput& input, Column& column) {
    const std::vector<size_t>& resets = input.workspace.indexes;
    if (kind != RateKind::Delta) {
        find_resets(input);
    }
    size_t first_reset = 0;
    for (size_t step = 0; step < column.size(); ++step) {
        const Window& window = input.windows[step];
        if (window.size() < 2) {
            continue;
        }
        double difference = input.values[window.end - 1] - input.values[window.begin];
        if (kind != RateKind::Delta) {
            while (first_reset < resets.size() && resets[first_reset] <= window.begin) {
                ++first_reset;
            }
            for (size_t r = first_reset; r < resets.size() && resets[r] < window.end; ++r) {
                difference += input.values[resets[r] - 1];
            }
        }
        column[step] = extrapolate<kind>(input, window, input.references.at(step), difference);
    }
    return {};
}

template <bool rate>
Status last_two_kernel(const RangeInput& input, Column& column) {
    for (size_t step = 0; step < column.size(); ++step) {
        const Window& window = input.windows[step];
        if (window.size() < 2) {
            continue;
        }
        const double last = input.values[window.end - 1];
        const double previous = input.values[window.end - 2];
        const int64_t elapsed_ms =
            ms_of_ns(input.timestamps[window.end - 1]) - ms_of_ns(input.timestamps[window.end - 2]);
        if (elapsed_ms == 0) {
            continue;
        }
        const double difference = rate && last < previous ? last : last - previous;
        column[step] =
            rate ? difference / (static_cast<double>(elapsed_ms) / kMsInSecond) : difference;
    }
    return {};
}

// Counts the samples of each window that differ from their predecessor in the same window.
template <class Differs>
Status count_kernel(const RangeInput& input, Column& column, const Differs& differs) {
    // before[i]: how many of the samples 1..i differ
    std::vector<size_t>& before = input.workspace.indexes;
    before.assign(input.values.size(), 0);
    for (size_t i = 1; i < input.values.size(); ++i) {
        before[i] = before[i - 1] + (differs(input.values[i - 1], input.values[i]) ? 1 : 0);
    }
    for (size_t step = 0; step < column.size(); ++step) {
        const Window& window = input.windows[step];
        if (window.size() > 0) {
            column[step] = static_cast<double>(before[window.end - 1] - before[window.begin]);
        }
    }
    return {};
}

}  // namespace

Status rate_kernel(const RangeInput& input, Column& column) {
    return extrapolated_kernel<RateKind::Rate>(input, column);
}
Status increase_kernel(const RangeInput& input, Column& column) {
    return extrapolated_kernel<RateKind::Increase>(input, column);
}
Status delta_kernel(const RangeInput& input, Column& column) {
    return extrapolated_kernel<RateKind::Delta>(input, column);
}
Status irate_kernel(const RangeInput& input, Column& column) {
    return last_two_kernel<true>(input, column);
}
Status idelta_kernel(const RangeInput& input, Column& column) {
    return last_two_kernel<false>(input, column);
}

Status changes_kernel(const RangeInput& input, Column& column) {
    return count_kernel(input, column, [](double previous, double current) {
        return current != previous && !(std::isnan(current) && std::isnan(previous));
    });
}

Status resets_kernel(const RangeInput& input, Column& column) {
    return count_kernel(
        input, column, [](double previous, double current) { return current < previous; });
}

}  // namespace cistern::promql
