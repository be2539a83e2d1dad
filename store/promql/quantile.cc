// SPDX-License-Identifier: MIT
#include "store/promql/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cistern::promql {
namespace {

bool nan_first_less(double a, double b) {
    if (std::isnan(a) || std::isnan(b)) {
        return std::isnan(a) && !std::isnan(b);
    }
    return a < b;
}

}  // namespace

double quantile(double q, std::vector<double>& values) {
    if (values.empty() || std::isnan(q)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (q < 0 || q > 1) {
        return q < 0 ? -std::numeric_limits<double>::infinity()
                     : std::numeric_limits<double>::infinity();
    }
    const auto last = static_cast<double>(values.size() - 1);
    const double rank = q * last;
    const auto lower_index = static_cast<size_t>(std::floor(rank));
    const size_t upper_index = std::min(values.size() - 1, lower_index + 1);
    const auto lower = values.begin() + static_cast<std::ptrdiff_t>(lower_index);
    std::nth_element(values.begin(), lower, values.end(), nan_first_less);
    const double upper_value = upper_index == lower_index
                                   ? *lower
                                   : *std::min_element(lower + 1, values.end(), nan_first_less);
    const double weight = rank - std::floor(rank);
    return *lower * (1 - weight) + upper_value * weight;
}

}  // namespace cistern::promql
