// SPDX-License-Identifier: MIT
// Damaged blocks that readers met: each counted and logged once.
#pragma once

#include "store/base/mutex.h"
#include "store/partition/partition_reader.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cistern::store {

// Thread safe. Memory: bounded; what goes beyond is counted but not told apart.
class FaultLog {
  public:
    void note(const std::string& path, const std::vector<BlockFault>& faults);
    // A whole file that cannot be opened.
    void note_file(const std::string& path, const std::string& reason);
    [[nodiscard]] uint64_t count() const;

  private:
    mutable Mutex mutex_;
    std::set<std::pair<std::string, uint64_t>> seen_ CISTERN_GUARDED_BY(mutex_);
};

}  // namespace cistern::store
