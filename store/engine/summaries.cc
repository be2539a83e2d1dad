// SPDX-License-Identifier: MIT
#include "store/engine/summaries.h"

#include "store/engine/compensated_sum.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cistern::store {
namespace {

BlockSummary summarize_part(const SampleRun& run, size_t from, size_t to, ValueType type) {
    BlockSummary summary;
    summary.first_ns = run.timestamps[from];
    summary.last_ns = run.timestamps[to - 1];
    summary.count = static_cast<uint32_t>(to - from);
    summary.first = run.values[from].number(type);
    summary.last = run.values[to - 1].number(type);
    summary.min = std::numeric_limits<double>::quiet_NaN();
    summary.max = std::numeric_limits<double>::quiet_NaN();
    CompensatedSum sum;
    for (size_t i = from; i < to; ++i) {
        const double value = run.values[i].number(type);
        if (std::isnan(value)) {
            ++summary.nan_count;
            continue;
        }
        summary.min = std::fmin(summary.min, value);
        summary.max = std::fmax(summary.max, value);
        sum.add(value);
    }
    summary.sum =
        summary.nan_count == summary.count ? std::numeric_limits<double>::quiet_NaN() : sum.value();
    return summary;
}

}  // namespace

int64_t Windows::of(TimestampNs timestamp) const {
    if (width_ns <= 0) {
        return 0;
    }
    TimestampNs from_offset = 0;
    if (__builtin_sub_overflow(timestamp, offset_ns % width_ns, &from_offset)) {
        from_offset =
            timestamp;  // at the very ends of time the outermost window is a little larger
    }
    return from_offset / width_ns - (from_offset % width_ns < 0 ? 1 : 0);
}

BlockSpan span_of(const BlockEntry& block, ValueType type) {
    BlockSpan span{block.first_ns, block.last_ns, std::nullopt};
    if (type == ValueType::Int && !block.sum_fits) {
        return span;
    }
    span.summary = BlockSummary{block.first_ns,
                                block.last_ns,
                                block.count,
                                block.nan_count,
                                block.min.number(type),
                                block.max.number(type),
                                block.sum.number(type),
                                block.first.number(type),
                                block.last.number(type)};
    return span;
}

std::vector<BlockSpan> join_overlapping(std::vector<BlockSpan> spans) {
    std::sort(spans.begin(), spans.end(), [](const BlockSpan& a, const BlockSpan& b) {
        return a.first_ns < b.first_ns;
    });
    std::vector<BlockSpan> joined;
    for (const BlockSpan& span : spans) {
        if (joined.empty() || joined.back().last_ns < span.first_ns) {
            joined.push_back(span);
            continue;
        }
        joined.back().last_ns = std::max(joined.back().last_ns, span.last_ns);
        joined.back().summary.reset();
    }
    return joined;
}

void summarize_run(const SampleRun& run,
                   ValueType type,
                   Windows windows,
                   std::vector<BlockSummary>& into) {
    size_t from = 0;
    while (from < run.size()) {
        size_t to = from + 1;
        while (to < run.size() && windows.same(run.timestamps[from], run.timestamps[to])) {
            ++to;
        }
        into.push_back(summarize_part(run, from, to, type));
        from = to;
    }
}

}  // namespace cistern::store
