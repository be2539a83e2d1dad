// SPDX-License-Identifier: MIT
#include "store/catalog/label_pairs.h"

#include "store/model/series_cache.h"

#include <utility>

namespace cistern::store {
namespace {

constexpr size_t kSlotsMin = 64;
constexpr size_t kLengthBytes = 2;

uint64_t hash_pair(uint32_t name, std::string_view value) {
    return hash_key_text(value) ^ (uint64_t{name} * 0x9e3779b97f4a7c15ULL);
}

}  // namespace

LabelPairs::LabelPairs() {
    pairs_.emplace();  // id 0 is nobody
}

std::string_view LabelPairs::text(uint32_t position) const {
    const char* at = texts_.at(position);
    uint16_t size = 0;
    std::memcpy(&size, at, kLengthBytes);
    return {at + kLengthBytes, size};
}

uint32_t LabelPairs::store_text(std::string_view text) {
    CISTERN_ASSERT(text.size() <= UINT16_MAX);
    const auto size = static_cast<uint16_t>(text.size());
    char* run = nullptr;
    const uint32_t position = texts_.allocate(kLengthBytes + text.size(), run);
    std::memcpy(run, &size, kLengthBytes);
    if (!text.empty()) {
        std::memcpy(run + kLengthBytes, text.data(), text.size());
    }
    return position;
}

std::optional<uint32_t> LabelPairs::find_name(std::string_view name) const {
    const auto found = name_index_.find(name);
    return found == name_index_.end() ? std::nullopt : std::optional(found->second);
}

size_t LabelPairs::slot_of(uint32_t name, std::string_view value) const {
    const size_t mask = slots_.size() - 1;
    for (size_t slot = hash_pair(name, value) & mask;; slot = (slot + 1) & mask) {
        const uint32_t id = slots_[slot];
        if (id == 0 || (pairs_[id].name == name && text(pairs_[id].text) == value)) {
            return slot;
        }
    }
}

void LabelPairs::grow_slots() {
    const size_t size = slots_.empty() ? kSlotsMin : slots_.size() * 2;
    slots_ = std::vector<uint32_t>();  // not both tables at once
    slots_.resize(size);
    const size_t mask = size - 1;
    for (uint32_t id = 1; id < pairs_.size(); ++id) {
        size_t slot = hash_pair(pairs_[id].name, value(id)) & mask;
        while (slots_[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        slots_[slot] = id;
    }
}

std::optional<uint32_t> LabelPairs::find(std::string_view name, std::string_view value) const {
    const auto name_id = find_name(name);
    if (!name_id || slots_.empty()) {
        return std::nullopt;
    }
    const uint32_t id = slots_[slot_of(*name_id, value)];
    return id == 0 ? std::nullopt : std::optional(id);
}

uint32_t LabelPairs::intern(std::string_view name, std::string_view value) {
    auto name_id = find_name(name);
    if (!name_id) {
        name_id = static_cast<uint32_t>(names_.size());
        names_.push_back({store_text(name), {}});
        name_index_.emplace(name, *name_id);
    }
    if ((pairs_.size() + 1) * 8 > slots_.size() * 7) {
        grow_slots();
    }
    const size_t slot = slot_of(*name_id, value);
    if (slots_[slot] == 0) {
        const auto id = static_cast<uint32_t>(pairs_.emplace());
        pairs_[id].name = *name_id;
        pairs_[id].text = store_text(value);
        names_[*name_id].pairs.push_back(id);
        slots_[slot] = id;
    }
    return slots_[slot];
}

void LabelPairs::add_posting(uint32_t pair, uint32_t series) {
    PostingList& postings = pairs_[pair].postings;
    postings_heap_bytes_ -= postings.heap_bytes();
    postings.insert(series);
    postings_heap_bytes_ += postings.heap_bytes();
}

size_t LabelPairs::memory_bytes() const {
    size_t bytes = texts_.memory_bytes() + pairs_.memory_bytes() +
                   slots_.capacity() * sizeof(uint32_t) + postings_heap_bytes_ +
                   names_.capacity() * sizeof(Name);
    for (const Name& name : names_) {
        bytes += name.pairs.capacity() * sizeof(uint32_t) + 2 * text(name.text).size() + 64;
    }
    return bytes;
}

}  // namespace cistern::store
