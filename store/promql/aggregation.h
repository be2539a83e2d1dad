// SPDX-License-Identifier: MIT
// sum, avg, topk and the other aggregators over an instant vector.
// Source: Prometheus 2.42 promql/engine.go, aggregation() (formulas and order of operations).
#pragma once

#include "store/promql/ast.h"
#include "store/promql/series_set.h"

#include <string>
#include <vector>

namespace cistern::promql {

// Which group each series belongs to. Groups are numbered in the order of their first series.
struct Grouping {
    std::vector<uint32_t> group_of;    // [series]
    std::vector<SeriesLabels> labels;  // [groups]
};
Grouping group_series(const AggregateExpr& node, const std::vector<SeriesLabels>& series);
// In the by() or without().
bool is_grouping_label(const AggregateExpr& node, std::string_view label);
// The labels of the group that a series belongs to.
store::Labels group_labels(const AggregateExpr& node, const SeriesLabels& series);

// `parameter`: the scalar argument at each step (topk, quantile ...), null when there is none.
// `text`: the label of count_values.
struct AggregateParameter {
    const Column* number = nullptr;
    std::string text;
};
Result<SeriesSet> aggregate(const AggregateExpr& node,
                            SeriesSet input,
                            const AggregateParameter& parameter,
                            QueryContext& context);

// Those that look at all series of a step at once: topk, bottomk, quantile, count_values, limitk,
// limit_ratio. With one step the output is in Prometheus' order.
Result<SeriesSet> aggregate_ranked(const AggregateExpr& node,
                                   SeriesSet input,
                                   const AggregateParameter& parameter,
                                   QueryContext& context);

}  // namespace cistern::promql
