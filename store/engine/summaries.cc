// SPDX-License-Identifier: MIT
#include "store/engine/summaries.h"

#include "store/engine/compensated_sum.h"
#include "store/engine/span_total.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace cistern::store {
namespace {

// The earliest of equal ones stays, which tells the sign of a zero.
void fold_extremes(double value, BlockSummary& summary) {
    summary.min = value < summary.min ? value : summary.min;
    summary.max = value > summary.max ? value : summary.max;
}

// With NaN among the values, infinities, or sums beyond the largest double.
void summarize_slowly(std::span<const double> values, BlockSummary& summary) {
    CompensatedSum sum;
    for (const double value : values) {
        if (std::isnan(value)) {
            ++summary.nan_count;
            continue;
        }
        fold_extremes(value, summary);
        sum.add(value);
    }
    summary.sum = sum.value();
    if (summary.nan_count == summary.count) {
        summary.min = summary.max = summary.sum = std::numeric_limits<double>::quiet_NaN();
    }
}

BlockSummary summarize_part(const SampleColumns& samples, size_t from, size_t to) {
    const std::span<const double> values = std::span(samples.values).subspan(from, to - from);
    BlockSummary summary;
    summary.first_ns = samples.timestamps[from];
    summary.last_ns = samples.timestamps[to - 1];
    summary.count = static_cast<uint32_t>(values.size());
    summary.first = values.front();
    summary.last = values.back();
    summary.min = std::numeric_limits<double>::infinity();
    summary.max = -summary.min;
    const SpanTotal total = total_of(values);
    if (!total.usable()) {
        summarize_slowly(values, summary);
        return summary;
    }
    summary.sum = total.sum;
    const SpanExtremes extremes = extremes_of(values);
    if (extremes.min == 0 || extremes.max == 0) {
        for (const double value : values) {
            fold_extremes(value, summary);
        }
        return summary;
    }
    summary.min = extremes.min;
    summary.max = extremes.max;
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

TimestampNs Windows::end_of(TimestampNs timestamp) const {
    constexpr TimestampNs kNever = std::numeric_limits<TimestampNs>::max();
    TimestampNs end = 0;
    if (width_ns <= 0 || __builtin_add_overflow(of(timestamp), 1, &end) ||
        __builtin_mul_overflow(end, width_ns, &end) ||
        __builtin_add_overflow(end, offset_ns % width_ns, &end)) {
        return kNever;
    }
    return end;
}

BlockSpan span_of(const BlockEntry& block, ValueType type) {
    BlockSpan span{block.first_ns, block.last_ns, block.count, std::nullopt};
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
        joined.back().samples += span.samples;
        joined.back().summary.reset();
    }
    return joined;
}

void summarize_samples(const SampleColumns& samples,
                       Windows windows,
                       std::vector<BlockSummary>& into) {
    const auto begin = samples.timestamps.begin();
    for (size_t from = 0; from < samples.size();) {
        const TimestampNs end = windows.end_of(samples.timestamps[from]);
        size_t to = samples.size();
        if (samples.timestamps.back() >= end) {
            to = static_cast<size_t>(std::lower_bound(begin + static_cast<ptrdiff_t>(from) + 1,
                                                      samples.timestamps.end(),
                                                      end) -
                                     begin);
        }
        into.push_back(summarize_part(samples, from, to));
        from = to;
    }
}

}  // namespace cistern::store
