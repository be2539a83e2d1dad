// SPDX-License-Identifier: MIT
// The time that may delete data. A wall clock that jumps (no battery, wrong NTP, 1970, 2066) does
// not move it; real time that passes does.
#pragma once

#include "store/base/clock.h"

#include <cstdint>
#include <optional>

namespace cistern::store {

// Follows the wall clock while that agrees with the monotonic one. After a jump ahead it goes on at
// the monotonic clock's pace, until the wall clock has kept its new course for a week; a clock
// that is behind it is believed at once, since that only keeps data longer. Not thread safe.
class TrustedClock {
  public:
    // `saved_ns`: what it was when the process last ran; 0 = there was no trusted time. A clock
    // that was never set, and then is, needs the week too, unless nothing is stored.
    TrustedClock(const Clock& clock, int64_t saved_ns, bool nothing_stored);

    // Call now and then. ns since the Unix epoch; 0 = no time can be trusted yet.
    int64_t update();
    [[nodiscard]] int64_t now_ns() const { return trusted_ns_; }

  private:
    const Clock* clock_;
    int64_t trusted_ns_;
    int64_t last_monotonic_ns_;
    int64_t last_wall_ns_;
    int64_t steady_since_ns_;  // monotonic: since when the wall clock has kept its course
};

}  // namespace cistern::store
