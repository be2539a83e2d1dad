// SPDX-License-Identifier: MIT
// What a database's recovery, flushes, merges and retention did since it was opened.
#pragma once

#include "store/base/mutex.h"
#include "store/engine/store.h"
#include "store/partition/partition_writer.h"
#include "store/wal/wal_reader.h"

#include <algorithm>
#include <cstdint>

namespace cistern::store {

// Thread safe.
class JobCounters {
  public:
    void note_replay(const WalReport& report, int64_t took_ns) {
        const MutexLock lock(mutex_);
        sums_.replayed_records = report.records;
        sums_.replay_dropped = report.dropped_frames;
        sums_.replay_faults = report.faults.size();
        sums_.replay_ns = static_cast<uint64_t>(took_ns);
    }
    void note_flush(bool worked, int64_t took_ns) {
        const MutexLock lock(mutex_);
        sums_.flush_failures += worked ? 0 : 1;
        add_time(took_ns, sums_.flush_ns, sums_.flush_ns_max);
    }
    void note_flushed(const PartitionWriteResult& file) {
        const MutexLock lock(mutex_);
        sums_.flushed_samples += file.samples;
        sums_.flushed_bytes += file.file_bytes;
    }
    void note_merge(const PartitionWriteResult& file, int64_t took_ns) {
        const MutexLock lock(mutex_);
        ++sums_.merges;
        sums_.merged_samples += file.samples;
        sums_.merged_bytes += file.file_bytes;
        add_time(took_ns, sums_.merge_ns, sums_.merge_ns_max);
    }
    void note_expired(uint64_t files) {
        const MutexLock lock(mutex_);
        sums_.expired_files += files;
    }
    // With the other fields still zero.
    [[nodiscard]] DatabaseStats sums() const {
        const MutexLock lock(mutex_);
        return sums_;
    }

  private:
    static void add_time(int64_t took_ns, uint64_t& sum, uint64_t& largest) {
        const auto took = static_cast<uint64_t>(took_ns);
        sum += took;
        largest = std::max(largest, took);
    }

    mutable Mutex mutex_;
    DatabaseStats sums_ CISTERN_GUARDED_BY(mutex_);
};

}  // namespace cistern::store
