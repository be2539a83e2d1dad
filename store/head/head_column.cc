// SPDX-License-Identifier: MIT
#include "store/head/head_column.h"

#include "store/head/merge.h"

#include <algorithm>

namespace cistern::store {

AppendOutcome HeadColumn::append_slowly(TimestampNs timestamp,
                                        ValueBits value,
                                        Epoch now,
                                        Epoch oldest) {
    enter_epoch(now, oldest);
    first_ns_ = std::min(first_ns_, timestamp);
    if (timestamp <= last_ns_) {
        return add_late(timestamp, value, now, oldest);
    }
    if (tail_count_ == tail_capacity_) {
        grow_tail();
    }
    tail_.timestamps[tail_count_] = timestamp;
    tail_.values[tail_count_] = value;
    ++tail_count_;
    last_ns_ = timestamp;
    return AppendOutcome::Added;
}

void HeadColumn::enter_epoch(Epoch now, Epoch oldest) {
    if (epoch_ == now) {
        return;
    }
    std::erase_if(marks_, [oldest](const Mark& mark) { return mark.up_to < oldest; });
    if (oldest != kLatestEpoch) {
        marks_.push_back({now - 1, in_order(), nullptr});
    }
    epoch_ = now;
}

void HeadColumn::grow_tail() {
    if (tail_capacity_ == kChunkSamples) {
        full_.push_back(std::move(tail_));
        tail_count_ = tail_capacity_ = 0;
    }
    const bool first_chunk = full_.empty();
    const uint32_t capacity = !first_chunk          ? kChunkSamples
                              : tail_capacity_ == 0 ? kFirstChunkSamples
                                                    : tail_capacity_ * 2;
    Chunk grown{std::make_unique_for_overwrite<TimestampNs[]>(capacity),
                std::make_unique_for_overwrite<ValueBits[]>(capacity)};
    std::copy_n(tail_.timestamps.get(), tail_count_, grown.timestamps.get());
    std::copy_n(tail_.values.get(), tail_count_, grown.values.get());
    tail_ = std::move(grown);
    tail_capacity_ = capacity;
}

AppendOutcome HeadColumn::add_late(TimestampNs timestamp,
                                   ValueBits value,
                                   Epoch now,
                                   Epoch oldest) {
    const ValueBits* const held = find(timestamp);
    const bool replaces = held != nullptr;
    if (replaces && *held == value) {
        return AppendOutcome::Replaced;  // a redelivery: nothing to keep
    }
    auto at = std::upper_bound(
        late_.begin(), late_.end(), timestamp, [](TimestampNs t, const Late& late) {
            return t < late.timestamp;
        });
    if (oldest == kLatestEpoch && at != late_.begin() && std::prev(at)->timestamp == timestamp) {
        *std::prev(at) = {timestamp, value, now};  // no snapshot sees the old one
    } else {
        late_.insert(at, {timestamp, value, now});
    }
    late_added_ += replaces ? 0 : 1;
    if (late_.size() >= kLateMax) {
        merge_late(oldest);
    }
    return replaces ? AppendOutcome::Replaced : AppendOutcome::Added;
}

void HeadColumn::merge_late(Epoch oldest) {
    if (oldest != kLatestEpoch) {
        keep_past();
    } else {
        marks_.clear();
    }
    SampleRun merged;
    read(kLatestEpoch, TimeRange{}, merged.timestamps, merged.values);
    rebuild(merged.timestamps, merged.values);
    late_.clear();
    late_added_ = 0;
}

// Every open snapshot has a mark: it is older than the sample just appended.
void HeadColumn::keep_past() {
    auto past = std::make_shared<Past>();
    copy_in_order(0, in_order(), past->timestamps, past->values);
    past->late = late_;
    for (Mark& mark : marks_) {
        if (mark.past == nullptr) {
            mark.past = past;
        }
    }
}

void HeadColumn::rebuild(const std::vector<TimestampNs>& timestamps,
                         const std::vector<ValueBits>& values) {
    full_.clear();
    tail_count_ = tail_capacity_ = 0;
    for (size_t i = 0; i < timestamps.size(); ++i) {
        if (tail_count_ == tail_capacity_) {
            grow_tail();
        }
        tail_.timestamps[tail_count_] = timestamps[i];
        tail_.values[tail_count_] = values[i];
        ++tail_count_;
    }
}

void HeadColumn::read(Epoch epoch,
                      TimeRange range,
                      std::vector<TimestampNs>& timestamps,
                      std::vector<ValueBits>& values) const {
    const auto mark = std::find_if(
        marks_.begin(), marks_.end(), [epoch](const Mark& one) { return epoch <= one.up_to; });
    const bool marked = epoch != kLatestEpoch && mark != marks_.end();
    const uint64_t count = marked ? mark->in_order : in_order();
    const Past* const past = marked ? mark->past.get() : nullptr;
    if (past == nullptr && late_.empty()) {
        const uint64_t from = rank(range.begin, count);
        copy_in_order(from, std::max(from, rank(range.end, count)), timestamps, values);
        return;
    }
    SampleRun run;
    if (past != nullptr) {
        const auto end_of_seen = past->timestamps.begin() + static_cast<ptrdiff_t>(count);
        const auto from = std::lower_bound(past->timestamps.begin(), end_of_seen, range.begin) -
                          past->timestamps.begin();
        const auto to = std::lower_bound(past->timestamps.begin(), end_of_seen, range.end) -
                        past->timestamps.begin();
        run.timestamps.assign(past->timestamps.begin() + from, past->timestamps.begin() + to);
        run.values.assign(past->values.begin() + from, past->values.begin() + to);
    } else {
        const uint64_t from = rank(range.begin, count);
        copy_in_order(from, std::max(from, rank(range.end, count)), run.timestamps, run.values);
    }
    SampleRun late;
    for (const Late& one : past != nullptr ? past->late : late_) {
        if (one.epoch > epoch || !range.contains(one.timestamp)) {
            continue;
        }
        if (!late.empty() && late.timestamps.back() == one.timestamp) {
            late.values.back() = one.value;
        } else {
            late.timestamps.push_back(one.timestamp);
            late.values.push_back(one.value);
        }
    }
    merge_newer(run, late.timestamps, late.values);
    timestamps.insert(timestamps.end(), run.timestamps.begin(), run.timestamps.end());
    values.insert(values.end(), run.values.begin(), run.values.end());
}

const ValueBits* HeadColumn::find(TimestampNs timestamp) const {
    const auto behind = std::upper_bound(
        late_.begin(), late_.end(), timestamp, [](TimestampNs t, const Late& late) {
            return t < late.timestamp;
        });
    if (behind != late_.begin() && std::prev(behind)->timestamp == timestamp) {
        return &std::prev(behind)->value;
    }
    const uint64_t at = rank(timestamp, in_order());
    if (at < in_order() && timestamp_at(at) == timestamp) {
        return &chunk_of(at).values[at % kChunkSamples];
    }
    return nullptr;
}

uint64_t HeadColumn::rank(TimestampNs timestamp, uint64_t count) const {
    uint64_t low = 0;
    uint64_t high = count;
    while (low < high) {
        const uint64_t middle = (low + high) / 2;
        if (timestamp_at(middle) < timestamp) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void HeadColumn::copy_in_order(uint64_t from,
                               uint64_t to,
                               std::vector<TimestampNs>& timestamps,
                               std::vector<ValueBits>& values) const {
    while (from < to) {
        const Chunk& chunk = chunk_of(from);
        const uint64_t first = from % kChunkSamples;
        const uint64_t count = std::min(to - from, kChunkSamples - first);
        timestamps.insert(timestamps.end(),
                          chunk.timestamps.get() + first,
                          chunk.timestamps.get() + first + count);
        values.insert(values.end(), chunk.values.get() + first, chunk.values.get() + first + count);
        from += count;
    }
}

uint64_t HeadColumn::memory_bytes() const {
    const uint64_t samples = full_.size() * kChunkSamples + tail_capacity_;
    return sizeof(*this) + samples * (sizeof(TimestampNs) + sizeof(ValueBits)) +
           full_.capacity() * sizeof(Chunk) + late_.capacity() * sizeof(Late) +
           marks_.capacity() * sizeof(Mark);
}

}  // namespace cistern::store
