// SPDX-License-Identifier: MIT
#include "store/engine/trusted_clock.h"

#include "store/engine/options.h"

#include <algorithm>
#include <cstdlib>

namespace cistern::store {
namespace {

// 2020-01-01: a clock before it was never set.
constexpr int64_t kNeverSetBeforeNs = 1'577'836'800 * kNsPerSecond;
// Downtime and time-zone mistakes stay below; whatever is above needs to prove itself.
constexpr int64_t kJumpNs = 2 * kNsPerDay;
// Between two updates the wall clock may drift this far from the monotonic one.
constexpr int64_t kCourseNs = 60 * kNsPerSecond;
constexpr int64_t kProofNs = 7 * kNsPerDay;

}  // namespace

TrustedClock::TrustedClock(const Clock& clock, int64_t saved_ns, bool nothing_stored)
    : clock_(&clock),
      trusted_ns_(saved_ns),
      last_monotonic_ns_(clock.monotonic_ns()),
      last_wall_ns_(clock.now_ns()),
      steady_since_ns_(last_monotonic_ns_) {
    if (nothing_stored && last_wall_ns_ >= kNeverSetBeforeNs) {
        trusted_ns_ = last_wall_ns_;  // there is nothing to delete
    }
}

int64_t TrustedClock::update() {
    const int64_t wall = clock_->now_ns();
    const int64_t monotonic = clock_->monotonic_ns();
    const int64_t passed = monotonic - last_monotonic_ns_;
    if (std::abs((wall - last_wall_ns_) - passed) > kCourseNs) {
        steady_since_ns_ = monotonic;
    }
    last_wall_ns_ = wall;
    last_monotonic_ns_ = monotonic;
    if (wall < kNeverSetBeforeNs) {
        trusted_ns_ += trusted_ns_ == 0 ? 0 : passed;
        return trusted_ns_;
    }
    const int64_t expected = trusted_ns_ + passed;
    const bool proved = monotonic - steady_since_ns_ >= kProofNs;
    if (proved || (trusted_ns_ != 0 && wall <= expected + kJumpNs)) {
        trusted_ns_ = wall;
    } else if (trusted_ns_ != 0) {
        trusted_ns_ = expected;
    }
    return trusted_ns_;
}

}  // namespace cistern::store
