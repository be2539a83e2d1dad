// SPDX-License-Identifier: MIT
// Decoded time columns, least recently used out first. The fields of one message share a column,
// and queries read them one after the other: one decode serves all. Thread safe.
#pragma once

#include "store/base/mutex.h"
#include "store/model/sample.h"

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

namespace cistern::store {

class TimeColumnCache {
  public:
    using Column = std::shared_ptr<const std::vector<TimestampNs>>;

    explicit TimeColumnCache(size_t bytes_max) : bytes_max_(bytes_max) {}

    // Null when it is not here.
    Column find(uint64_t reader, uint32_t time_block) CISTERN_EXCLUDES(mutex_);
    void keep(uint64_t reader, uint32_t time_block, Column column) CISTERN_EXCLUDES(mutex_);

  private:
    struct Key {
        uint64_t reader;
        uint32_t time_block;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        size_t operator()(const Key& key) const noexcept {
            return (key.reader * 0x9e3779b97f4a7c15ULL) ^ key.time_block;
        }
    };
    struct Entry {
        Key key;
        Column column;
    };
    static size_t bytes_of(const Column& column) {
        return column->capacity() * sizeof(TimestampNs);
    }

    const size_t bytes_max_;
    Mutex mutex_;
    std::list<Entry> entries_ CISTERN_GUARDED_BY(mutex_);  // most recently used first
    std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> by_key_ CISTERN_GUARDED_BY(mutex_);
    size_t bytes_ CISTERN_GUARDED_BY(mutex_) = 0;
};

// One for all readers of the process, so that memory does not grow with the number of files.
TimeColumnCache& shared_time_columns();

}  // namespace cistern::store
