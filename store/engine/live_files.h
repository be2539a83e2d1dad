// SPDX-License-Identifier: MIT
// The live partition files of a database as one immutable list, and the few of them that are open.
#pragma once

#include "store/base/file_system.h"
#include "store/base/mutex.h"
#include "store/engine/fault_log.h"
#include "store/engine/manifest.h"
#include "store/partition/partition_reader.h"

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace cistern::store {

// One file on disk. When it was replaced or expired it is removed as soon as the last reader of a
// list that holds it is gone.
class LiveFile {
  public:
    LiveFile(FileSystem& fs, const std::string& folder, FileInfo info);
    ~LiveFile();
    LiveFile(const LiveFile&) = delete;
    LiveFile& operator=(const LiveFile&) = delete;

    [[nodiscard]] const FileInfo& info() const { return info_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    void remove_when_unused() const { obsolete_.store(true, std::memory_order_release); }

  private:
    FileSystem& fs_;
    const FileInfo info_;
    const std::string path_;
    mutable std::atomic<bool> obsolete_{false};
};

// Ascending by period, then by generation: of equal timestamps the later file's sample wins. Where
// periods overlap (the setting was changed) ascending by generation alone.
using FileList = std::vector<std::shared_ptr<const LiveFile>>;

// How many files a store that is open for reading only keeps open; below the usual limit of 1,024.
inline constexpr size_t kHeldFilesMax = 256;

// Open readers, the least recently used closed first. Thread safe.
class ReaderCache {
  public:
    ReaderCache(FileSystem& fs, FaultLog& faults, size_t readers_max)
        : fs_(fs), faults_(faults), readers_max_(readers_max) {}

    Result<std::shared_ptr<PartitionReader>> open(const LiveFile& file);
    void forget(const LiveFile& file);

  private:
    struct Entry {
        std::string path;
        std::shared_ptr<PartitionReader> reader;
    };

    FileSystem& fs_;
    FaultLog& faults_;  // a damaged index is noted when its file is opened
    const size_t readers_max_;
    Mutex mutex_;
    std::list<Entry> recent_ CISTERN_GUARDED_BY(mutex_);  // the most recently used first
    std::unordered_map<std::string, std::list<Entry>::iterator> by_path_ CISTERN_GUARDED_BY(mutex_);
};

}  // namespace cistern::store
