// SPDX-License-Identifier: MIT
// What one broker's ingest has done: by rule, and by reason for what was not stored.
#pragma once

#include "store/base/metrics.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::collector {

namespace reason {
// Beside those of the mapper (mapping/reasons.h).
inline constexpr std::string_view kRetained = "retained";        // a replay that told nothing new
inline constexpr std::string_view kBadSeries = "bad_series";     // the store refuses the labels
inline constexpr std::string_view kRejected = "rejected";        // the store refuses the time
inline constexpr std::string_view kRedelivered = "redelivered";  // a message that was stored before
}  // namespace reason

struct RuleCounts {
    std::string rule;
    uint64_t messages = 0;
    uint64_t samples = 0;
    uint64_t series = 0;
};

// Not thread safe, but for the process-wide counters behind it.
class IngestCounters {
  public:
    // The registry must outlive this.
    IngestCounters(MetricsRegistry& registry, const std::string& broker);

    void add_received(uint64_t bytes, uint64_t messages = 1) {
        received_ += messages;
        bytes_ += bytes;
        received_total_.add(messages);
    }
    void add_samples(uint64_t count) { samples_ += count; }
    void add_redelivered() {
        ++redelivered_;
        redelivered_total_.add();
    }
    void add_dropped(std::string_view reason, uint64_t count = 1);
    // Stays valid. `rule` is usually the same as the time before for one topic: keep the pointer.
    RuleCounts* rule(std::string_view rule);

    [[nodiscard]] uint64_t received() const { return received_; }
    [[nodiscard]] uint64_t bytes() const { return bytes_; }
    [[nodiscard]] uint64_t samples() const { return samples_; }
    [[nodiscard]] uint64_t redelivered() const { return redelivered_; }
    [[nodiscard]] std::vector<RuleCounts> rules() const;
    [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> dropped() const;

  private:
    struct Drop {
        std::string reason;
        uint64_t count = 0;
        Counter* total = nullptr;  // of the process, all brokers together
    };

    MetricsRegistry& registry_;
    Counter& received_total_;
    Counter& redelivered_total_;
    uint64_t received_ = 0;
    uint64_t bytes_ = 0;
    uint64_t samples_ = 0;
    uint64_t redelivered_ = 0;
    std::vector<Drop> dropped_;  // a dozen
    std::vector<std::unique_ptr<RuleCounts>> rules_;
};

}  // namespace cistern::collector
