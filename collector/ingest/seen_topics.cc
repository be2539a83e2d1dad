// SPDX-License-Identifier: MIT
#include "collector/ingest/seen_topics.h"

#include "store/base/time_units.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace cistern::collector {
namespace {

constexpr size_t kTopicBytesMax = UINT16_MAX;  // of MQTT

uint32_t hash_of(std::string_view topic) {
    return static_cast<uint32_t>(std::hash<std::string_view>()(topic));
}

}  // namespace

uint32_t SeenTopics::find_number(std::string_view topic, uint32_t hash) const {
    return index_.find(hash, [&](uint32_t number) { return topics_[number].topic() == topic; });
}

SeenTopic* SeenTopics::find_or_add(std::string_view topic, int64_t now_ns) {
    topic = topic.substr(0, kTopicBytesMax);
    const uint32_t hash = hash_of(topic);
    const uint32_t known = find_number(topic, hash);
    if (known != HashIndex::kNone) {
        return &topics_[known];
    }
    if (topics_.size() >= topics_max_) {
        ++overflow_;
        return nullptr;
    }
    const auto number = static_cast<uint32_t>(topics_.emplace());
    SeenTopic& added = topics_[number];
    added.name = names_.store(topic).data();
    added.name_size = static_cast<uint16_t>(topic.size());
    added.figures.first_ns = now_ns;
    index_.insert(hash, number);
    return &added;
}

const SeenTopic* SeenTopics::find(std::string_view topic) const {
    const uint32_t known = find_number(topic, hash_of(topic));
    return known == HashIndex::kNone ? nullptr : &topics_[known];
}

void SeenTopics::note_message(SeenTopic& seen,
                              std::string_view payload,
                              int64_t now_ns,
                              int64_t monotonic_ns) const {
    // An exponentially forgetting rate: each message adds 1/minute, which decays over a minute.
    constexpr double kSpanSeconds = 60;
    TopicFigures& figures = seen.figures;
    const double elapsed = static_cast<double>(monotonic_ns - seen.rate_at_ns) / kNsPerSecond;
    const double kept =
        figures.messages == 0 ? 0 : figures.rate * std::exp(-elapsed / kSpanSeconds);
    figures.rate = static_cast<float>(kept + 1 / kSpanSeconds);
    seen.rate_at_ns = monotonic_ns;
    ++figures.messages;
    figures.bytes += payload.size();
    figures.last_ns = now_ns;
    figures.payload_bytes = static_cast<uint32_t>(payload.size());
    figures.truncated = payload.size() > preview_bytes_;
    seen.payload.assign(payload.substr(0, preview_bytes_));
}

void SeenTopics::set_dropped(SeenTopic& seen, std::string_view reason) {
    if (reasons_[seen.dropped] == reason) {
        return;
    }
    const auto found = std::find(reasons_.begin(), reasons_.end(), reason);
    seen.dropped = static_cast<uint16_t>(found - reasons_.begin());
    if (found == reasons_.end()) {
        reasons_.emplace_back(reason);
    }
}

std::vector<const SeenTopic*> SeenTopics::find(std::string_view search, int64_t since_ns) const {
    std::vector<const SeenTopic*> rows;
    for (size_t number = 0; number < topics_.size(); ++number) {
        const SeenTopic& seen = topics_[number];
        if (seen.figures.last_ns >= since_ns &&
            (search.empty() || seen.topic().find(search) != std::string_view::npos)) {
            rows.push_back(&seen);
        }
    }
    return rows;
}

size_t SeenTopics::memory_bytes() const {
    constexpr size_t kAllocationBytes = 16;  // the allocator's header and rounding
    size_t bytes = topics_.memory_bytes() + index_.memory_bytes() + names_.memory_bytes();
    for (size_t number = 0; number < topics_.size(); ++number) {
        for (const size_t heap :
             {topics_[number].payload.heap_bytes(), topics_[number].samples.heap_bytes()}) {
            bytes += heap > 0 ? heap + kAllocationBytes : 0;
        }
    }
    return bytes;
}

}  // namespace cistern::collector
