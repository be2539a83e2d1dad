// SPDX-License-Identifier: MIT
// The words of the domain: timestamp, value, sample, series id, time range.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "store/base/strong_id.h"

namespace cistern::store {

// ns since the Unix epoch, UTC.
using TimestampNs = int64_t;
// A series' id, unique within one database, never reused, dense from 1.
using SeriesId = StrongId<struct SeriesTag, uint32_t>;

enum class ValueType : uint8_t {
    Float = 1,  // IEEE double, every bit kept (a stale marker is one particular NaN)
    Int = 2,    // int64, every bit kept
};

// [begin, end)
struct TimeRange {
    TimestampNs begin = std::numeric_limits<TimestampNs>::min();
    TimestampNs end = std::numeric_limits<TimestampNs>::max();

    [[nodiscard]] bool contains(TimestampNs t) const { return begin <= t && t < end; }
    [[nodiscard]] bool overlaps(TimestampNs first, TimestampNs last) const { return first < end && begin <= last; }
    bool operator==(const TimeRange&) const = default;
};

// A value as its 64 bits: double for Float series, int64 for Int series. The series knows which.
class ValueBits {
  public:
    constexpr ValueBits() = default;
    static constexpr ValueBits of(double value) { return ValueBits(std::bit_cast<uint64_t>(value)); }
    static constexpr ValueBits of_int(int64_t value) { return ValueBits(static_cast<uint64_t>(value)); }
    static constexpr ValueBits from_bits(uint64_t bits) { return ValueBits(bits); }
    [[nodiscard]] constexpr double as_double() const { return std::bit_cast<double>(bits_); }
    [[nodiscard]] constexpr int64_t as_int() const { return static_cast<int64_t>(bits_); }
    [[nodiscard]] constexpr uint64_t bits() const { return bits_; }
    // The value as PromQL sees it.
    [[nodiscard]] constexpr double number(ValueType type) const {
        return type == ValueType::Int ? static_cast<double>(as_int()) : as_double();
    }
    constexpr bool operator==(const ValueBits&) const = default;

  private:
    constexpr explicit ValueBits(uint64_t bits) : bits_(bits) {}
    uint64_t bits_ = 0;
};

// Prometheus' stale marker: a NaN with this payload means "the series ended here".
inline constexpr uint64_t kStaleMarkerBits = 0x7ff0000000000002ULL;
inline bool is_stale_marker(double value) { return std::bit_cast<uint64_t>(value) == kStaleMarkerBits; }
inline double stale_marker() { return std::bit_cast<double>(kStaleMarkerBits); }

struct Sample {
    SeriesId series;
    TimestampNs timestamp = 0;
    ValueBits value;
};

// Columns of one series: timestamps ascending and unique, values in step. [n] each.
struct SampleColumns {
    std::vector<TimestampNs> timestamps;
    std::vector<double> values;

    [[nodiscard]] size_t size() const { return timestamps.size(); }
    void clear() {
        timestamps.clear();
        values.clear();
    }
};

}  // namespace cistern::store
