// SPDX-License-Identifier: MIT
// Whether a database's disk takes writes, and when to try again after it did not.
#pragma once

#include "store/base/clock.h"
#include "store/base/mutex.h"
#include "store/base/result.h"

#include <cstdint>
#include <string>

namespace cistern::store {

// Thread safe.
class DiskState {
  public:
    explicit DiskState(Clock& clock) : clock_(clock) {}

    // The error of the last failure while it is not yet time to try again.
    [[nodiscard]] Status check() const;
    // InvalidArgument and Corruption say nothing about the disk and are ignored.
    void note_failure(const Error& error);
    void note_success();
    // Empty while the disk takes writes.
    [[nodiscard]] std::string reason() const;

  private:
    Clock& clock_;
    mutable Mutex mutex_;
    Error error_ CISTERN_GUARDED_BY(mutex_){};
    bool failing_ CISTERN_GUARDED_BY(mutex_) = false;
    int64_t retry_at_ns_ CISTERN_GUARDED_BY(mutex_) = 0;  // monotonic
};

}  // namespace cistern::store
