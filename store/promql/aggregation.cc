// SPDX-License-Identifier: MIT
#include "store/promql/aggregation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cistern::promql {
namespace {

// The state of one group: a column for each of what the operator remembers. value is absent until
// the group has a sample at the step.
struct GroupState {
    Column value;
    Column count;
    Column mean;
};

// Folds one column into a group's state, steps [begin, end).
using Fold = void (*)(GroupState& state, const Column& column, size_t begin, size_t end);

// Whether all are numbers that no sum or difference of two takes out of range: then a step needs no
// look at special cases, and several are done at once.
bool are_tame(const Column& column, size_t begin, size_t end) {
    constexpr double kMagnitudeMax = 1e300;
    uint64_t wild = 0;
    for (size_t i = begin; i < end; ++i) {
        wild += std::fabs(column[i]) < kMagnitudeMax ? 0 : 1;
    }
    return wild == 0;
}

bool are_tame(const GroupState& state, const Column& column, size_t begin, size_t end) {
    return are_tame(column, begin, end) && are_tame(state.value, begin, end);
}

void fold_sum(GroupState& state, const Column& column, size_t begin, size_t end) {
    if (are_tame(state, column, begin, end)) {
        for (size_t i = begin; i < end; ++i) {
            state.value[i] += column[i];
        }
        return;
    }
    for (size_t i = begin; i < end; ++i) {
        if (!is_absent(column[i])) {
            state.value[i] = is_absent(state.value[i]) ? column[i] : state.value[i] + column[i];
        }
    }
}

void fold_count(GroupState& state, const Column& column, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        if (!is_absent(column[i])) {
            state.value[i] = is_absent(state.value[i]) ? 1 : state.value[i] + 1;
        }
    }
}

void fold_group(GroupState& state, const Column& column, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        if (!is_absent(column[i])) {
            state.value[i] = 1;
        }
    }
}

void fold_min(GroupState& state, const Column& column, size_t begin, size_t end) {
    if (are_tame(state, column, begin, end)) {
        for (size_t i = begin; i < end; ++i) {
            state.value[i] = state.value[i] > column[i] ? column[i] : state.value[i];
        }
        return;
    }
    for (size_t i = begin; i < end; ++i) {
        // An absent or other NaN gives way to anything.
        if (!is_absent(column[i]) && (state.value[i] > column[i] || std::isnan(state.value[i]))) {
            state.value[i] = column[i];
        }
    }
}

void fold_max(GroupState& state, const Column& column, size_t begin, size_t end) {
    if (are_tame(state, column, begin, end)) {
        for (size_t i = begin; i < end; ++i) {
            state.value[i] = state.value[i] < column[i] ? column[i] : state.value[i];
        }
        return;
    }
    for (size_t i = begin; i < end; ++i) {
        if (!is_absent(column[i]) && (state.value[i] < column[i] || std::isnan(state.value[i]))) {
            state.value[i] = column[i];
        }
    }
}

// True when adding value to a mean that is infinite would spoil it.
bool keeps_infinite_mean(double mean, double value) {
    if (!std::isinf(mean)) {
        return false;
    }
    return std::isinf(value) ? (mean > 0) == (value > 0) : !std::isnan(value);
}

void fold_avg(GroupState& state, const Column& column, size_t begin, size_t end) {
    if (are_tame(state, column, begin, end)) {
        for (size_t i = begin; i < end; ++i) {
            state.count[i] += 1;
            state.value[i] += (column[i] - state.value[i]) / state.count[i];
        }
        return;
    }
    for (size_t i = begin; i < end; ++i) {
        const double value = column[i];
        if (is_absent(value)) {
            continue;
        }
        double& mean = state.value[i];
        const double count = state.count[i] += 1;
        if (is_absent(mean)) {
            mean = value;
        } else if (!keeps_infinite_mean(mean, value)) {
            mean += value / count - mean / count;
        }
    }
}

// Welford's method: value is the sum of squared deviations.
void fold_deviation(GroupState& state, const Column& column, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
        const double value = column[i];
        if (is_absent(value)) {
            continue;
        }
        const double count = state.count[i] += 1;
        if (is_absent(state.value[i])) {
            state.mean[i] = value;
            state.value[i] = 0;
            continue;
        }
        const double delta = value - state.mean[i];
        state.mean[i] += delta / count;
        state.value[i] += delta * (value - state.mean[i]);
    }
}

Fold fold_of(AggregateOp op) {
    switch (op) {
        case AggregateOp::Sum:
            return fold_sum;
        case AggregateOp::Avg:
            return fold_avg;
        case AggregateOp::Count:
            return fold_count;
        case AggregateOp::Min:
            return fold_min;
        case AggregateOp::Max:
            return fold_max;
        case AggregateOp::Group:
            return fold_group;
        default:
            return fold_deviation;
    }
}

void finish(AggregateOp op, GroupState& state) {
    if (op != AggregateOp::Stddev && op != AggregateOp::Stdvar) {
        return;
    }
    for (size_t i = 0; i < state.value.size(); ++i) {
        if (!is_absent(state.value[i])) {
            const double variance = state.value[i] / state.count[i];
            state.value[i] = op == AggregateOp::Stddev ? std::sqrt(variance) : variance;
        }
    }
}

std::vector<GroupState> make_states(AggregateOp op, size_t groups, size_t steps) {
    const bool counts =
        op == AggregateOp::Avg || op == AggregateOp::Stddev || op == AggregateOp::Stdvar;
    GroupState state;
    state.value.assign(steps, absent());
    state.count.assign(counts ? steps : 0, 0);
    state.mean.assign(counts && op != AggregateOp::Avg ? steps : 0, 0);
    return std::vector<GroupState>(groups, state);
}

}  // namespace

Result<SeriesSet> aggregate(const AggregateExpr& node,
                            SeriesSet input,
                            const AggregateParameter& parameter,
                            QueryContext& context) {
    if (takes_parameter(node.op)) {
        return aggregate_ranked(node, std::move(input), parameter, context);
    }
    const Grouping grouping = group_series(node, input.labels);
    const size_t groups = grouping.labels.size();
    Matrix result;
    result.steps = input.steps;
    result.charge = TRY(Charge::take(context, static_cast<uint64_t>(groups) * input.steps));
    std::vector<GroupState> states = make_states(node.op, groups, input.steps);
    // The order of groups in an instant answer is that of their first sample.
    std::vector<size_t> first_seen(groups, std::numeric_limits<size_t>::max());
    const Fold fold = fold_of(node.op);
    TRY(for_each_series(
        input, context, [&](size_t series, const Column& column, size_t begin, size_t end) {
            const uint32_t group = grouping.group_of[series];
            fold(states[group], column, begin, end);
            if (begin == 0 && first_seen[group] > series && any_present(column)) {
                first_seen[group] = series;
            }
        }));
    std::vector<size_t> order(groups);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        return first_seen[a] < first_seen[b];
    });
    for (const size_t group : order) {
        if (first_seen[group] != std::numeric_limits<size_t>::max()) {
            finish(node.op, states[group]);
            result.add(grouping.labels[group], std::move(states[group].value));
        }
    }
    return to_set(std::move(result));
}

}  // namespace cistern::promql
