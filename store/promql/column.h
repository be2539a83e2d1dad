// SPDX-License-Identifier: MIT
// The values of one series over a grid: one double a step. A step without a value holds the stale
// marker, which no computation yields and no result contains; NaN is a value like any other.
#pragma once

#include "store/model/sample.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cistern::promql {

using Column = std::vector<double>;

inline double absent() {
    return std::bit_cast<double>(store::kStaleMarkerBits);
}
inline bool is_absent(double value) {
    return std::bit_cast<uint64_t>(value) == store::kStaleMarkerBits;
}

inline size_t count_present(const Column& column) {
    size_t count = 0;
    for (const double value : column) {
        count += is_absent(value) ? 0 : 1;
    }
    return count;
}

inline bool any_present(const Column& column) {
    for (const double value : column) {
        if (!is_absent(value)) {
            return true;
        }
    }
    return false;
}

}  // namespace cistern::promql
