// SPDX-License-Identifier: MIT
#include "store/partition/block_statistics.h"

#include "store/base/assert.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cistern::store {
namespace {

void measure_floats(std::span<const ValueBits> values, BlockEntry& entry) {
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    double sum = 0;
    double lost = 0;  // what rounding took from sum
    double plain = 0;
    uint32_t nans = 0;
    for (const ValueBits bits : values) {
        const double value = bits.as_double();
        if (std::isnan(value)) {
            ++nans;
            continue;
        }
        least = std::min(least, value);
        most = std::max(most, value);
        plain += value;
        const double total = sum + value;
        lost += std::fabs(sum) >= std::fabs(value) ? (sum - total) + value : (value - total) + sum;
        sum = total;
    }
    entry.nan_count = nans;
    if (nans == values.size()) {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        entry.min = entry.max = entry.sum = ValueBits::of(nan);
        return;
    }
    entry.min = ValueBits::of(least);
    entry.max = ValueBits::of(most);
    // With infinities, or beyond the largest double, the compensation is NaN and the plain sum is
    // right.
    const double compensated = sum + lost;
    entry.sum = ValueBits::of(std::isfinite(compensated) ? compensated : plain);
}

void measure_ints(std::span<const ValueBits> values, BlockEntry& entry) {
    int64_t least = values[0].as_int();
    int64_t most = least;
    int64_t sum = 0;
    bool fits = true;
    for (const ValueBits bits : values) {
        least = std::min(least, bits.as_int());
        most = std::max(most, bits.as_int());
        fits = fits && !__builtin_add_overflow(sum, bits.as_int(), &sum);
    }
    entry.nan_count = 0;
    entry.min = ValueBits::of_int(least);
    entry.max = ValueBits::of_int(most);
    entry.sum = ValueBits::of_int(fits ? sum : 0);
    entry.sum_fits = fits;
}

}  // namespace

void measure_values(std::span<const ValueBits> values, ValueType type, BlockEntry& entry) {
    CISTERN_ASSERT(!values.empty());
    entry.count = static_cast<uint32_t>(values.size());
    entry.first = values.front();
    entry.last = values.back();
    entry.sum_fits = true;
    if (type == ValueType::Int) {
        measure_ints(values, entry);
    } else {
        measure_floats(values, entry);
    }
}

}  // namespace cistern::store
