// SPDX-License-Identifier: MIT
#include "store/promql/aggregation.h"

#include <algorithm>
#include <unordered_map>

namespace cistern::promql {
namespace {

bool keeps(const AggregateExpr& node, std::string_view label) {
    if (node.without) {
        return label != store::kMetricNameLabel && !is_grouping_label(node, label);
    }
    return is_grouping_label(node, label);
}

// Equal for series of one group.
void make_key(const AggregateExpr& node, const SeriesLabels& series, std::string& key) {
    key.clear();
    if (!node.without) {
        for (const std::string& label : node.grouping) {
            key.append(series.get(label)).append(1, '\xff');
        }
        return;
    }
    series.for_each([&](std::string_view name, std::string_view value) {
        if (keeps(node, name)) {
            SeriesLabels::append_to_key(key, name, value);
        }
    });
}

}  // namespace

bool is_grouping_label(const AggregateExpr& node, std::string_view label) {
    return std::find(node.grouping.begin(), node.grouping.end(), label) != node.grouping.end();
}

store::Labels group_labels(const AggregateExpr& node, const SeriesLabels& series) {
    std::vector<store::Label> kept;
    series.for_each([&](std::string_view name, std::string_view value) {
        if (keeps(node, name)) {
            kept.push_back({std::string(name), std::string(value)});
        }
    });
    return store::Labels(std::move(kept));
}

Grouping group_series(const AggregateExpr& node, const std::vector<SeriesLabels>& series) {
    Grouping grouping;
    grouping.group_of.reserve(series.size());
    std::unordered_map<std::string, uint32_t> known;
    std::string key;
    for (const SeriesLabels& labels : series) {
        make_key(node, labels, key);
        const auto [found, is_new] =
            known.emplace(key, static_cast<uint32_t>(grouping.labels.size()));
        if (is_new) {
            grouping.labels.emplace_back(group_labels(node, labels));
        }
        grouping.group_of.push_back(found->second);
    }
    return grouping;
}

}  // namespace cistern::promql
