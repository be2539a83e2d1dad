// SPDX-License-Identifier: MIT
// Summaries of stored blocks and of decoded samples, cut at windows.
#pragma once

#include "store/engine/querier.h"
#include "store/model/sample.h"
#include "store/partition/partition_reader.h"

#include <optional>
#include <vector>

namespace cistern::store {

// Windows [k * width + offset, (k + 1) * width + offset); width 0 = one window for everything.
struct Windows {
    int64_t width_ns = 0;
    int64_t offset_ns = 0;

    // Number of the window of a timestamp.
    [[nodiscard]] int64_t of(TimestampNs timestamp) const;
    [[nodiscard]] bool same(TimestampNs a, TimestampNs b) const { return of(a) == of(b); }
    // The first timestamp that is in none of the windows up to that of `timestamp`; the end of time
    // where there is none.
    [[nodiscard]] TimestampNs end_of(TimestampNs timestamp) const;
};

// A stretch of time with samples. The summary is missing where samples must be decoded.
struct BlockSpan {
    TimestampNs first_ns = 0;
    TimestampNs last_ns = 0;
    uint64_t samples = 0;  // at most
    std::optional<BlockSummary> summary;
};

BlockSpan span_of(const BlockEntry& block, ValueType type);
// Ascending and disjoint. A span that others overlapped has lost its summary.
std::vector<BlockSpan> join_overlapping(std::vector<BlockSpan> spans);
// One summary per window that has samples.
void summarize_samples(const SampleColumns& samples,
                       Windows windows,
                       std::vector<BlockSummary>& into);

}  // namespace cistern::store
