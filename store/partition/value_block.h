// SPDX-License-Identifier: MIT
// What stands in a Float or Int frame.
#pragma once

#include "store/base/result.h"
#include "store/codec/time_column.h"
#include "store/model/sample.h"
#include "store/partition/frame.h"

#include <span>

namespace cistern::store {

struct ValueBlock {
    SeriesId series;
    ValueType type = ValueType::Float;
    uint64_t time_distance = 0;         // from the time frame's offset to this frame's
    std::span<const std::byte> column;  // points into the frame
};

// Corruption when the frame is no value block.
Result<ValueBlock> parse_value_block(const Frame& frame, uint64_t offset);

// Fill `values`, whose size is the number of timestamps. False when the column does not decode to
// that many; values are then unspecified. As numbers (Int converted) or as bits.
bool decode_values(const ValueBlock& block, std::span<double> values);
bool decode_values(const ValueBlock& block, std::span<ValueBits> values);

// The count of a time frame's body and its column.
struct TimeBlock {
    uint32_t count = 0;
    std::span<const std::byte> column;
};
Result<TimeBlock> parse_time_block(const Frame& frame, uint64_t offset);
Result<std::vector<TimestampNs>> decode_time_block(const Frame& frame, uint64_t offset);
// The same, compact.
Result<codec::TimeColumn> decode_time_column(const Frame& frame, uint64_t offset);

}  // namespace cistern::store
