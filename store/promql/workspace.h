// SPDX-License-Identifier: MIT
// Buffers that one thread reuses from series to series.
#pragma once

#include "store/model/sample.h"
#include "store/promql/column.h"
#include "store/promql/prefix_sum.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cistern::promql {

// Samples [begin, end) of a series.
struct Window {
    size_t begin = 0;
    size_t end = 0;
    [[nodiscard]] size_t size() const { return end - begin; }
};

struct Workspace {
    store::SampleColumns samples;
    store::SampleColumns part;
    std::vector<Window> windows;
    std::vector<size_t> indexes;
    std::vector<double> values;
    PrefixSum sums;
    PrefixSum squares;
};

}  // namespace cistern::promql
