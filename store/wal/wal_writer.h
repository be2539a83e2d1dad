// SPDX-License-Identifier: MIT
// Appends to the log: segments written with zeros beforehand and recycled, one pwrite per append,
// group sync, and a new segment after any failure.
#pragma once

#include "store/base/clock.h"
#include "store/base/file_system.h"
#include "store/base/mutex.h"
#include "store/base/result.h"
#include "store/wal/options.h"
#include "store/wal/wal_record.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cistern::store {

// A segment that is no longer written to.
struct ClosedSegment {
    uint64_t id = 0;
    uint64_t last_lsn = 0;
    uint64_t file_bytes = 0;
    bool reusable = true;  // false: the disk failed under it, or it is not of the usual size
};

// Where recovery left off.
struct WalStart {
    uint64_t next_lsn = 1;
    uint64_t previous_end_lsn = 0;  // last lsn that was recovered
    uint64_t next_segment_id = 1;
    std::vector<ClosedSegment> segments;
};

struct WalStats {
    uint64_t segments = 0;  // files
    uint64_t bytes = 0;     // of segments that hold what is not in partition files yet
    uint64_t syncs = 0;
    uint64_t sync_ns = 0;  // all of them together
    uint64_t sync_ns_max = 0;
    uint64_t writes = 0;  // one for each append
    uint64_t written_bytes = 0;
    uint64_t unsynced_bytes = 0;
    uint64_t poisoned = 0;  // segments given up after a failed write or sync
};

// append() and source_number() from one thread at a time; everything else from any thread.
// Memory: what was written since the last sync, at most one segment.
class WalWriter {
  public:
    // Touches no file: the first append makes the first segment.
    WalWriter(FileSystem& fs, Clock& clock, std::string folder, WalOptions options, WalStart start);

    // Writes all frames of the batch with one pwrite; the lsn of the last one. On failure nothing
    // of the batch will be replayed: ResourceExhausted = no room for a segment, Io = the disk
    // failed and a new segment did not help.
    [[nodiscard]] Result<uint64_t> append(WalBatch& batch);
    // Everything appended so far is on the device. After a failed sync the data is written again
    // to a new segment and that is synced.
    [[nodiscard]] Status sync();
    // Returns at once when another thread's sync covered `lsn`.
    [[nodiscard]] Status sync_to(uint64_t lsn);
    // Segments with nothing above `lsn` may be written over or removed.
    void recycle(uint64_t lsn);
    // The last call: when recycle() has covered everything, leaves no file behind. Identifiers of
    // segments may begin anew only after the removal is durable, so that is waited for.
    [[nodiscard]] Status remove_all();

    // The number that stands for a stamp's source in the log; new ones are added to `batch`.
    // 0 = no number left (kWalSourcesMax): the stamp is not kept.
    uint32_t source_number(uint64_t source, WalBatch& batch);

    [[nodiscard]] uint64_t last_lsn() const;
    [[nodiscard]] uint64_t synced_lsn() const;
    [[nodiscard]] uint64_t unsynced_bytes() const {
        return unsynced_bytes_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] WalStats stats() const;

  private:
    [[nodiscard]] bool has_room(size_t bytes) const;
    [[nodiscard]] Status roll(size_t bytes);
    [[nodiscard]] Status write(WalBatch& batch) CISTERN_REQUIRES(mutex_);
    [[nodiscard]] Status sync_once() CISTERN_REQUIRES(sync_mutex_);
    [[nodiscard]] Status replace_segment(size_t extra_bytes) CISTERN_REQUIRES(mutex_);
    [[nodiscard]] Status open_segment(size_t bytes) CISTERN_REQUIRES(mutex_);
    [[nodiscard]] Status prepare_file(const std::string& path, uint64_t bytes)
        CISTERN_REQUIRES(mutex_);
    [[nodiscard]] Result<uint64_t> write_start() CISTERN_REQUIRES(mutex_);
    void close_segment(bool reusable) CISTERN_REQUIRES(mutex_);
    void release_closed() CISTERN_REQUIRES(mutex_);
    [[nodiscard]] uint64_t start_bytes_max() const CISTERN_REQUIRES(mutex_);
    void remove_excess_spares() CISTERN_REQUIRES(mutex_);
    [[nodiscard]] std::string path_of(uint64_t id) const;

    FileSystem& fs_;
    Clock& clock_;
    const std::string folder_;
    const WalOptions options_;

    Mutex sync_mutex_;  // before mutex_; one sync at a time
    mutable Mutex mutex_;
    std::shared_ptr<File> file_ CISTERN_GUARDED_BY(mutex_);
    uint64_t segment_id_ CISTERN_GUARDED_BY(mutex_) = 0;
    uint64_t segment_first_lsn_ CISTERN_GUARDED_BY(mutex_) = 0;
    uint64_t next_segment_id_ CISTERN_GUARDED_BY(mutex_);
    uint32_t seed_ CISTERN_GUARDED_BY(mutex_) = 0;
    uint64_t offset_ CISTERN_GUARDED_BY(mutex_) = 0;      // of the next frame
    uint64_t file_bytes_ CISTERN_GUARDED_BY(mutex_) = 0;  // written beforehand
    uint64_t last_lsn_ CISTERN_GUARDED_BY(mutex_);
    uint64_t synced_lsn_ CISTERN_GUARDED_BY(mutex_);
    uint64_t previous_end_lsn_ CISTERN_GUARDED_BY(mutex_);
    uint64_t recycled_lsn_ CISTERN_GUARDED_BY(mutex_) = 0;
    bool mark_due_ CISTERN_GUARDED_BY(mutex_) = false;
    // Frames that are not known to be on the device, to write them again if it fails.
    std::vector<std::byte> syncing_ CISTERN_GUARDED_BY(mutex_);     // a running sync covers these
    std::vector<std::byte> unsynced_ CISTERN_GUARDED_BY(mutex_);    // and not these
    std::vector<ClosedSegment> closed_ CISTERN_GUARDED_BY(mutex_);  // still needed, ascending
    std::vector<ClosedSegment> spares_ CISTERN_GUARDED_BY(mutex_);
    std::vector<uint64_t> sources_ CISTERN_GUARDED_BY(mutex_);
    WalStats counters_ CISTERN_GUARDED_BY(mutex_);
    WalBatch mark_ CISTERN_GUARDED_BY(mutex_);
    std::atomic<uint64_t> unsynced_bytes_{0};
};

}  // namespace cistern::store
