// SPDX-License-Identifier: MIT
// What is known about each topic: which rules apply, what their captures caught, and the series of
// every payload field seen so far. Bounded: the least recently used topic makes room.
#pragma once

#include "collector/mapping/series_table.h"
#include "collector/mapping/topic_pattern.h"
#include "store/base/chunked_array.h"
#include "store/base/hash_index.h"
#include "store/base/small_array.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace cistern::collector {

struct FieldPlan;
struct EntityGroup;

// One field of one rule on one topic: found by a hash of its path and of the labels that the
// payload gives.
struct FieldMemo {
    uint64_t field = 0;
    const FieldPlan* plan = nullptr;
    uint32_t slot = kNoSlot;
    bool refused = false;      // no series: limit, bad name
    bool field_label = false;  // carries `field` because two names collided
};

struct RuleCandidate {
    uint16_t rule = 0;
    uint16_t first_capture = 0;
    uint16_t pattern = 0;
    auto operator<=>(const RuleCandidate&) const = default;
};

// 72 bytes, and one allocation for the topic with what its captures caught.
class TopicPlan {
  public:
    enum class Kind : uint8_t { Ordinary, Ignored, Sparkplug, Discovery, Random, Rejected };

    TopicPlan() = default;
    explicit TopicPlan(std::string_view topic) { set_text(topic, {}); }

    [[nodiscard]] std::string_view topic() const { return {text_.get() + captures_bytes(), size_}; }
    // In the order of the candidates.
    [[nodiscard]] const Capture* captures() const {
        return reinterpret_cast<const Capture*>(text_.get());
    }
    // Moves the topic.
    void set_captures(std::span<const Capture> captures) {
        if (captures.size() != captures_ || captures_ > 0) {
            set_text(topic(), captures);
        }
    }
    [[nodiscard]] std::span<const RuleCandidate> candidates() const { return candidates_; }
    // They must outlive the plan.
    void set_candidates(std::span<const RuleCandidate> candidates) { candidates_ = candidates; }
    [[nodiscard]] size_t bytes() const;

    Kind kind = Kind::Ordinary;
    bool recently_used = false;  // since the last look for room; a topic seen once goes first
    uint32_t generation = 0;  // of what discovery and devices taught; an old one is compiled anew
    uint32_t cursor = 0;      // where in `fields` the next field is likely found
    SmallArray<FieldMemo> fields;
    const EntityGroup* entities = nullptr;

  private:
    [[nodiscard]] size_t captures_bytes() const { return captures_ * sizeof(Capture); }
    void set_text(std::string_view topic, std::span<const Capture> captures);

    std::unique_ptr<char[]> text_;  // captures, then the topic
    std::span<const RuleCandidate> candidates_;
    uint16_t size_ = 0;  // of the topic
    uint16_t captures_ = 0;
};

class TopicTable {
  public:
    explicit TopicTable(size_t topics_max) : topics_max_(topics_max) {}
    // Null when unknown.
    TopicPlan* find(std::string_view topic);
    // Makes room when full: `evicted` is told what goes.
    TopicPlan& add(std::string_view topic, const std::function<void(TopicPlan&)>& evicted);
    // The same candidates, where they stay as long as the table: most topics share theirs.
    std::span<const RuleCandidate> keep(const std::vector<RuleCandidate>& candidates) {
        return *candidates_.insert(candidates).first;
    }
    [[nodiscard]] size_t size() const { return plans_.size(); }
    [[nodiscard]] size_t bytes() const;

  private:
    [[nodiscard]] uint32_t find_number(std::string_view topic, uint32_t hash) const;

    size_t topics_max_;
    HashIndex index_;                    // positions in plans_
    ChunkedArray<TopicPlan, 64> plans_;  // addresses stay
    std::set<std::vector<RuleCandidate>> candidates_;
    size_t hand_ = 0;
};

}  // namespace cistern::collector
