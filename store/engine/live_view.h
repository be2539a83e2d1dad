// SPDX-License-Identifier: MIT
// What readers see of a database: the head, heads on their way into files, and the files. Replaced
// as a whole, so that every sample is in exactly one of them.
#pragma once

#include "store/base/mutex.h"
#include "store/engine/live_files.h"
#include "store/head/head.h"
#include "store/head/merge.h"

#include <memory>
#include <vector>

namespace cistern::store {

// Takes no more samples.
struct FrozenHead {
    std::shared_ptr<Head> head;
    uint64_t end_lsn = 0;  // everything up to it is in this head, an older one or files
};

// A view as of one moment, kept until destroyed.
class Snapshot {
  public:
    Snapshot(std::shared_ptr<Head> head,
             Epoch epoch,
             std::vector<FrozenHead> frozen,
             std::shared_ptr<const FileList> files);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    // The samples of a series that are not in files: ascending, unique.
    void read_heads(SeriesId series, TimeRange range, SampleRun& into) const;
    [[nodiscard]] bool heads_may_have(SeriesId series, TimeRange range) const;
    [[nodiscard]] const FileList& files() const { return *files_; }

  private:
    std::shared_ptr<Head> head_;
    Epoch epoch_;
    std::vector<FrozenHead> frozen_;
    std::shared_ptr<const FileList> files_;
};

// Thread safe.
class LiveView {
  public:
    LiveView();

    [[nodiscard]] std::unique_ptr<Snapshot> open_snapshot() const;
    [[nodiscard]] std::shared_ptr<Head> head() const;
    [[nodiscard]] std::vector<FrozenHead> frozen() const;
    [[nodiscard]] std::shared_ptr<const FileList> files() const;

    // The caller keeps writers out. Nothing happens to an empty head.
    void freeze_head(uint64_t end_lsn);
    // The oldest frozen head is in `files` now.
    void replace_oldest_frozen(FileList files);
    void replace_files(FileList files);

  private:
    mutable Mutex mutex_;
    std::shared_ptr<Head> head_ CISTERN_GUARDED_BY(mutex_);
    std::vector<FrozenHead> frozen_ CISTERN_GUARDED_BY(mutex_);  // oldest first
    std::shared_ptr<const FileList> files_ CISTERN_GUARDED_BY(mutex_);
};

}  // namespace cistern::store
