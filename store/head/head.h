// SPDX-License-Identifier: MIT
// All samples of one database that are not in partition files yet.
#pragma once

#include "store/base/mutex.h"
#include "store/head/head_column.h"
#include "store/model/sample.h"

#include <deque>
#include <set>
#include <span>
#include <vector>

namespace cistern::store {

struct HeadStats {
    uint64_t samples = 0;  // distinct
    uint64_t bytes = 0;    // about
    uint64_t series = 0;
    TimestampNs first_ns = 0, last_ns = 0;
};

// Thread safe. Memory: 16 bytes per sample in chunks, a column object per series with samples.
class Head {
  public:
    Head();

    struct Appended {
        uint64_t replaced = 0;  // had the timestamp of a sample already here
        uint64_t bytes = 0;     // of the head now, about
    };
    // To a snapshot all of the samples are there or none.
    Appended append(std::span<const Sample> samples);

    // The view as of now stays readable until it is released.
    [[nodiscard]] Epoch open_snapshot();
    void release_snapshot(Epoch epoch);

    // Appends what the snapshot sees of a series in range. kLatestEpoch = everything.
    void read(SeriesId series,
              Epoch epoch,
              TimeRange range,
              std::vector<TimestampNs>& timestamps,
              std::vector<ValueBits>& values) const;
    // False when there is certainly nothing.
    [[nodiscard]] bool may_have(SeriesId series, TimeRange range) const;
    // The newest timestamp of a series, or the smallest there is.
    [[nodiscard]] TimestampNs last_ns(SeriesId series) const;
    // With samples, ascending.
    [[nodiscard]] std::vector<SeriesId> series() const;
    [[nodiscard]] HeadStats stats() const;
    [[nodiscard]] bool empty() const;

  private:
    void prefetch(std::span<const Sample> coming) const CISTERN_REQUIRES(mutex_);
    [[nodiscard]] HeadColumn& column(SeriesId series) CISTERN_REQUIRES(mutex_);
    [[nodiscard]] const HeadColumn* find(SeriesId series) const CISTERN_REQUIRES(mutex_);
    [[nodiscard]] uint64_t bytes() const CISTERN_REQUIRES(mutex_);

    mutable Mutex mutex_;
    std::vector<HeadColumn*> columns_ CISTERN_GUARDED_BY(mutex_);  // by series id; null: no samples
    std::deque<HeadColumn> stored_ CISTERN_GUARDED_BY(mutex_);     // addresses stay
    std::multiset<Epoch> open_ CISTERN_GUARDED_BY(mutex_);
    Epoch epoch_ CISTERN_GUARDED_BY(mutex_) = 1;
    Epoch oldest_ CISTERN_GUARDED_BY(mutex_) = kLatestEpoch;
    HeadStats stats_ CISTERN_GUARDED_BY(mutex_);
};

}  // namespace cistern::store
