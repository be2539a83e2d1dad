// SPDX-License-Identifier: MIT
// How long a message takes to the broker and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::collector {

struct RoundTrip {
    uint64_t sent = 0;
    uint64_t received = 0;
    int64_t last_ns = -1;  // of the last probe that came back; -1 = none so far
};

// For one thread.
class RoundTripMeter {
  public:
    // The payload of a new probe.
    std::string begin(int64_t monotonic_ns) {
        began_ns_ = monotonic_ns;
        awaited_ = std::to_string(++figures_.sent) + ' ' + std::to_string(monotonic_ns);
        return awaited_;
    }
    // Old probes, and those of an earlier run, are passed over.
    void on_message(std::string_view payload, int64_t monotonic_ns) {
        if (!awaited_.empty() && payload == awaited_) {
            awaited_.clear();
            ++figures_.received;
            figures_.last_ns = monotonic_ns - began_ns_;
        }
    }
    [[nodiscard]] const RoundTrip& figures() const { return figures_; }

  private:
    RoundTrip figures_;
    std::string awaited_;
    int64_t began_ns_ = 0;
};

}  // namespace cistern::collector
