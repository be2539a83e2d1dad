// SPDX-License-Identifier: MIT
#include "collector/ingest/seen_topics.h"

#include <algorithm>
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
    TopicEntry& entry = entries_[std::string(topic)];
    entry.first_ns = now_ns;
    return &entry;
}

void SeenTopics::note_message(TopicEntry& entry,
                              std::string_view payload,
                              int64_t now_ns,
                              int64_t monotonic_ns) const {
    // An exponentially forgetting rate: each message adds 1/minute, which decays over a minute.
    constexpr double kSpanSeconds = 60;
    constexpr double kNsPerSecond = 1e9;
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

std::vector<SeenTopics::Row> SeenTopics::list(std::string_view search,
                                              size_t offset,
                                              size_t limit) const {
    std::vector<const std::string*> names;
    for (const auto& [topic, entry] : entries_) {
        if (search.empty() || topic.find(search) != std::string::npos) {
            names.push_back(&topic);
        }
    }
    const auto by_text = [](const std::string* a, const std::string* b) { return *a < *b; };
    offset = std::min(offset, names.size());
    const size_t end = offset + std::min(limit, names.size() - offset);
    std::partial_sort(
        names.begin(), names.begin() + static_cast<std::ptrdiff_t>(end), names.end(), by_text);
    std::vector<Row> rows;
    for (size_t i = offset; i < end; ++i) {
        rows.push_back({*names[i], entries_.find(*names[i])->second});
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
