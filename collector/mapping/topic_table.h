// SPDX-License-Identifier: MIT
// What is known about each topic: which rules apply, what their captures caught, and the series of
// every payload field seen so far. Bounded: the least recently used topic makes room.
#pragma once

#include "collector/mapping/series_table.h"
#include "collector/mapping/topic_pattern.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
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
};

struct TopicPlan {
    enum class Kind : uint8_t { Ordinary, Ignored, Sparkplug, Discovery, Random, Rejected };
    std::string topic;
    Kind kind = Kind::Ordinary;
    bool recently_used = false;  // since the last look for room; a topic seen once goes first
    uint32_t generation = 0;  // of what discovery and devices taught; an old one is compiled anew
    uint32_t cursor = 0;      // where in `fields` the next field is likely found
    std::vector<RuleCandidate> candidates;
    std::vector<Capture> captures;
    std::vector<FieldMemo> fields;
    const EntityGroup* entities = nullptr;

    [[nodiscard]] size_t bytes() const;
};

class TopicTable {
  public:
    explicit TopicTable(size_t topics_max) : topics_max_(topics_max) {}
    // Null when unknown.
    TopicPlan* find(std::string_view topic);
    // Makes room when full: `evicted` is told what goes.
    TopicPlan& add(std::string_view topic, const std::function<void(TopicPlan&)>& evicted);
    void for_each(const std::function<void(TopicPlan&)>& visit);
    [[nodiscard]] size_t size() const { return plans_.size(); }
    [[nodiscard]] size_t bytes() const;

  private:
    size_t topics_max_;
    std::unordered_map<std::string_view, uint32_t> index_;  // keys live in the plans
    std::vector<std::unique_ptr<TopicPlan>> plans_;
    size_t hand_ = 0;
};

}  // namespace cistern::collector
