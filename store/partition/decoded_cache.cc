// SPDX-License-Identifier: MIT
#include "store/partition/decoded_cache.h"

#include <utility>

namespace cistern::store {
namespace {

constexpr size_t kProcessBytes = size_t{6} << 20;  // about 190 time columns of 8192 milliseconds

}  // namespace

std::shared_ptr<const void> DecodedCache::find_any(const Key& key) {
    const MutexLock lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
        ++misses_;
        return nullptr;
    }
    ++hits_;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->decoded;
}

void DecodedCache::keep(const Key& key, std::shared_ptr<const void> decoded, size_t bytes) {
    const MutexLock lock(mutex_);
    if (by_key_.contains(key)) {
        return;  // another thread decoded it meanwhile
    }
    entries_.push_front({key, std::move(decoded), bytes});
    by_key_.emplace(key, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > bytes_max_ && entries_.size() > 1) {
        drop(std::prev(entries_.end()));
        ++evictions_;
    }
}

void DecodedCache::forget(uint64_t file) {
    const MutexLock lock(mutex_);
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        const auto next = std::next(entry);
        if (entry->key.file == file) {
            drop(entry);
        }
        entry = next;
    }
}

size_t DecodedCache::bytes() const {
    const MutexLock lock(mutex_);
    return bytes_;
}

DecodedCache::Stats DecodedCache::stats() const {
    const MutexLock lock(mutex_);
    return {bytes_, bytes_max_, hits_, misses_, evictions_};
}

void DecodedCache::drop(Entries::iterator entry) {
    bytes_ -= entry->bytes;
    by_key_.erase(entry->key);
    entries_.erase(entry);
}

DecodedCache& decoded_cache() {
    static DecodedCache cache(kProcessBytes);
    return cache;
}

}  // namespace cistern::store
