// SPDX-License-Identifier: MIT
// A sum whose error does not grow with the number of terms.
// Source: A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen",
// ZAMM 54 (1974).
#pragma once

#include <cmath>

namespace cistern::store {

class CompensatedSum {
  public:
    void add(double value) {
        const double next = sum_ + value;
        if (std::fabs(sum_) >= std::fabs(value)) {
            lost_ += (sum_ - next) + value;
        } else {
            lost_ += (value - next) + sum_;
        }
        sum_ = next;
    }
    // An infinity or overflow makes the compensation meaningless.
    [[nodiscard]] double value() const { return std::isfinite(sum_) ? sum_ + lost_ : sum_; }

  private:
    double sum_ = 0;
    double lost_ = 0;
};

}  // namespace cistern::store
