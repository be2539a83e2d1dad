// SPDX-License-Identifier: MIT
// The topics that were seen, with what their last message became: for /api/v1/topics and for people
// who ask where their message went.
#pragma once

#include "collector/ingest/counters.h"
#include "collector/ingest/fed_series.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cistern::collector {

// At most 1 KB with its key: the preview is bounded by the options, the samples by
// kTopicSamplesMax.
inline constexpr size_t kTopicSamplesMax = 8;

struct TopicEntry {
    struct LastSample {
        const SeriesState* series;
        double value;
    };
    const std::string* name = nullptr;  // the topic, where the table keeps it
    uint64_t messages = 0;
    uint64_t bytes = 0;
    int64_t first_ns = 0;  // arrival, wall clock
    int64_t last_ns = 0;
    float rate = 0;          // messages per second, of about the last minute
    int64_t rate_at_ns = 0;  // monotonic
    uint8_t qos = 0;         // of the last message
    bool retained = false;   // a replay was seen
    bool truncated = false;  // the preview is not the whole payload
    std::string payload;     // the last one, its beginning
    uint32_t payload_bytes = 0;
    RuleCounts* rule = nullptr;
    std::string_view dropped;  // the last message's first reason, empty when something was stored
    std::vector<LastSample> samples;
};

// For one thread.
class SeenTopics {
  public:
    SeenTopics(uint32_t topics_max, uint32_t preview_bytes)
        : topics_max_(topics_max), preview_bytes_(preview_bytes) {}

    // Null when the table is full and the topic is new. Valid as long as the table.
    TopicEntry* find_or_add(std::string_view topic, int64_t now_ns);
    void note_message(TopicEntry& entry,
                      std::string_view payload,
                      int64_t now_ns,
                      int64_t monotonic_ns) const;

    // Topics that contain `search` and had a message at `since_ns` or later, in no order. Topics
    // are never forgotten: the pointers stay valid, and names never change.
    [[nodiscard]] std::vector<const TopicEntry*> find(std::string_view search,
                                                      int64_t since_ns) const;
    // Null: never seen.
    [[nodiscard]] const TopicEntry* find(std::string_view topic) const;
    [[nodiscard]] size_t size() const { return entries_.size(); }
    // Topics that found no room.
    [[nodiscard]] uint64_t overflow() const { return overflow_; }
    [[nodiscard]] size_t memory_bytes() const;

  private:
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
    };

    const uint32_t topics_max_;
    const uint32_t preview_bytes_;
    std::unordered_map<std::string, TopicEntry, Hash, std::equal_to<>> entries_;
    uint64_t overflow_ = 0;
};

}  // namespace cistern::collector
