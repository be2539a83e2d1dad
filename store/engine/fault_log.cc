// SPDX-License-Identifier: MIT
#include "store/engine/fault_log.h"

#include "store/base/log.h"
#include "store/base/message_context.h"

#include <limits>

namespace cistern::store {
namespace {

constexpr size_t kSeenMax = 4096;
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
                      without_context(fault.reason, path));
        }
    }
}

void FaultLog::note_file(const std::string& path, const std::string& reason) {
    MutexLock lock(mutex_);
    if (seen_.size() < kSeenMax && seen_.emplace(path, kWholeFile).second) {
        log_error(
            "{}: the file cannot be read and is skipped: {}", path, without_context(reason, path));
    }
}

uint64_t FaultLog::count() const {
    MutexLock lock(mutex_);
    return seen_.size();
}

}  // namespace cistern::store
