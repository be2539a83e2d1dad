// SPDX-License-Identifier: MIT
#include "store/engine/disk_state.h"

#include "store/base/log.h"

namespace cistern::store {
namespace {

// Often enough to go on soon after space was made, rarely enough to spare a failing card.
constexpr int64_t kRetryNs = 1'000'000'000;

}  // namespace

Status DiskState::check() const {
    MutexLock lock(mutex_);
    if (failing_ && clock_.monotonic_ns() < retry_at_ns_) {
        return tl::unexpected(error_);
    }
    return {};
}

void DiskState::note_failure(const Error& error) {
    if (error.code != ErrorCode::Io && error.code != ErrorCode::ResourceExhausted) {
        return;
    }
    MutexLock lock(mutex_);
    if (!failing_) {
        log_error("writes are refused until the disk takes them again: {}", error.message);
    }
    failing_ = true;
    error_ = error;
    retry_at_ns_ = clock_.monotonic_ns() + kRetryNs;
}

void DiskState::note_success() {
    MutexLock lock(mutex_);
    if (failing_) {
        log_info("the disk takes writes again");
    }
    failing_ = false;
}

std::string DiskState::reason() const {
    MutexLock lock(mutex_);
    return failing_ ? error_.message : std::string();
}

}  // namespace cistern::store
