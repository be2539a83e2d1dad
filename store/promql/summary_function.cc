// SPDX-License-Identifier: MIT
#include "store/promql/summary_function.h"

#include "store/promql/kahan.h"
#include "store/promql/window_sweep.h"

#include <algorithm>
#include <cmath>

namespace cistern::promql {
namespace {

using store::BlockSummary;
using Parts = std::span<const BlockSummary>;

// Files are of a day at least as a rule, and a block is no longer than its file.
constexpr int64_t kLongWindowMs = 3 * 24 * 3600 * int64_t{1000};

// The earliest of equal ones stays, which tells the sign of a zero.
std::optional<double> fold_max(Parts parts) {
    double best = parts.front().max;
    for (const BlockSummary& part : parts) {
        best = part.max > best ? part.max : best;
    }
    return best;
}

std::optional<double> fold_min(Parts parts) {
    double best = parts.front().min;
    for (const BlockSummary& part : parts) {
        best = part.min < best ? part.min : best;
    }
    return best;
}

double count_of(Parts parts) {
    uint64_t count = 0;
    for (const BlockSummary& part : parts) {
        count += part.count;
    }
    return static_cast<double>(count);
}

std::optional<double> fold_count(Parts parts) {
    return count_of(parts);
}

std::optional<double> fold_present(Parts) {
    return 1.0;
}

std::optional<double> fold_sum(Parts parts) {
    KahanSum sum;
    for (const BlockSummary& part : parts) {
        sum.add(part.sum);
    }
    return std::isfinite(sum.total()) ? std::optional(sum.total()) : std::nullopt;
}

std::optional<double> fold_avg(Parts parts) {
    const std::optional<double> sum = fold_sum(parts);
    // Where values cancel out, the mean is little but rounding: the same as Prometheus' then.
    constexpr double kShareMin = 1.0 / (1 << 10);
    const double largest = std::max(std::fabs(*fold_max(parts)), std::fabs(*fold_min(parts)));
    const double count = count_of(parts);
    if (!sum || !(std::fabs(*sum) >= largest * count * kShareMin)) {
        return std::nullopt;
    }
    return *sum / count;
}

}  // namespace

SummaryFold summary_fold(FunctionId id) {
    switch (id) {
        case FunctionId::MaxOverTime:
            return fold_max;
        case FunctionId::MinOverTime:
            return fold_min;
        case FunctionId::CountOverTime:
            return fold_count;
        case FunctionId::SumOverTime:
            return fold_sum;
        case FunctionId::AvgOverTime:
            return fold_avg;
        case FunctionId::PresentOverTime:
        case FunctionId::AbsentOverTime:
            return fold_present;
        default:
            return nullptr;
    }
}

bool summaries_pay(const References& references, int64_t range_ms) {
    return range_ms >= kLongWindowMs && references.horizon_ms >= references.last_ms() &&
           (references.distinct() <= 1 || references.step_ms >= range_ms / 2);
}

Result<bool> fold_summaries(
    SummaryFold fold, const RangeVector& range, size_t index, bool left_open, Column& column) {
    const WindowBounds bounds(range.references, range.range_ms, left_open);
    std::vector<BlockSummary> parts;
    column.assign(range.references.count, absent());
    for (size_t step = 0; step < column.size(); ++step) {
        TRY(range.summarize(index, bounds.at(step), parts));
        if (parts.empty()) {
            continue;
        }
        // Stale markers are NaN that do not count, and other NaN do.
        const bool has_nan = std::any_of(parts.begin(), parts.end(), [](const BlockSummary& part) {
            return part.nan_count > 0;
        });
        const std::optional<double> value = has_nan ? std::nullopt : fold(parts);
        if (!value) {
            return false;
        }
        column[step] = *value;
    }
    return true;
}

}  // namespace cistern::promql
