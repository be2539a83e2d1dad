// SPDX-License-Identifier: MIT
// How long to wait before the next try: doubling from a minimum to a maximum, with jitter so that
// many clients do not return to a restarted broker in step.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

namespace cistern::mqtt {

class Backoff {
  public:
    Backoff(uint32_t min_ms, uint32_t max_ms, uint64_t seed)
        : min_ms_(std::max(1U, min_ms)),
          max_ms_(std::max(min_ms_, max_ms)),
          base_ms_(min_ms_),
          random_(seed) {}

    // In [base/2, base] of a base that doubles at each call.
    uint32_t next_ms() {
        const uint32_t base = base_ms_;
        base_ms_ = base_ms_ > max_ms_ / 2 ? max_ms_ : base_ms_ * 2;
        return std::uniform_int_distribution<uint32_t>(base / 2, base)(random_);
    }
    void reset() { base_ms_ = min_ms_; }

  private:
    const uint32_t min_ms_;
    const uint32_t max_ms_;
    uint32_t base_ms_;
    std::minstd_rand random_;
};

}  // namespace cistern::mqtt
