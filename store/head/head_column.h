// SPDX-License-Identifier: MIT
// The newest samples of one series in memory: columns in time order, a short list of late samples
// beside them, and what open snapshots need to see the past.
#pragma once

#include "store/model/sample.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace cistern::store {

// Counts snapshots of a head; a sample belongs to the epoch it was appended in.
using Epoch = uint64_t;
inline constexpr Epoch kLatestEpoch = std::numeric_limits<Epoch>::max();

enum class AppendOutcome : uint8_t { Added, Replaced };

// Not thread safe: Head guards it. 48 bytes and one allocation while its samples are few, in order
// and read by nobody: most series send a handful between two flushes.
class HeadColumn {
  public:
    HeadColumn() = default;
    ~HeadColumn() = default;
    HeadColumn(const HeadColumn&) = delete;
    HeadColumn& operator=(const HeadColumn&) = delete;

    // `now` is the head's epoch, `oldest` the oldest open snapshot's (kLatestEpoch = none open).
    AppendOutcome append(TimestampNs timestamp, ValueBits value, Epoch now, Epoch oldest) {
        if (timestamp > last_ns_ && now == epoch_ && tail_count_ < tail_capacity_) [[likely]] {
            put(timestamp, value);
            return AppendOutcome::Added;
        }
        return append_slowly(timestamp, value, now, oldest);
    }

    // Asks for the memory that the next append in order will write.
    void prefetch() const {
        __builtin_prefetch(tail_.timestamps() + tail_count_, 1);
        __builtin_prefetch(tail_.values(tail_capacity_) + tail_count_, 1);
    }

    // Appends to the columns what a snapshot of `epoch` sees in range: ascending, unique.
    void read(Epoch epoch,
              TimeRange range,
              std::vector<TimestampNs>& timestamps,
              std::vector<ValueBits>& values) const;
    // False when a snapshot of `epoch` certainly sees nothing in range.
    [[nodiscard]] bool may_overlap(TimeRange range) const {
        return size() > 0 && range.overlaps(first_ns_, last_ns_);
    }

    // Distinct timestamps, as of now.
    [[nodiscard]] uint64_t size() const {
        return in_order() + (rest_ != nullptr ? rest_->late_added : 0);
    }
    [[nodiscard]] TimestampNs first_ns() const { return first_ns_; }
    [[nodiscard]] TimestampNs last_ns() const { return last_ns_; }

    static constexpr uint32_t kFirstChunkSamples = 4;

  private:
    static constexpr uint32_t kChunkSamples = 256;
    static constexpr size_t kLateMax = 1024;

    // The timestamps, and behind them the values: one allocation.
    class Chunk {
      public:
        Chunk() = default;
        explicit Chunk(uint32_t capacity)
            : bytes_(std::make_unique_for_overwrite<std::byte[]>(
                  capacity * (sizeof(TimestampNs) + sizeof(ValueBits)))) {}
        [[nodiscard]] TimestampNs* timestamps() const {
            return reinterpret_cast<TimestampNs*>(bytes_.get());
        }
        [[nodiscard]] ValueBits* values(uint32_t capacity) const {
            return reinterpret_cast<ValueBits*>(bytes_.get() + capacity * sizeof(TimestampNs));
        }

      private:
        std::unique_ptr<std::byte[]> bytes_;
    };
    static_assert(sizeof(TimestampNs) == sizeof(ValueBits));
    // Of equal timestamps the later entry is the newer one.
    struct Late {
        TimestampNs timestamp = 0;
        ValueBits value;
        Epoch epoch = 0;
    };
    // A column as it was before late samples were merged into it.
    struct Past {
        std::vector<TimestampNs> timestamps;
        std::vector<ValueBits> values;
        std::vector<Late> late;
    };
    // What snapshots up to an epoch see: this many samples of the column, or of `past`.
    struct Mark {
        Epoch up_to = 0;
        uint64_t in_order = 0;
        std::shared_ptr<const Past> past;
    };
    // What a column of few samples does not have.
    struct Rest {
        std::vector<Chunk> full;  // before the tail
        std::vector<Late> late;   // ascending by timestamp
        std::vector<Mark> marks;  // ascending by up_to
        uint64_t late_added = 0;  // late timestamps that are not among the samples in order
        [[nodiscard]] bool empty() const { return full.empty() && late.empty() && marks.empty(); }
    };
    struct ChunkView {
        const TimestampNs* timestamps;
        const ValueBits* values;
    };

    void put(TimestampNs timestamp, ValueBits value) {
        tail_.timestamps()[tail_count_] = timestamp;
        tail_.values(tail_capacity_)[tail_count_] = value;
        ++tail_count_;
        last_ns_ = timestamp;
    }
    AppendOutcome append_slowly(TimestampNs timestamp, ValueBits value, Epoch now, Epoch oldest);
    void enter_epoch(Epoch now, Epoch oldest);
    void grow_tail();
    AppendOutcome add_late(TimestampNs timestamp, ValueBits value, Epoch now, Epoch oldest);
    void merge_late(Epoch oldest);
    void keep_past();
    void rebuild(const std::vector<TimestampNs>& timestamps, const std::vector<ValueBits>& values);
    Rest& rest();
    [[nodiscard]] size_t full_chunks() const { return rest_ != nullptr ? rest_->full.size() : 0; }
    [[nodiscard]] uint64_t in_order() const { return full_chunks() * kChunkSamples + tail_count_; }
    // The newest value at a timestamp, null when there is none.
    [[nodiscard]] const ValueBits* find(TimestampNs timestamp) const;
    // Of the first `count` samples in order: how many are before `timestamp`.
    [[nodiscard]] uint64_t rank(TimestampNs timestamp, uint64_t count) const;
    void copy_in_order(uint64_t from,
                       uint64_t to,
                       std::vector<TimestampNs>& timestamps,
                       std::vector<ValueBits>& values) const;
    [[nodiscard]] ChunkView chunk_of(uint64_t index) const {
        const bool is_full = index / kChunkSamples < full_chunks();
        const Chunk& chunk = is_full ? rest_->full[index / kChunkSamples] : tail_;
        return {chunk.timestamps(), chunk.values(is_full ? kChunkSamples : tail_capacity_)};
    }
    [[nodiscard]] TimestampNs timestamp_at(uint64_t index) const {
        return chunk_of(index).timestamps[index % kChunkSamples];
    }

    Chunk tail_;
    uint32_t tail_count_ = 0;
    uint32_t tail_capacity_ = 0;
    TimestampNs last_ns_ = std::numeric_limits<TimestampNs>::min();  // of the samples in order
    Epoch epoch_ = 0;                                                // of the newest sample
    TimestampNs first_ns_ = std::numeric_limits<TimestampNs>::max();
    std::unique_ptr<Rest> rest_;  // null: empty
};
static_assert(sizeof(HeadColumn) == 48);

}  // namespace cistern::store
