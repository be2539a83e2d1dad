// SPDX-License-Identifier: MIT
// From step to step through the samples of one series: where each window begins and ends.
#pragma once

#include "store/promql/grid.h"
#include "store/promql/selector.h"

#include <algorithm>
#include <span>

namespace cistern::promql {

// The bounds of the windows of all steps, [begin, end) in ns.
class WindowBounds {
  public:
    WindowBounds(const References& references, int64_t range_ms, bool left_open)
        : references_(references),
          range_ms_(range_ms),
          left_open_(left_open),
          first_(window_range(references.first_ms, range_ms, left_open)) {
        constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / kNsInMs / 4;
        const auto is_near = [](int64_t ms) { return -kFar < ms && ms < kFar; };
        near_ = is_near(references.first_ms) && is_near(references.last_ms()) && is_near(range_ms);
        step_ns_ = near_ ? references.step_ms * kNsInMs : 0;
    }

    [[nodiscard]] store::TimeRange at(size_t step) const {
        if (!near_) {
            return window_range(references_.at(step), range_ms_, left_open_);
        }
        const int64_t shift_ns = step_ns_ * static_cast<int64_t>(step);
        return {first_.begin + shift_ns, first_.end + shift_ns};
    }

  private:
    References references_;
    int64_t range_ms_;
    bool left_open_;
    store::TimeRange first_;
    bool near_ = false;  // nothing overflows
    int64_t step_ns_ = 0;
};

// The index of the first sample at or behind a time that never goes back. Samples come regularly,
// so that each step's answer is as far from the last one as that was from the one before.
class SampleCursor {
  public:
    explicit SampleCursor(std::span<const store::TimestampNs> timestamps)
        : timestamps_(timestamps) {}

    size_t advance(store::TimestampNs time) {
        const size_t likely = at_ + stride_;
        const bool right = likely <= timestamps_.size() &&
                           (likely == 0 || timestamps_[likely - 1] < time) &&
                           (likely == timestamps_.size() || timestamps_[likely] >= time);
        const size_t found = right ? likely : search(time);
        stride_ = found - at_;
        at_ = found;
        return found;
    }

  private:
    [[nodiscard]] size_t search(store::TimestampNs time) const {
        const size_t size = timestamps_.size();
        size_t low = at_;  // all before it are before the time
        size_t reach = 1;
        while (low + reach <= size && timestamps_[low + reach - 1] < time) {
            low += reach;
            reach *= 2;
        }
        const auto from = timestamps_.begin();
        return static_cast<size_t>(
            std::lower_bound(from + static_cast<ptrdiff_t>(low),
                             from + static_cast<ptrdiff_t>(std::min(low + reach - 1, size)),
                             time) -
            from);
    }

    std::span<const store::TimestampNs> timestamps_;
    size_t at_ = 0;
    size_t stride_ = 0;
};

}  // namespace cistern::promql
