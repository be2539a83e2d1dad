// SPDX-License-Identifier: MIT
// What the index says about the values of a block.
#pragma once

#include "store/model/sample.h"
#include "store/partition/partition_reader.h"

#include <span>

namespace cistern::store {

// Sets count, nan_count, min, max, sum, first, last and sum_fits. `values` is not empty.
// Float: NaN is skipped by min, max and sum, which are NaN when all values are; the sum is
// compensated (Neumaier), so that it does not depend on how the block was cut.
void measure_values(std::span<const ValueBits> values, ValueType type, BlockEntry& entry);

}  // namespace cistern::store
