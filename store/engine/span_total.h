// SPDX-License-Identifier: MIT
// What a span of values comes to, four at a time, so that no operation waits for the one before:
// the sum to about 106 bits, the smallest and the largest value. Source: T. J. Dekker, "A
// Floating-Point Technique for Extending the Available Precision", 1971 (the error of a sum, by
// Knuth and Moller).
#pragma once

#include "store/engine/compensated_sum.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace cistern::store {

struct SpanTotal {
    double sum = 0;
    double magnitude = 0;  // sum of the absolute values, roughly; not finite when sum is no use

    [[nodiscard]] bool usable() const { return std::isfinite(magnitude); }
};

inline constexpr size_t kSpanLanes = 4;
using SpanLanes = std::array<double, kSpanLanes>;

inline SpanTotal total_of(std::span<const double> values) {
    SpanLanes high{};
    SpanLanes low{};
    SpanLanes magnitude{};
    size_t i = 0;
    for (; i + kSpanLanes <= values.size(); i += kSpanLanes) {
        for (size_t lane = 0; lane < kSpanLanes; ++lane) {
            const double value = values[i + lane];
            const double total = high[lane] + value;
            const double part = total - high[lane];
            low[lane] += (high[lane] - (total - part)) + (value - part);
            high[lane] = total;
            magnitude[lane] += std::fabs(value);
        }
    }
    CompensatedSum sum;
    CompensatedSum lost;
    SpanTotal total;
    for (size_t lane = 0; lane < kSpanLanes; ++lane) {
        sum.add(high[lane]);
        lost.add(low[lane]);
        total.magnitude += magnitude[lane];
    }
    for (; i < values.size(); ++i) {
        sum.add(values[i]);
        total.magnitude += std::fabs(values[i]);
    }
    sum.add(lost.value());
    total.sum = sum.value();
    return total;
}

struct SpanExtremes {
    double min = 0;
    double max = 0;
};

// Of at least one value, none of them NaN. Of zeros of both signs either may be told.
inline SpanExtremes extremes_of(std::span<const double> values) {
    SpanLanes min;
    SpanLanes max;
    min.fill(values.front());
    max.fill(values.front());
    const auto widen = [&min, &max](size_t lane, double value) {
        min[lane] = value < min[lane] ? value : min[lane];
        max[lane] = value > max[lane] ? value : max[lane];
    };
    size_t i = 0;
    for (; i + kSpanLanes <= values.size(); i += kSpanLanes) {
        for (size_t lane = 0; lane < kSpanLanes; ++lane) {
            widen(lane, values[i + lane]);
        }
    }
    for (; i < values.size(); ++i) {
        widen(i % kSpanLanes, values[i]);
    }
    return {*std::min_element(min.begin(), min.end()), *std::max_element(max.begin(), max.end())};
}

}  // namespace cistern::store
