// SPDX-License-Identifier: MIT
#include "collector/mapping/topic_table.h"

namespace cistern::collector {

size_t TopicPlan::bytes() const {
    const size_t heap = topic.size() > 15 ? topic.size() + 16 : 0;
    return sizeof(TopicPlan) + 16 + heap + candidates.capacity() * sizeof(RuleCandidate) +
           captures.capacity() * sizeof(Capture) + fields.capacity() * sizeof(FieldMemo);
}

TopicPlan* TopicTable::find(std::string_view topic) {
    const auto found = index_.find(topic);
    if (found == index_.end()) {
        return nullptr;
    }
    TopicPlan* plan = plans_[found->second].get();
    plan->recently_used = true;
    return plan;
}

TopicPlan& TopicTable::add(std::string_view topic, const std::function<void(TopicPlan&)>& evicted) {
    auto plan = std::make_unique<TopicPlan>();
    plan->topic = topic;
    uint32_t at = 0;
    if (plans_.size() < topics_max_) {
        at = static_cast<uint32_t>(plans_.size());
        plans_.push_back(std::move(plan));
    } else {
        while (plans_[hand_]->recently_used) {  // second chance
            plans_[hand_]->recently_used = false;
            hand_ = (hand_ + 1) % plans_.size();
        }
        evicted(*plans_[hand_]);
        index_.erase(plans_[hand_]->topic);
        at = static_cast<uint32_t>(hand_);
        plans_[hand_] = std::move(plan);
        hand_ = (hand_ + 1) % plans_.size();
    }
    index_.emplace(plans_[at]->topic, at);
    return *plans_[at];
}

void TopicTable::for_each(const std::function<void(TopicPlan&)>& visit) {
    for (const auto& plan : plans_) {
        visit(*plan);
    }
}

size_t TopicTable::bytes() const {
    constexpr size_t kIndexNode = 48;
    size_t bytes = index_.bucket_count() * sizeof(void*);
    for (const auto& plan : plans_) {
        bytes += plan->bytes() + kIndexNode + sizeof(void*);
    }
    return bytes;
}

}  // namespace cistern::collector
