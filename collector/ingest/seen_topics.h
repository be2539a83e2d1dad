// SPDX-License-Identifier: MIT
// The topics that were seen, with what their last message became: for /api/v1/topics and for people
// who ask where their message went.
#pragma once

#include "collector/ingest/counters.h"
#include "collector/ingest/fed_series.h"
#include "collector/ingest/short_text.h"
#include "store/base/chunked_array.h"
#include "store/base/hash_index.h"
#include "store/base/small_array.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

// A topic takes 150 bytes with its name, its index and a short payload, at most 1 KB: the preview
// is bounded by the options, the samples by kTopicSamplesMax.
inline constexpr size_t kTopicSamplesMax = 8;

// What people are told about a topic beside its payload.
struct TopicFigures {
    uint64_t messages = 0;
    uint64_t bytes = 0;
    int64_t first_ns = 0;  // arrival, wall clock
    int64_t last_ns = 0;
    float rate = 0;              // messages per second, of about the last minute
    uint32_t payload_bytes = 0;  // of the last message, as qos
    uint8_t qos = 0;
    bool retained = false;   // a replay was seen
    bool truncated = false;  // the preview is not the whole payload
};

struct SeenTopic {
    struct LastSample {
        const SeriesState* series;
        double value;
    };
    TopicFigures figures;
    int64_t rate_at_ns = 0;      // monotonic
    const char* name = nullptr;  // in the table's texts
    RuleCounts* rule = nullptr;
    ShortText payload;  // the last one, its beginning
    SmallArray<LastSample> samples;
    uint16_t name_size = 0;
    uint16_t dropped = 0;  // see SeenTopics::reason()

    [[nodiscard]] std::string_view topic() const { return {name, name_size}; }
};
static_assert(sizeof(SeenTopic) <= 128);

// For one thread.
class SeenTopics {
  public:
    SeenTopics(uint32_t topics_max, uint32_t preview_bytes)
        : topics_max_(topics_max), preview_bytes_(preview_bytes) {}

    // Null when the table is full and the topic is new. Valid as long as the table.
    SeenTopic* find_or_add(std::string_view topic, int64_t now_ns);
    void note_message(SeenTopic& seen,
                      std::string_view payload,
                      int64_t now_ns,
                      int64_t monotonic_ns) const;
    // The last message's first reason not to be stored, empty when something was stored.
    void set_dropped(SeenTopic& seen, std::string_view reason);
    [[nodiscard]] const std::string& dropped(const SeenTopic& seen) const {
        return reasons_[seen.dropped];
    }

    // Topics that contain `search` and had a message at `since_ns` or later, in no order. Topics
    // are never forgotten: the pointers stay valid, and names never change.
    [[nodiscard]] std::vector<const SeenTopic*> find(std::string_view search,
                                                     int64_t since_ns) const;
    // Null: never seen.
    [[nodiscard]] const SeenTopic* find(std::string_view topic) const;
    [[nodiscard]] size_t size() const { return topics_.size(); }
    // Topics that found no room.
    [[nodiscard]] uint64_t overflow() const { return overflow_; }
    [[nodiscard]] size_t memory_bytes() const;

  private:
    [[nodiscard]] uint32_t find_number(std::string_view topic, uint32_t hash) const;

    const uint32_t topics_max_;
    const uint32_t preview_bytes_;
    ChunkedArray<SeenTopic, 64> topics_;  // addresses stay
    HashIndex index_;                     // positions in topics_
    TextArena names_;
    std::vector<std::string> reasons_ = {""};  // a dozen
    uint64_t overflow_ = 0;
};

}  // namespace cistern::collector
