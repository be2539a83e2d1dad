// SPDX-License-Identifier: MIT
// Sums over any run of a series in constant time, to the last bit or nearly so: running totals are
// kept in about 106 bits. Where the totals dwarf a run, the run must be summed anew; trusts()
// tells. Source: T. J. Dekker, "A Floating-Point Technique for Extending the Available Precision",
// 1971.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace cistern::promql {

// The unevaluated sum of two doubles, |low| <= ulp(high) / 2.
struct DoubleDouble {
    double high = 0;
    double low = 0;

    static DoubleDouble sum(double a, double b) {
        const double total = a + b;
        const double b_part = total - a;
        return {total, (a - (total - b_part)) + (b - b_part)};
    }
    static DoubleDouble product(double a, double b) {
        const auto [a_high, a_low] = split(a);
        const auto [b_high, b_low] = split(b);
        const double total = a * b;
        return {total,
                ((a_high * b_high - total) + a_high * b_low + a_low * b_high) + a_low * b_low};
    }
    [[nodiscard]] DoubleDouble plus(const DoubleDouble& other) const {
        DoubleDouble highs = sum(high, other.high);
        const DoubleDouble lows = sum(low, other.low);
        highs = renormalised(highs.high, highs.low + lows.high);
        return renormalised(highs.high, highs.low + lows.low);
    }
    [[nodiscard]] DoubleDouble minus(const DoubleDouble& other) const {
        return plus({-other.high, -other.low});
    }
    [[nodiscard]] DoubleDouble times(const DoubleDouble& other) const {
        const DoubleDouble highs = product(high, other.high);
        return renormalised(highs.high, highs.low + (high * other.low + low * other.high));
    }
    [[nodiscard]] DoubleDouble divided_by(double divisor) const {
        const double quotient = high / divisor;
        const DoubleDouble rest = minus(product(quotient, divisor));
        return renormalised(quotient, rest.value() / divisor);
    }
    [[nodiscard]] double value() const { return high + low; }

  private:
    static DoubleDouble renormalised(double a, double b) {
        const double total = a + b;
        return {total, b - (total - a)};
    }
    struct Halves {
        double high;
        double low;
    };
    static Halves split(double value) {
        constexpr double kSplitter = 134217729;  // 2^27 + 1
        const double scaled = kSplitter * value;
        const double high = scaled - (scaled - value);
        return {high, value - high};
    }
};

class PrefixSum {
  public:
    void clear() {
        totals_.assign(1, {});
        magnitudes_.assign(1, 0);
    }
    void add(const DoubleDouble& value) {
        totals_.push_back(totals_.back().plus(value));
        magnitudes_.push_back(magnitudes_.back() + std::fabs(value.high));
    }
    // Of the values [begin, end).
    [[nodiscard]] DoubleDouble of(size_t begin, size_t end) const {
        return totals_[end].minus(totals_[begin]);
    }
    // Of the absolute values, roughly.
    [[nodiscard]] double magnitude(size_t begin, size_t end) const {
        return magnitudes_[end] - magnitudes_[begin];
    }
    // The totals leave at least some 70 exact bits for the run.
    [[nodiscard]] bool trusts(size_t begin, size_t end) const {
        constexpr double kShareMin = 1.0 / (1LL << 30);
        return magnitude(begin, end) >= magnitudes_[end] * kShareMin;
    }

  private:
    std::vector<DoubleDouble> totals_;
    std::vector<double> magnitudes_;
};

}  // namespace cistern::promql
