// SPDX-License-Identifier: MIT
// Compensated summation.
// Source: A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen",
// 1974, in the form that Prometheus uses.
#pragma once

#include <cmath>

namespace cistern::promql {

struct KahanSum {
    double sum = 0;
    double correction = 0;

    void add(double value) {
        const double total = sum + value;
        if (std::fabs(sum) >= std::fabs(value)) {
            correction += (sum - total) + value;
        } else {
            correction += (value - total) + sum;
        }
        sum = total;
    }
    [[nodiscard]] double total() const { return sum + correction; }
};

}  // namespace cistern::promql
