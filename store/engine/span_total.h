// SPDX-License-Identifier: MIT
// The sum of a span of values to about 106 bits, and what else falls off beside it. Four at a time,
// so that no addition waits for the one before.
// Source: T. J. Dekker, "A Floating-Point Technique for Extending the Available Precision", 1971
// (the error of a sum, by Knuth and Moller).
#pragma once

#include "store/engine/compensated_sum.h"

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

inline SpanTotal total_of(std::span<const double> values) {
    constexpr size_t kLanes = 4;
    std::array<double, kLanes> high{};
    std::array<double, kLanes> low{};
    std::array<double, kLanes> magnitude{};
    size_t i = 0;
    for (; i + kLanes <= values.size(); i += kLanes) {
        for (size_t lane = 0; lane < kLanes; ++lane) {
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
    for (size_t lane = 0; lane < kLanes; ++lane) {
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

}  // namespace cistern::store
