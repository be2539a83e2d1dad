// SPDX-License-Identifier: MIT
#include "store/catalog/series_index.h"

#include <algorithm>
#include <array>

namespace cistern::store {
namespace {

constexpr size_t kSlotsMin = 64;
constexpr size_t kPairsMax = kLabelCountMax + 1;  // and the metric's name

uint64_t hash_pairs(std::span<const uint32_t> pairs) {
    uint64_t hash = 0x8ebc6af09c88c6e3ULL;
    for (const uint32_t pair : pairs) {
        hash = (hash ^ pair) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29;
    }
    return hash;
}

}  // namespace

std::span<const uint32_t> SeriesIndex::pair_ids(uint32_t id) const {
    const uint32_t* run = runs_.at(series_[id].labels_at);
    return {run + 1, run[0] & 0xffff};
}

ValueType SeriesIndex::type(uint32_t id) const {
    return static_cast<ValueType>(*runs_.at(series_[id].labels_at) >> 16);
}

size_t SeriesIndex::slot_of(std::span<const uint32_t> pairs) const {
    const size_t mask = slots_.size() - 1;
    for (size_t slot = hash_pairs(pairs) & mask;; slot = (slot + 1) & mask) {
        const uint32_t id = slots_[slot];
        if (id == 0 || std::ranges::equal(pair_ids(id), pairs)) {
            return slot;
        }
    }
}

void SeriesIndex::grow_slots() {
    const size_t size = slots_.empty() ? kSlotsMin : slots_.size() * 2;
    slots_ = std::vector<uint32_t>();
    slots_.resize(size);
    for (uint32_t id = 1; id < series_.size(); ++id) {
        if (has(id)) {
            slots_[slot_of(pair_ids(id))] = id;
        }
    }
}

std::optional<uint32_t> SeriesIndex::find(LabelSpan labels) const {
    std::array<uint32_t, kPairsMax> pairs{};
    if (labels.size() > pairs.size() || slots_.empty()) {
        return std::nullopt;
    }
    for (size_t i = 0; i < labels.size(); ++i) {
        const auto pair = pairs_.find(labels[i].name, labels[i].value);
        if (!pair) {
            return std::nullopt;
        }
        pairs[i] = *pair;
    }
    const uint32_t id = slots_[slot_of({pairs.data(), labels.size()})];
    return id == 0 ? std::nullopt : std::optional(id);
}

bool SeriesIndex::has_room(LabelSpan labels) const {
    size_t text = 0;
    for (const LabelView& label : labels) {
        text += label.name.size() + label.value.size() + 4;
    }
    return pairs_.has_room(text) && runs_.has_room(kPairsMax);
}

void SeriesIndex::insert(uint32_t id, ValueType type, LabelSpan labels) {
    CISTERN_ASSERT(id != 0 && !has(id) && labels.size() <= kPairsMax);
    if ((size_t{count_} + 2) * 8 > slots_.size() * 7) {
        grow_slots();
    }
    uint32_t* run = nullptr;
    const uint32_t labels_at = runs_.allocate(labels.size() + 1, run);
    run[0] = static_cast<uint32_t>(labels.size()) | static_cast<uint32_t>(type) << 16;
    for (size_t i = 0; i < labels.size(); ++i) {
        run[i + 1] = pairs_.intern(labels[i].name, labels[i].value);
        pairs_.add_posting(run[i + 1], id);
    }
    series_.resize(std::max<size_t>(series_.size(), size_t{id} + 1));
    const size_t slot = slot_of({run + 1, labels.size()});
    series_[id].labels_at = labels_at;
    slots_[slot] = id;
    ++count_;
}

void SeriesIndex::labels(uint32_t id, std::vector<LabelView>& into) const {
    into.clear();
    for (const uint32_t pair : pair_ids(id)) {
        into.push_back({pairs_.name(pairs_.pair(pair).name), pairs_.value(pair)});
    }
}

Labels SeriesIndex::labels(uint32_t id) const {
    std::vector<Label> labels;
    const auto ids = pair_ids(id);
    labels.reserve(ids.size());
    for (const uint32_t pair : ids) {
        labels.push_back(
            {std::string(pairs_.name(pairs_.pair(pair).name)), std::string(pairs_.value(pair))});
    }
    return Labels(std::move(labels));
}

std::optional<uint32_t> SeriesIndex::pair_of(uint32_t id, uint32_t name) const {
    for (const uint32_t pair : pair_ids(id)) {
        if (pairs_.pair(pair).name == name) {
            return pair;
        }
    }
    return std::nullopt;
}

std::vector<uint32_t> SeriesIndex::all_ids() const {
    std::vector<uint32_t> ids;
    ids.reserve(count_);
    for (uint32_t id = 1; id < series_.size(); ++id) {
        if (has(id)) {
            ids.push_back(id);
        }
    }
    return ids;
}

std::vector<std::string> SeriesIndex::label_names(const std::vector<uint32_t>* ids) const {
    std::vector<std::string> found;
    std::vector<bool> seen(pairs_.name_count(), ids == nullptr);
    if (ids != nullptr) {
        for (const uint32_t id : *ids) {
            for (const uint32_t pair : pair_ids(id)) {
                seen[pairs_.pair(pair).name] = true;
            }
        }
    }
    for (uint32_t name = 0; name < pairs_.name_count(); ++name) {
        if (seen[name]) {
            found.emplace_back(pairs_.name(name));
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<std::string> SeriesIndex::label_values(std::string_view label,
                                                   const std::vector<uint32_t>* ids) const {
    std::vector<std::string> found;
    const auto name = pairs_.find_name(label);
    if (!name) {
        return found;
    }
    std::vector<uint32_t> pairs;
    if (ids == nullptr) {
        pairs = pairs_.pairs_of(*name);
    } else {
        for (const uint32_t id : *ids) {
            if (const auto pair = pair_of(id, *name)) {
                pairs.push_back(*pair);
            }
        }
        std::sort(pairs.begin(), pairs.end());
        pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    }
    found.reserve(pairs.size());
    for (const uint32_t pair : pairs) {
        found.emplace_back(pairs_.value(pair));
    }
    std::sort(found.begin(), found.end());
    return found;
}

size_t SeriesIndex::memory_bytes() const {
    return pairs_.memory_bytes() + series_.memory_bytes() + runs_.memory_bytes() +
           slots_.capacity() * sizeof(uint32_t);
}

}  // namespace cistern::store
