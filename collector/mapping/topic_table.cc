// SPDX-License-Identifier: MIT
#include "collector/mapping/topic_table.h"

#include <cstring>

namespace cistern::collector {
namespace {

constexpr size_t kAllocationBytes = 16;  // the allocator's header and rounding

uint32_t hash_of(std::string_view topic) {
    return static_cast<uint32_t>(std::hash<std::string_view>()(topic));
}

}  // namespace

void TopicPlan::set_text(std::string_view topic, std::span<const Capture> captures) {
    auto text = std::make_unique_for_overwrite<char[]>(captures.size_bytes() + topic.size());
    if (!captures.empty()) {
        std::memcpy(text.get(), captures.data(), captures.size_bytes());
    }
    if (!topic.empty()) {
        std::memcpy(text.get() + captures.size_bytes(), topic.data(), topic.size());
    }
    size_ = static_cast<uint16_t>(topic.size());
    captures_ = static_cast<uint16_t>(captures.size());
    text_ = std::move(text);
}

size_t TopicPlan::bytes() const {
    const size_t fields_bytes =
        fields.heap_bytes() > 0 ? fields.heap_bytes() + kAllocationBytes : 0;
    return sizeof(TopicPlan) + captures_bytes() + size_ + kAllocationBytes + fields_bytes;
}

uint32_t TopicTable::find_number(std::string_view topic, uint32_t hash) const {
    return index_.find(hash, [&](uint32_t number) { return plans_[number].topic() == topic; });
}

TopicPlan* TopicTable::find(std::string_view topic) {
    const uint32_t found = find_number(topic, hash_of(topic));
    if (found == HashIndex::kNone) {
        return nullptr;
    }
    TopicPlan& plan = plans_[found];
    plan.recently_used = true;
    return &plan;
}

TopicPlan& TopicTable::add(std::string_view topic, const std::function<void(TopicPlan&)>& evicted) {
    size_t at = 0;
    if (plans_.size() < topics_max_) {
        at = plans_.emplace();
    } else {
        while (plans_[hand_].recently_used) {  // second chance
            plans_[hand_].recently_used = false;
            hand_ = (hand_ + 1) % plans_.size();
        }
        at = hand_;
        evicted(plans_[at]);
        index_.erase(hash_of(plans_[at].topic()), static_cast<uint32_t>(at));
        hand_ = (hand_ + 1) % plans_.size();
    }
    plans_[at] = TopicPlan(topic);
    index_.insert(hash_of(topic), static_cast<uint32_t>(at));
    return plans_[at];
}

size_t TopicTable::bytes() const {
    size_t bytes = index_.memory_bytes();
    for (size_t at = 0; at < plans_.size(); ++at) {
        bytes += plans_[at].bytes();
    }
    return bytes;
}

}  // namespace cistern::collector
