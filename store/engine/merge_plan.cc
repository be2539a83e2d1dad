// SPDX-License-Identifier: MIT
#include "store/engine/merge_plan.h"

#include "store/engine/period.h"

#include <algorithm>

namespace cistern::store {
namespace {

// More files than this in one period are merged.
constexpr size_t kFilesMax = 4;
constexpr int64_t kLateWaitNs = kNsPerDay;
// A series with fewer samples than this in a whole span is slow: it fills a few blocks. At 300 a
// day a month in one file takes half of what 30 files take (docs/formats/partition.md).
constexpr uint64_t kSlowSamplesMax = 32 << 10;
// Late samples rewrite the whole span.
constexpr uint64_t kSpanBytesMax = 64 << 20;
// Forgetting a span instead of a day may keep data this much longer than was asked for.
constexpr int64_t kMonthSpanRetentionNs = 365 * kNsPerDay;
constexpr int64_t kYearSpanRetentionNs = 10 * 365 * kNsPerDay;

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

bool holds(const TimeRange& outer, const TimeRange& inner) {
    return outer.begin <= inner.begin && inner.end <= outer.end;
}

bool by_generation(const std::shared_ptr<const LiveFile>& a,
                   const std::shared_ptr<const LiveFile>& b) {
    return a->info().generation < b->info().generation;
}

// Few samples of each series, and not much altogether.
bool is_slow(const FileList& files) {
    uint64_t samples = 0;
    uint64_t bytes = 0;
    uint64_t series = 1;
    for (const auto& file : files) {
        samples += file->info().samples;
        bytes += file->info().bytes;
        series = std::max<uint64_t>(series, file->info().series_max);
    }
    return bytes <= kSpanBytesMax && samples / series <= kSlowSamplesMax;
}

}  // namespace

MergePlanner::MergePlanner(const DatabaseOptions& options) : seal_grace_ns_(options.seal_grace_ns) {
    const bool for_ever =
        options.retention_action == RetentionAction::Keep || options.retention_ns == 0;
    const auto keeps = [&](int64_t ns) { return for_ever || options.retention_ns >= ns; };
    if (options.partition == PartitionPeriod::Day && keeps(kMonthSpanRetentionNs)) {
        spans_.push_back(PartitionPeriod::Month);
    }
    if (options.partition <= PartitionPeriod::Month && keeps(kYearSpanRetentionNs) &&
        options.retention_bytes_max == 0) {
        spans_.push_back(PartitionPeriod::Year);
    }
}

// In order of time.
std::vector<MergePlanner::Group> MergePlanner::groups_of(const FileList& files) const {
    FileList by_begin = files;
    std::stable_sort(by_begin.begin(), by_begin.end(), [](const auto& a, const auto& b) {
        const TimeRange& left = a->info().period;
        const TimeRange& right = b->info().period;
        return left.begin != right.begin ? left.begin < right.begin : left.end > right.end;
    });
    std::vector<Group> groups;
    for (const auto& file : by_begin) {
        const TimeRange& period = file->info().period;
        if (groups.empty() || groups.back().period.end <= period.begin) {
            groups.push_back({period, {}, false});
        }
        Group& group = groups.back();
        group.mixed = group.mixed || period != group.period;
        group.period.end = std::max(group.period.end, period.end);
        group.files.push_back(file);
    }
    std::erase_if(groups,
                  [this](const Group& group) { return given_up_.contains(key_of(group.period)); });
    for (Group& group : groups) {
        std::sort(group.files.begin(), group.files.end(), by_generation);
    }
    return groups;
}

std::optional<MergePlan> MergePlanner::next(const FileList& files,
                                            TimestampNs now,
                                            int64_t monotonic_ns) {
    const auto groups = groups_of(files);
    for (const Group& group : groups) {
        if (auto plan = next_in(group, now, monotonic_ns)) {
            return plan;
        }
    }
    return next_span(groups, now);
}

std::optional<MergePlan> MergePlanner::next_in(const Group& group,
                                               TimestampNs now,
                                               int64_t monotonic_ns) {
    const bool any_sealed = std::any_of(group.files.begin(),
                                        group.files.end(),
                                        [](const auto& file) { return file->info().sealed; });
    if (group.files.size() == 1 && any_sealed) {
        late_since_.erase(key_of(group.period));
        return std::nullopt;
    }
    if (is_over(group.period, now)) {
        if (!any_sealed || late_files_are_due(group, monotonic_ns)) {
            return MergePlan{group.files, group.period, true};
        }
    } else if (group.files.size() > kFilesMax && !group.mixed) {
        return MergePlan{like_sized_tail(group.files), group.period, false};
    }
    return std::nullopt;
}

// Waits until the whole span is over and each of its periods is one sealed file.
std::optional<MergePlan> MergePlanner::next_span(const std::vector<Group>& groups,
                                                 TimestampNs now) const {
    for (const PartitionPeriod kind : spans_) {
        for (size_t i = 0; i < groups.size();) {
            const TimeRange span = period_of(kind, groups[i].period.begin);
            MergePlan plan{{}, span, true};
            bool ready = is_over(span, now) && !given_up_.contains(key_of(span));
            for (; i < groups.size() && groups[i].period.begin < span.end; ++i) {
                const FileList& files = groups[i].files;
                ready = ready && files.size() == 1 && files[0]->info().sealed &&
                        holds(span, groups[i].period);
                plan.files.insert(plan.files.end(), files.begin(), files.end());
            }
            if (ready && plan.files.size() > 1 && is_slow(plan.files)) {
                std::sort(plan.files.begin(), plan.files.end(), by_generation);
                return plan;
            }
        }
    }
    return std::nullopt;
}

bool MergePlanner::is_over(const TimeRange& period, TimestampNs now) const {
    TimestampNs ready = 0;
    return !__builtin_add_overflow(period.end, seal_grace_ns_, &ready) && ready <= now;
}

bool MergePlanner::late_files_are_due(const Group& group, int64_t monotonic_ns) {
    const int64_t since = late_since_.try_emplace(key_of(group.period), monotonic_ns).first->second;
    return group.files.size() > kFilesMax || monotonic_ns - since >= kLateWaitNs;
}

std::optional<MergePlan> MergePlanner::next_forced(const FileList& files) const {
    for (const Group& group : groups_of(files)) {
        // What was written before the period became shorter than "forever" must not swallow what
        // was written since.
        const bool endless = group.mixed && group.period == TimeRange{};
        if (!endless && (group.files.size() > 1 || !group.files.front()->info().sealed)) {
            return MergePlan{group.files, group.period, true};
        }
    }
    return std::nullopt;
}

}  // namespace cistern::store
