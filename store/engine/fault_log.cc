// SPDX-License-Identifier: MIT
#include "store/engine/fault_log.h"

#include "store/base/log.h"

#include <limits>
#include <string_view>

namespace cistern::store {
namespace {

constexpr size_t kSeenMax = 4096;
// Without the path that the message before it has already.
std::string_view without_path(std::string_view reason, const std::string& path) {
    const bool repeated = reason.starts_with(path) && reason.substr(path.size()).starts_with(": ");
    return repeated ? reason.substr(path.size() + 2) : reason;
}

// Stands for the whole file.
constexpr uint64_t kWholeFile = std::numeric_limits<uint64_t>::max();

}  // namespace

void FaultLog::note(const std::string& path, const std::vector<BlockFault>& faults) {
    for (const BlockFault& fault : faults) {
        MutexLock lock(mutex_);
        if (seen_.size() < kSeenMax && seen_.emplace(path, fault.offset).second) {
            log_error("{}: block at {} of series {} is damaged and skipped: {}",
                      path,
                      fault.offset,
                      fault.series.value(),
                      without_path(fault.reason, path));
        }
    }
}

void FaultLog::note_file(const std::string& path, const std::string& reason) {
    MutexLock lock(mutex_);
    if (seen_.size() < kSeenMax && seen_.emplace(path, kWholeFile).second) {
        log_error(
            "{}: the file cannot be read and is skipped: {}", path, without_path(reason, path));
    }
}

uint64_t FaultLog::count() const {
    MutexLock lock(mutex_);
    return seen_.size();
}

}  // namespace cistern::store
