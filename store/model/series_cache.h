// SPDX-License-Identifier: MIT
// Series keys as they came over the wire -> SeriesId, so that a known series costs one hash of its
// bytes and no parsing. Used by every text import; one cache per database and dialect.
#pragma once

#include "store/model/sample.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace cistern::store {

// The hash the cache uses. Not stable between versions: never store it.
uint64_t hash_key_text(std::string_view text);

// Bounded: two generations, each with half of the limits. When the young one is full, the old one
// is thrown away, and what is asked for again moves back into the young one. Not thread safe.
class SeriesCache {
  public:
    struct Series {
        SeriesId id;
        ValueType type = ValueType::Float;
    };

    explicit SeriesCache(size_t entries_max = 1 << 18, size_t text_bytes_max = 32 << 20);

    [[nodiscard]] std::optional<Series> find(std::string_view key) {
        const uint64_t hash = hash_key_text(key);
        if (const Entry* entry = young_.find(key, hash)) [[likely]] {
            return Series{SeriesId(entry->id), entry->type};
        }
        return find_old(key, hash);
    }
    // Copies the text. A key that is there gets the new id.
    void insert(std::string_view key, Series series) {
        insert_hashed(key, hash_key_text(key), series);
    }
    void clear();

    [[nodiscard]] size_t size() const { return young_.count + old_.count; }
    [[nodiscard]] size_t memory_bytes() const {
        return young_.memory_bytes() + old_.memory_bytes();
    }

  private:
    struct Entry {
        uint32_t hash = 0;     // the upper half; the lower one chose the slot
        uint32_t text_at = 0;  // in the generation's text
        uint32_t text_size = 0;
        uint32_t id = 0;  // 0: the slot is free
        ValueType type = ValueType::Float;
    };
    struct Generation {
        std::vector<Entry> slots;  // a power of two, at most 3/4 full
        std::vector<char> text;
        size_t count = 0;

        [[nodiscard]] const Entry* find(std::string_view key, uint64_t hash) const;
        [[nodiscard]] size_t slot_of(std::string_view key, uint64_t hash) const;
        void grow();
        [[nodiscard]] size_t memory_bytes() const {
            return slots.capacity() * sizeof(Entry) + text.capacity();
        }
    };

    std::optional<Series> find_old(std::string_view key, uint64_t hash);
    void insert_hashed(std::string_view key, uint64_t hash, Series series);

    size_t entries_max_;     // per generation
    size_t text_bytes_max_;  // per generation
    Generation young_;
    Generation old_;
};

}  // namespace cistern::store
