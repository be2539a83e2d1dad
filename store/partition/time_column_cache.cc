// SPDX-License-Identifier: MIT
#include "store/partition/time_column_cache.h"

#include <utility>

namespace cistern::store {
namespace {

constexpr size_t kSharedBytes = size_t{4} << 20;  // about 64 columns of 8192

}  // namespace

TimeColumnCache::Column TimeColumnCache::find(uint64_t reader, uint32_t time_block) {
    const MutexLock lock(mutex_);
    const auto found = by_key_.find({reader, time_block});
    if (found == by_key_.end()) {
        return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->column;
}

void TimeColumnCache::keep(uint64_t reader, uint32_t time_block, Column column) {
    const MutexLock lock(mutex_);
    const Key key{reader, time_block};
    if (by_key_.contains(key)) {
        return;
    }
    bytes_ += bytes_of(column);
    entries_.push_front({key, std::move(column)});
    by_key_.emplace(key, entries_.begin());
    while (bytes_ > bytes_max_ && entries_.size() > 1) {
        bytes_ -= bytes_of(entries_.back().column);
        by_key_.erase(entries_.back().key);
        entries_.pop_back();
    }
}

TimeColumnCache& shared_time_columns() {
    static TimeColumnCache cache(kSharedBytes);
    return cache;
}

}  // namespace cistern::store
