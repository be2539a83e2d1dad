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
    put(timestamp, value);
    return AppendOutcome::Added;
}

HeadColumn::Rest& HeadColumn::rest() {
    if (rest_ == nullptr) {
        rest_ = std::make_unique<Rest>();
    }
    return *rest_;
}

void HeadColumn::enter_epoch(Epoch now, Epoch oldest) {
    if (epoch_ == now) {
        return;
    }
    if (rest_ != nullptr) {
        std::erase_if(rest_->marks, [oldest](const Mark& mark) { return mark.up_to < oldest; });
    }
    if (oldest != kLatestEpoch) {
        rest().marks.push_back({now - 1, in_order(), nullptr});
    } else if (rest_ != nullptr && rest_->empty()) {
        rest_.reset();  // it was for a snapshot
    }
    epoch_ = now;
}

void HeadColumn::grow_tail() {
    if (tail_capacity_ == kChunkSamples) {
        rest().full.push_back(std::move(tail_));
        tail_count_ = tail_capacity_ = 0;
    }
    const bool first_chunk = full_chunks() == 0;
    const uint32_t capacity = !first_chunk          ? kChunkSamples
                              : tail_capacity_ == 0 ? kFirstChunkSamples
                                                    : tail_capacity_ * 2;
    Chunk grown(capacity);
    std::copy_n(tail_.timestamps(), tail_count_, grown.timestamps());
    std::copy_n(tail_.values(tail_capacity_), tail_count_, grown.values(capacity));
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
    std::vector<Late>& late = rest().late;
    auto at =
        std::upper_bound(late.begin(), late.end(), timestamp, [](TimestampNs t, const Late& one) {
            return t < one.timestamp;
        });
    if (oldest == kLatestEpoch && at != late.begin() && std::prev(at)->timestamp == timestamp) {
        *std::prev(at) = {timestamp, value, now};  // no snapshot sees the old one
    } else {
        late.insert(at, {timestamp, value, now});
    }
    rest_->late_added += replaces ? 0 : 1;
    if (late.size() >= kLateMax) {
        merge_late(oldest);
    }
    return replaces ? AppendOutcome::Replaced : AppendOutcome::Added;
}

void HeadColumn::merge_late(Epoch oldest) {
    if (oldest != kLatestEpoch) {
        keep_past();
    } else {
        rest().marks.clear();
    }
    SampleRun merged;
    read(kLatestEpoch, TimeRange{}, merged.timestamps, merged.values);
    rebuild(merged.timestamps, merged.values);
    rest().late.clear();
    rest().late_added = 0;
}

// Every open snapshot has a mark: it is older than the sample just appended.
void HeadColumn::keep_past() {
    auto past = std::make_shared<Past>();
    copy_in_order(0, in_order(), past->timestamps, past->values);
    past->late = rest().late;
    for (Mark& mark : rest().marks) {
        if (mark.past == nullptr) {
            mark.past = past;
        }
    }
}

void HeadColumn::rebuild(const std::vector<TimestampNs>& timestamps,
                         const std::vector<ValueBits>& values) {
    rest().full.clear();
    tail_count_ = tail_capacity_ = 0;
    for (size_t i = 0; i < timestamps.size(); ++i) {
        if (tail_count_ == tail_capacity_) {
            grow_tail();
        }
        put(timestamps[i], values[i]);
    }
}

void HeadColumn::read(Epoch epoch,
                      TimeRange range,
                      std::vector<TimestampNs>& timestamps,
                      std::vector<ValueBits>& values) const {
    static const Rest kNothing;
    const Rest& rest = rest_ != nullptr ? *rest_ : kNothing;
    const auto mark = std::find_if(rest.marks.begin(), rest.marks.end(), [epoch](const Mark& one) {
        return epoch <= one.up_to;
    });
    const bool marked = epoch != kLatestEpoch && mark != rest.marks.end();
    const uint64_t count = marked ? mark->in_order : in_order();
    const Past* const past = marked ? mark->past.get() : nullptr;
    if (past == nullptr && rest.late.empty()) {
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
    for (const Late& one : past != nullptr ? past->late : rest.late) {
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
    if (rest_ != nullptr) {
        const std::vector<Late>& late = rest_->late;
        const auto behind = std::upper_bound(
            late.begin(), late.end(), timestamp, [](TimestampNs t, const Late& one) {
                return t < one.timestamp;
            });
        if (behind != late.begin() && std::prev(behind)->timestamp == timestamp) {
            return &std::prev(behind)->value;
        }
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
        const ChunkView chunk = chunk_of(from);
        const uint64_t first = from % kChunkSamples;
        const uint64_t count = std::min(to - from, kChunkSamples - first);
        timestamps.insert(
            timestamps.end(), chunk.timestamps + first, chunk.timestamps + first + count);
        values.insert(values.end(), chunk.values + first, chunk.values + first + count);
        from += count;
    }
}

}  // namespace cistern::store
