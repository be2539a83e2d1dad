// SPDX-License-Identifier: MIT
// Which partition files should become one.
#pragma once

#include "store/engine/live_files.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace cistern::store {

struct MergePlan {
    FileList files;     // of one period, consecutive generations, ascending
    bool seal = false;  // no more is expected: worth the best compression
};

// Not thread safe.
class MergePlanner {
  public:
    explicit MergePlanner(int64_t seal_grace_ns) : seal_grace_ns_(seal_grace_ns) {}

    // A period that is over is sealed into one file. Files of the present one are merged as they
    // grow in number, like with like. What arrives late for a sealed period waits for a day, or for
    // company.
    std::optional<MergePlan> next(const FileList& files, TimestampNs now, int64_t monotonic_ns);
    // Everything that is not one sealed file, whatever the time.
    std::optional<MergePlan> next_forced(const FileList& files) const;
    // A period with a damaged file is left as it is: merging would make the damage final.
    void give_up(TimestampNs period_begin) { damaged_.insert(period_begin); }

  private:
    [[nodiscard]] std::map<TimestampNs, FileList> mergeable_periods(const FileList& files) const;
    [[nodiscard]] bool late_files_are_due(TimestampNs begin,
                                          const FileList& files,
                                          int64_t monotonic_ns);

    int64_t seal_grace_ns_;
    std::set<TimestampNs> damaged_;
    std::map<TimestampNs, int64_t> late_since_;  // period begin -> monotonic
};

}  // namespace cistern::store
