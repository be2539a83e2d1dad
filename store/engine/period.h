// SPDX-License-Identifier: MIT
// The UTC periods that partition files belong to.
#pragma once

#include "store/engine/options.h"
#include "store/model/sample.h"

#include <optional>
#include <string>
#include <string_view>

namespace cistern::store {

// [begin, end) of the period that holds a timestamp. The outermost periods are cut at the ends of
// the timestamp's range.
TimeRange period_of(PartitionPeriod kind, TimestampNs timestamp);
// Of which kind a period is.
PartitionPeriod kind_of(const TimeRange& period);
// "2026-11-21", "2026-11", "2026" or "forever".
std::string period_name(PartitionPeriod kind, TimestampNs begin);

}  // namespace cistern::store
