// SPDX-License-Identifier: MIT
#include "store/engine/live_files.h"

#include "store/base/log.h"

namespace cistern::store {

LiveFile::LiveFile(FileSystem& fs, const std::string& folder, FileInfo info)
    : fs_(fs), info_(std::move(info)), path_(folder + "/" + info_.name) {}

LiveFile::~LiveFile() {
    if (!obsolete_.load(std::memory_order_acquire)) {
        return;
    }
    // Not worth a failure: a file that the MANIFEST does not name is removed at the next open.
    if (auto removed = fs_.remove(path_); !removed && removed.error().code != ErrorCode::NotFound) {
        log_warn("{}", removed.error().message);
    }
}

Result<std::shared_ptr<PartitionReader>> ReaderCache::open(const LiveFile& file) {
    {
        MutexLock lock(mutex_);
        if (const auto found = by_path_.find(file.path()); found != by_path_.end()) {
            recent_.splice(recent_.begin(), recent_, found->second);
            return found->second->reader;
        }
    }
    auto reader = TRY(PartitionReader::open(fs_, file.path()));
    faults_.note(file.path(), reader->index_faults());
    MutexLock lock(mutex_);
    if (by_path_.contains(file.path())) {  // another thread was faster
        return reader;
    }
    recent_.push_front({file.path(), reader});
    by_path_[file.path()] = recent_.begin();
    if (recent_.size() > readers_max_) {
        by_path_.erase(recent_.back().path);
        recent_.pop_back();
    }
    return reader;
}

void ReaderCache::forget(const LiveFile& file) {
    MutexLock lock(mutex_);
    if (const auto found = by_path_.find(file.path()); found != by_path_.end()) {
        recent_.erase(found->second);
        by_path_.erase(found);
    }
}

}  // namespace cistern::store
