// SPDX-License-Identifier: MIT
// Which partition files should become one.
#pragma once

#include "store/engine/live_files.h"
#include "store/engine/options.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace cistern::store {

struct MergePlan {
    FileList files;     // ascending by generation; no other file holds samples of their periods
    TimeRange period;   // of the merged file: holds all of theirs
    bool seal = false;  // no more is expected: worth the best compression
    uint32_t generation = 0;  // of the merged file; given by the database
};

// Not thread safe.
class MergePlanner {
  public:
    explicit MergePlanner(const DatabaseOptions& options);

    // A period that is over is sealed into one file. Files of the present one are merged as they
    // grow in number, like with like. What arrives late for a sealed period waits for a day, or for
    // company. Sealed days of slow series become one file of their month, and months one of their
    // year, where retention lets them.
    std::optional<MergePlan> next(const FileList& files, TimestampNs now, int64_t monotonic_ns);
    // Everything that is not one sealed file, whatever the time.
    [[nodiscard]] std::optional<MergePlan> next_forced(const FileList& files) const;
    // A period with a damaged file is left as it is: merging would make the damage final. So is
    // one whose merge would take too much memory.
    void give_up(const TimeRange& period) { given_up_.insert(key_of(period)); }

  private:
    // Files whose periods overlap, within the widest of them.
    struct Group {
        TimeRange period;
        FileList files;
        bool mixed = false;  // of several periods
    };
    using Key = std::pair<TimestampNs, TimestampNs>;

    static Key key_of(const TimeRange& period) { return {period.begin, period.end}; }
    [[nodiscard]] std::vector<Group> groups_of(const FileList& files) const;
    [[nodiscard]] std::optional<MergePlan> next_in(const Group& group,
                                                   TimestampNs now,
                                                   int64_t monotonic_ns);
    [[nodiscard]] std::optional<MergePlan> next_span(const std::vector<Group>& groups,
                                                     TimestampNs now) const;
    [[nodiscard]] bool is_over(const TimeRange& period, TimestampNs now) const;
    [[nodiscard]] bool late_files_are_due(const Group& group, int64_t monotonic_ns);

    const int64_t seal_grace_ns_;
    std::vector<PartitionPeriod> spans_;  // what sealed files may grow to, narrow before wide
    std::set<Key> given_up_;
    std::map<Key, int64_t> late_since_;  // monotonic
};

}  // namespace cistern::store
