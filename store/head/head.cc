// SPDX-License-Identifier: MIT
#include "store/head/head.h"

#include <algorithm>

namespace cistern::store {
namespace {

constexpr uint64_t kSampleBytes = sizeof(TimestampNs) + sizeof(ValueBits);
// A column with the part of its chunk that is not used yet, as most have it.
constexpr uint64_t kSeriesBytes =
    sizeof(HeadColumn) + HeadColumn::kFirstChunkSamples * kSampleBytes;

constexpr size_t kColumnsAhead = 12;

}  // namespace

Head::Head() {
    MutexLock lock(mutex_);
    stats_.first_ns = std::numeric_limits<TimestampNs>::max();
    stats_.last_ns = std::numeric_limits<TimestampNs>::min();
}

Head::Appended Head::append(std::span<const Sample> samples) {
    MutexLock lock(mutex_);
    uint64_t replaced = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
        prefetch(samples.subspan(i));
        const Sample& sample = samples[i];
        const AppendOutcome outcome =
            column(sample.series).append(sample.timestamp, sample.value, epoch_, oldest_);
        replaced += outcome == AppendOutcome::Replaced ? 1 : 0;
        stats_.first_ns = std::min(stats_.first_ns, sample.timestamp);
        stats_.last_ns = std::max(stats_.last_ns, sample.timestamp);
    }
    stats_.samples += samples.size() - replaced;
    return {replaced, bytes()};
}

// A batch mostly has one sample of each of many series: every append would wait for memory twice.
void Head::prefetch(std::span<const Sample> coming) const {
    if (coming.size() <= kColumnsAhead) {
        return;
    }
    if (const HeadColumn* const later = find(coming[kColumnsAhead].series)) {
        __builtin_prefetch(later);
    }
    if (const HeadColumn* const soon = find(coming[kColumnsAhead / 2].series)) {
        soon->prefetch();
    }
}

HeadColumn& Head::column(SeriesId series) {
    const size_t at = series.value();
    if (at >= columns_.size()) {
        columns_.resize(at + 1);
    }
    if (columns_[at] == nullptr) {
        columns_[at] = &stored_.emplace_back();
        ++stats_.series;
    }
    return *columns_[at];
}

const HeadColumn* Head::find(SeriesId series) const {
    return series.value() < columns_.size() ? columns_[series.value()] : nullptr;
}

Epoch Head::open_snapshot() {
    MutexLock lock(mutex_);
    const Epoch epoch = epoch_++;
    open_.insert(epoch);
    oldest_ = *open_.begin();
    return epoch;
}

void Head::release_snapshot(Epoch epoch) {
    MutexLock lock(mutex_);
    open_.erase(open_.find(epoch));
    oldest_ = open_.empty() ? kLatestEpoch : *open_.begin();
}

void Head::read(SeriesId series,
                Epoch epoch,
                TimeRange range,
                std::vector<TimestampNs>& timestamps,
                std::vector<ValueBits>& values) const {
    MutexLock lock(mutex_);
    if (const HeadColumn* const found = find(series)) {
        found->read(epoch, range, timestamps, values);
    }
}

bool Head::may_have(SeriesId series, TimeRange range) const {
    MutexLock lock(mutex_);
    const HeadColumn* const found = find(series);
    return found != nullptr && found->may_overlap(range);
}

TimestampNs Head::last_ns(SeriesId series) const {
    MutexLock lock(mutex_);
    const HeadColumn* const found = find(series);
    return found != nullptr ? found->last_ns() : std::numeric_limits<TimestampNs>::min();
}

std::vector<SeriesId> Head::series() const {
    MutexLock lock(mutex_);
    std::vector<SeriesId> ids;
    for (uint32_t id = 0; id < columns_.size(); ++id) {
        if (columns_[id] != nullptr) {
            ids.emplace_back(id);
        }
    }
    return ids;
}

HeadStats Head::stats() const {
    MutexLock lock(mutex_);
    HeadStats stats = stats_;
    stats.bytes = bytes();
    return stats;
}

uint64_t Head::bytes() const {
    return stats_.samples * kSampleBytes + stats_.series * kSeriesBytes +
           columns_.size() * sizeof(void*);
}

bool Head::empty() const {
    MutexLock lock(mutex_);
    return stats_.samples == 0;
}

}  // namespace cistern::store
