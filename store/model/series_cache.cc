// SPDX-License-Identifier: MIT
#include "store/model/series_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cistern::store {
namespace {

constexpr size_t kSlotsMin = 64;
__extension__ using Wide = unsigned __int128;

uint64_t load(const char* at) {
    uint64_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return value;
}

uint64_t mix(uint64_t a, uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

// The multiply-and-fold step of wyhash (Wang Yi, public domain), 16 bytes at a time.
uint64_t hash_key_text(std::string_view text) {
    constexpr uint64_t kA = 0xa0761d6478bd642fULL;
    constexpr uint64_t kB = 0xe7037ed1a0b428dbULL;
    constexpr uint64_t kC = 0x8ebc6af09c88c6e3ULL;
    const char* at = text.data();
    size_t left = text.size();
    uint64_t hash = kC ^ text.size();
    while (left > 16) {
        hash = mix(load(at) ^ kA, load(at + 8) ^ hash);
        at += 16;
        left -= 16;
    }
    uint64_t low = 0;
    uint64_t high = 0;
    if (left >= 8) {
        low = load(at);
        high = load(at + left - 8);
    } else if (left > 0) {
        std::memcpy(&low, at, left);
        high = left;
    }
    return mix(mix(low ^ kA, high ^ hash) ^ kB, kC);
}

size_t SeriesCache::Generation::slot_of(std::string_view key, uint64_t hash) const {
    const size_t mask = slots.size() - 1;
    const auto tag = static_cast<uint32_t>(hash >> 32);
    for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
        const Entry& entry = slots[slot];
        if (entry.id == 0) {
            return slot;
        }
        if (entry.hash == tag && entry.text_size == key.size() &&
            std::memcmp(text.data() + entry.text_at, key.data(), key.size()) == 0) {
            return slot;
        }
    }
}

const SeriesCache::Entry* SeriesCache::Generation::find(std::string_view key, uint64_t hash) const {
    if (slots.empty()) {
        return nullptr;
    }
    const Entry& entry = slots[slot_of(key, hash)];
    return entry.id == 0 ? nullptr : &entry;
}

void SeriesCache::Generation::grow() {
    std::vector<Entry> before =
        std::exchange(slots, std::vector<Entry>(std::max(kSlotsMin, slots.size() * 2)));
    const size_t mask = slots.size() - 1;
    for (const Entry& entry : before) {
        if (entry.id == 0) {
            continue;
        }
        size_t slot = hash_key_text({text.data() + entry.text_at, entry.text_size}) & mask;
        while (slots[slot].id != 0) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = entry;
    }
}

SeriesCache::SeriesCache(size_t entries_max, size_t text_bytes_max)
    : entries_max_(std::max<size_t>(entries_max / 2, 1)),
      text_bytes_max_(std::max<size_t>(text_bytes_max / 2, 1)) {}

std::optional<SeriesCache::Series> SeriesCache::find_old(std::string_view key, uint64_t hash) {
    const Entry* entry = old_.find(key, hash);
    if (entry == nullptr) {
        return std::nullopt;
    }
    const Series series{SeriesId(entry->id), entry->type};
    insert_hashed(key, hash, series);
    return series;
}

void SeriesCache::insert_hashed(std::string_view key, uint64_t hash, Series series) {
    if (series.id.value() == 0 || key.size() > text_bytes_max_) {
        return;
    }
    if (young_.count >= entries_max_ || young_.text.size() + key.size() > text_bytes_max_) {
        old_ = std::exchange(young_, Generation());
    }
    if ((young_.count + 1) * 4 > young_.slots.size() * 3) {
        young_.grow();
    }
    Entry& entry = young_.slots[young_.slot_of(key, hash)];
    if (entry.id == 0) {
        entry.hash = static_cast<uint32_t>(hash >> 32);
        entry.text_at = static_cast<uint32_t>(young_.text.size());
        entry.text_size = static_cast<uint32_t>(key.size());
        young_.text.insert(young_.text.end(), key.begin(), key.end());
        ++young_.count;
    }
    entry.id = series.id.value();
    entry.type = series.type;
}

void SeriesCache::clear() {
    young_ = Generation();
    old_ = Generation();
}

}  // namespace cistern::store
