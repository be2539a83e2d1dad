// SPDX-License-Identifier: MIT
// *_over_time over windows so long that most of their blocks lie wholly inside: from what the index
// says of those, with only the ends decoded. max_over_time(m[1y]) reads two blocks of a series.
#pragma once

#include "store/promql/function.h"
#include "store/promql/range_vector.h"

#include <optional>
#include <span>

namespace cistern::promql {

// A window's value, or nothing where its samples must be read: the function is the same to the bit
// (max, min, count) or to the last digits (sums are compensated either way). Parts are not empty,
// in order and without NaN.
using SummaryFold = std::optional<double> (*)(std::span<const store::BlockSummary> parts);

// Null when summaries cannot tell.
SummaryFold summary_fold(FunctionId id);

// Whether windows are long, and apart from each other, so that summaries pay.
bool summaries_pay(const References& references, int64_t range_ms);

// Fills the column of one series. False when its samples must be read, whatever the column holds.
Result<bool> fold_summaries(
    SummaryFold fold, const RangeVector& range, size_t index, bool left_open, Column& column);

}  // namespace cistern::promql
