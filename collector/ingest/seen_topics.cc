// SPDX-License-Identifier: MIT
#include "collector/ingest/seen_topics.h"

#include "store/base/time_units.h"

#include <cmath>

namespace cistern::collector {

TopicEntry* SeenTopics::find_or_add(std::string_view topic, int64_t now_ns) {
    const auto found = entries_.find(topic);
    if (found != entries_.end()) {
        return &found->second;
    }
    if (entries_.size() >= topics_max_) {
        ++overflow_;
        return nullptr;
    }
    const auto added = entries_.try_emplace(std::string(topic)).first;
    added->second.name = &added->first;
    added->second.first_ns = now_ns;
    return &added->second;
}

const TopicEntry* SeenTopics::find(std::string_view topic) const {
    const auto found = entries_.find(topic);
    return found == entries_.end() ? nullptr : &found->second;
}

void SeenTopics::note_message(TopicEntry& entry,
                              std::string_view payload,
                              int64_t now_ns,
                              int64_t monotonic_ns) const {
    // An exponentially forgetting rate: each message adds 1/minute, which decays over a minute.
    constexpr double kSpanSeconds = 60;
    const double elapsed = static_cast<double>(monotonic_ns - entry.rate_at_ns) / kNsPerSecond;
    const double kept = entry.messages == 0 ? 0 : entry.rate * std::exp(-elapsed / kSpanSeconds);
    entry.rate = static_cast<float>(kept + 1 / kSpanSeconds);
    entry.rate_at_ns = monotonic_ns;
    ++entry.messages;
    entry.bytes += payload.size();
    entry.last_ns = now_ns;
    entry.payload_bytes = static_cast<uint32_t>(payload.size());
    entry.truncated = payload.size() > preview_bytes_;
    entry.payload.assign(payload.substr(0, preview_bytes_));
}

std::vector<const TopicEntry*> SeenTopics::find(std::string_view search, int64_t since_ns) const {
    std::vector<const TopicEntry*> rows;
    for (const auto& [topic, entry] : entries_) {
        if (entry.last_ns >= since_ns &&
            (search.empty() || topic.find(search) != std::string::npos)) {
            rows.push_back(&entry);
        }
    }
    return rows;
}

size_t SeenTopics::memory_bytes() const {
    constexpr size_t kNodeBytes = 48;  // of the hash map, with the allocator's header
    size_t bytes = entries_.bucket_count() * sizeof(void*);
    for (const auto& [topic, entry] : entries_) {
        bytes += sizeof(topic) + topic.capacity() + sizeof(entry) + entry.payload.capacity() +
                 kNodeBytes + entry.samples.capacity() * sizeof(TopicEntry::LastSample);
    }
    return bytes;
}

}  // namespace cistern::collector
