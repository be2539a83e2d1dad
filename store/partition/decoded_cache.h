// SPDX-License-Identifier: MIT
// Decoded time columns and index pages of all open partition files, least recently used out first.
// The fields of one message share a time column and queries go through series in order: one decode
// serves many. One cache for the process, so that memory does not grow with the number of files.
#pragma once

#include "store/base/mutex.h"

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

namespace cistern::store {

// Thread safe.
class DecodedCache {
  public:
    enum class Kind : uint8_t { Times, TimePage, BlockPage };
    struct Key {
        uint64_t file = 0;    // a number that no other open file has had
        uint32_t number = 0;  // of the time block or page
        Kind kind = Kind::Times;
        bool operator==(const Key&) const = default;
    };

    struct Stats {
        uint64_t bytes = 0, bytes_max = 0;
        uint64_t hits = 0, misses = 0;
        uint64_t evictions = 0;  // for want of room
    };

    explicit DecodedCache(size_t bytes_max) : bytes_max_(bytes_max) {}

    // Null when it is not here. `Decoded` must be what was kept under a key of this kind.
    template <class Decoded>
    std::shared_ptr<const Decoded> find(const Key& key) {
        return std::static_pointer_cast<const Decoded>(find_any(key));
    }
    void keep(const Key& key, std::shared_ptr<const void> decoded, size_t bytes)
        CISTERN_EXCLUDES(mutex_);
    // Of a file that is closed.
    void forget(uint64_t file) CISTERN_EXCLUDES(mutex_);

    [[nodiscard]] size_t bytes() const CISTERN_EXCLUDES(mutex_);
    [[nodiscard]] Stats stats() const CISTERN_EXCLUDES(mutex_);

  private:
    struct KeyHash {
        size_t operator()(const Key& key) const noexcept {
            const uint64_t mixed =
                key.file * 0x9e3779b97f4a7c15ULL + static_cast<uint64_t>(key.kind);
            return mixed ^ (static_cast<uint64_t>(key.number) << 8);
        }
    };
    struct Entry {
        Key key;
        std::shared_ptr<const void> decoded;
        size_t bytes = 0;
    };
    using Entries = std::list<Entry>;

    std::shared_ptr<const void> find_any(const Key& key) CISTERN_EXCLUDES(mutex_);
    void drop(Entries::iterator entry) CISTERN_REQUIRES(mutex_);

    const size_t bytes_max_;
    mutable Mutex mutex_;
    Entries entries_ CISTERN_GUARDED_BY(mutex_);  // most recently used first
    std::unordered_map<Key, Entries::iterator, KeyHash> by_key_ CISTERN_GUARDED_BY(mutex_);
    size_t bytes_ CISTERN_GUARDED_BY(mutex_) = 0;
    uint64_t hits_ CISTERN_GUARDED_BY(mutex_) = 0;
    uint64_t misses_ CISTERN_GUARDED_BY(mutex_) = 0;
    uint64_t evictions_ CISTERN_GUARDED_BY(mutex_) = 0;
};

DecodedCache& decoded_cache();

}  // namespace cistern::store
