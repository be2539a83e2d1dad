// SPDX-License-Identifier: MIT
#include "store/head/merge.h"

#include <algorithm>

namespace cistern::store {

void merge_newer(SampleRun& into,
                 std::span<const TimestampNs> timestamps,
                 std::span<const ValueBits> values) {
    if (timestamps.empty()) {
        return;
    }
    if (into.empty() || into.timestamps.back() < timestamps.front()) {
        into.timestamps.insert(into.timestamps.end(), timestamps.begin(), timestamps.end());
        into.values.insert(into.values.end(), values.begin(), values.end());
        return;
    }
    // Only what lies at or behind the newer run's first sample takes part.
    const auto overlap = static_cast<size_t>(
        std::lower_bound(into.timestamps.begin(), into.timestamps.end(), timestamps.front()) -
        into.timestamps.begin());
    const std::vector<TimestampNs> old_times(
        into.timestamps.begin() + static_cast<ptrdiff_t>(overlap), into.timestamps.end());
    const std::vector<ValueBits> old_values(into.values.begin() + static_cast<ptrdiff_t>(overlap),
                                            into.values.end());
    into.timestamps.resize(overlap);
    into.values.resize(overlap);
    size_t old_at = 0;
    size_t new_at = 0;
    while (old_at < old_times.size() && new_at < timestamps.size()) {
        if (old_times[old_at] < timestamps[new_at]) {
            into.timestamps.push_back(old_times[old_at]);
            into.values.push_back(old_values[old_at++]);
            continue;
        }
        old_at += old_times[old_at] == timestamps[new_at] ? 1 : 0;
        into.timestamps.push_back(timestamps[new_at]);
        into.values.push_back(values[new_at++]);
    }
    const auto old_left = static_cast<ptrdiff_t>(old_at);
    const auto new_left = static_cast<ptrdiff_t>(new_at);
    into.timestamps.insert(into.timestamps.end(), old_times.begin() + old_left, old_times.end());
    into.values.insert(into.values.end(), old_values.begin() + old_left, old_values.end());
    into.timestamps.insert(into.timestamps.end(), timestamps.begin() + new_left, timestamps.end());
    into.values.insert(into.values.end(), values.begin() + new_left, values.end());
}

}  // namespace cistern::store
