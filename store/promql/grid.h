// SPDX-License-Identifier: MIT
// The time steps of an evaluation and the two clocks that meet here: queries speak milliseconds,
// the store nanoseconds. A sample belongs to the millisecond that it falls into.
#pragma once

#include "store/model/sample.h"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace cistern::promql {

// start, start + step, ... `count` times. An instant query is a grid of one.
struct Grid {
    int64_t start_ms = 0;
    int64_t step_ms = 1;
    size_t count = 1;

    [[nodiscard]] int64_t at(size_t index) const {
        return start_ms + step_ms * static_cast<int64_t>(index);
    }
    [[nodiscard]] int64_t last_ms() const { return count == 0 ? start_ms : at(count - 1); }
};

inline constexpr int64_t kNsInMs = 1'000'000;

// The first nanosecond of a millisecond; far times are cut to what the store can hold.
inline store::TimestampNs ns_of_ms(int64_t ms) {
    int64_t ns = 0;
    if (__builtin_mul_overflow(ms, kNsInMs, &ns)) {
        return ms < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
    }
    return ns;
}

inline int64_t ms_of_ns(store::TimestampNs ns) {
    const int64_t ms = ns / kNsInMs;
    return ns % kNsInMs < 0 ? ms - 1 : ms;
}

// Times of a query are bounded so that sums and differences of them cannot overflow.
inline constexpr int64_t kQueryTimeMsMax = std::numeric_limits<int64_t>::max() / 8;

}  // namespace cistern::promql
