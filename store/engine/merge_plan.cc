// SPDX-License-Identifier: MIT
#include "store/engine/merge_plan.h"

#include "store/engine/options.h"

#include <algorithm>

namespace cistern::store {
namespace {

// More files than this in one period are merged.
constexpr size_t kFilesMax = 4;
constexpr int64_t kLateWaitNs = kNsPerDay;

// The newest files of a period, back to the first that is much larger than all after it together:
// every sample is rewritten a logarithmic number of times.
FileList like_sized_tail(const FileList& files) {
    uint64_t bytes = 0;
    size_t begin = files.size();
    while (begin > 0) {
        const uint64_t next = files[begin - 1]->info().bytes;
        if (files.size() - begin >= kFilesMax && next > 2 * bytes) {
            break;
        }
        bytes += next;
        --begin;
    }
    return {files.begin() + static_cast<ptrdiff_t>(begin), files.end()};
}

bool is_over(const TimeRange& period, TimestampNs now, int64_t grace_ns) {
    TimestampNs ready = 0;
    return !__builtin_add_overflow(period.end, grace_ns, &ready) && ready <= now;
}

}  // namespace

std::map<TimestampNs, FileList> MergePlanner::mergeable_periods(const FileList& files) const {
    std::map<TimestampNs, FileList> periods;
    for (const auto& file : files) {
        const TimeRange& period = file->info().period;
        const bool crossed = std::any_of(files.begin(), files.end(), [&period](const auto& other) {
            const TimeRange& theirs = other->info().period;
            return theirs != period && theirs.begin < period.end && period.begin < theirs.end;
        });
        if (!crossed && !damaged_.contains(period.begin)) {
            periods[period.begin].push_back(file);
        }
    }
    return periods;
}

std::optional<MergePlan> MergePlanner::next(const FileList& files,
                                            TimestampNs now,
                                            int64_t monotonic_ns) {
    for (const auto& [begin, group] : mergeable_periods(files)) {
        const bool any_sealed = std::any_of(
            group.begin(), group.end(), [](const auto& file) { return file->info().sealed; });
        if (group.size() == 1 && any_sealed) {
            late_since_.erase(begin);
            continue;
        }
        if (is_over(group.front()->info().period, now, seal_grace_ns_)) {
            if (!any_sealed || late_files_are_due(begin, group, monotonic_ns)) {
                return MergePlan{group, true};
            }
        } else if (group.size() > kFilesMax) {
            return MergePlan{like_sized_tail(group), false};
        }
    }
    return std::nullopt;
}

bool MergePlanner::late_files_are_due(TimestampNs begin,
                                      const FileList& files,
                                      int64_t monotonic_ns) {
    const int64_t since = late_since_.try_emplace(begin, monotonic_ns).first->second;
    return files.size() > kFilesMax || monotonic_ns - since >= kLateWaitNs;
}

std::optional<MergePlan> MergePlanner::next_forced(const FileList& files) const {
    for (const auto& [begin, group] : mergeable_periods(files)) {
        if (group.size() > 1 || !group.front()->info().sealed) {
            return MergePlan{group, true};
        }
    }
    return std::nullopt;
}

}  // namespace cistern::store
