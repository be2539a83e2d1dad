// SPDX-License-Identifier: MIT
#include "store/partition/value_block.h"

#include "store/base/bytes.h"
#include "store/codec/doubles.h"
#include "store/codec/integers.h"
#include "store/codec/times.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

namespace cistern::store {

Result<ValueBlock> parse_value_block(const Frame& frame, uint64_t offset) {
    ByteReader body(frame.body);
    const uint64_t series = body.varint();
    ValueBlock block;
    block.time_distance = body.varint();
    if ((frame.kind != FrameKind::Float && frame.kind != FrameKind::Int) || !body.ok() ||
        series > std::numeric_limits<uint32_t>::max()) {
        return fail(ErrorCode::Corruption, fmt::format("no value block at {}", offset));
    }
    block.series = SeriesId(static_cast<uint32_t>(series));
    block.type = frame.kind == FrameKind::Int ? ValueType::Int : ValueType::Float;
    block.column = body.raw(body.left());
    return block;
}

bool decode_values(const ValueBlock& block, std::span<double> values) {
    if (block.type == ValueType::Float) {
        return codec::decode_doubles(block.column, values);
    }
    std::vector<int64_t> numbers(values.size());
    if (!codec::decode_integers(block.column, numbers)) {
        return false;
    }
    std::transform(numbers.begin(), numbers.end(), values.begin(), [](int64_t number) {
        return static_cast<double>(number);
    });
    return true;
}

bool decode_values(const ValueBlock& block, std::span<ValueBits> values) {
    static_assert(sizeof(ValueBits) == sizeof(double) && std::is_trivially_copyable_v<ValueBits>);
    if (block.type == ValueType::Float) {
        std::vector<double> numbers(values.size());
        if (!codec::decode_doubles(block.column, numbers)) {
            return false;
        }
        std::memcpy(static_cast<void*>(values.data()), numbers.data(), values.size_bytes());
        return true;
    }
    std::vector<int64_t> numbers(values.size());
    if (!codec::decode_integers(block.column, numbers)) {
        return false;
    }
    std::memcpy(static_cast<void*>(values.data()), numbers.data(), values.size_bytes());
    return true;
}

Result<TimeBlock> parse_time_block(const Frame& frame, uint64_t offset) {
    ByteReader body(frame.body);
    const uint64_t count = body.varint();
    if (frame.kind != FrameKind::Time || !body.ok() || count == 0 || count > kBlockSamplesMax) {
        return fail(ErrorCode::Corruption, fmt::format("no time block at {}", offset));
    }
    return TimeBlock{static_cast<uint32_t>(count), body.raw(body.left())};
}

Result<std::vector<TimestampNs>> decode_time_block(const Frame& frame, uint64_t offset) {
    const TimeBlock block = TRY(parse_time_block(frame, offset));
    std::vector<TimestampNs> times(block.count);
    if (!codec::decode_times(block.column, times)) {
        return fail(ErrorCode::Corruption, fmt::format("time block at {} does not decode", offset));
    }
    return times;
}

Result<codec::TimeColumn> decode_time_column(const Frame& frame, uint64_t offset) {
    const TimeBlock block = TRY(parse_time_block(frame, offset));
    codec::TimeColumn times;
    if (!codec::decode_times(block.column, block.count, times)) {
        return fail(ErrorCode::Corruption, fmt::format("time block at {} does not decode", offset));
    }
    return times;
}

}  // namespace cistern::store
