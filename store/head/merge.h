// SPDX-License-Identifier: MIT
// Two ascending runs of one series into one; of equal timestamps the newer run's value stays.
#pragma once

#include "store/model/sample.h"

#include <span>
#include <vector>

namespace cistern::store {

struct SampleRun {
    std::vector<TimestampNs> timestamps;
    std::vector<ValueBits> values;

    [[nodiscard]] size_t size() const { return timestamps.size(); }
    [[nodiscard]] bool empty() const { return timestamps.empty(); }
    void clear() {
        timestamps.clear();
        values.clear();
    }
};

// Merges `newer` into `into`. Appending to the end is the fast case.
void merge_newer(SampleRun& into,
                 std::span<const TimestampNs> timestamps,
                 std::span<const ValueBits> values);

}  // namespace cistern::store
