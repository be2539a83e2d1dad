// SPDX-License-Identifier: MIT
// A decoded column of timestamps in half the memory: steps of one tick since the first, where they
// fit 32 bits, which they do for a day in milliseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cistern::store::codec {

// Ascending and unique. ns since the Unix epoch.
class TimeColumn {
  public:
    TimeColumn() = default;

    [[nodiscard]] size_t size() const { return wide_.empty() ? ticks_.size() : wide_.size(); }
    [[nodiscard]] int64_t at(size_t index) const {
        return wide_.empty() ? first_ + static_cast<int64_t>(tick_ * ticks_[index]) : wide_[index];
    }
    // How many are before `time`.
    [[nodiscard]] size_t rank(int64_t time) const;
    // Those of [from, from + into.size()).
    void copy(size_t from, std::span<int64_t> into) const;

    [[nodiscard]] size_t memory_bytes() const {
        return ticks_.capacity() * sizeof(uint32_t) + wide_.capacity() * sizeof(int64_t);
    }

  private:
    friend bool decode_times(std::span<const std::byte> bytes, size_t count, TimeColumn& column);
    class Ticks;

    int64_t first_ = 0;
    uint64_t tick_ = 1;
    std::vector<uint32_t> ticks_;  // since first_
    std::vector<int64_t> wide_;    // the times themselves, where ticks do not do
};

// `count` times from exactly these bytes (times.h); false when they are damaged or not ascending
// and unique.
bool decode_times(std::span<const std::byte> bytes, size_t count, TimeColumn& column);

}  // namespace cistern::store::codec
