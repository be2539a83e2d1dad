// SPDX-License-Identifier: MIT
// DataSets, where the settings want them: a series per cell that is a number, labelled with its row
// and the row's texts.
#include "collector/mapping/reasons.h"
#include "collector/mapping/sparkplug_host.h"
#include "store/model/labels.h"

#include <fmt/format.h>

#include <cmath>

namespace cistern::collector {

void SparkplugHost::emit_dataset(Step& step,
                                 const std::string& name,
                                 const SparkplugMetric& metric) {
    const SparkplugDataSet& set = payload_.datasets[static_cast<size_t>(metric.dataset)];
    if (set.rows.size() * set.columns.size() > limits_.array_elements) {
        return drop(step, reason::kTooManyFields, name);
    }
    for (size_t row = 0; row < set.rows.size(); ++row) {
        const std::vector<SparkplugRaw>& cells = set.rows[row];
        const size_t columns = std::min(set.columns.size(), cells.size());
        const auto type = [&](size_t i) { return i < set.types.size() ? set.types[i] : 0; };
        SparkplugDefinition cell;
        cell.index = static_cast<int32_t>(row);
        cell.is_row = true;
        for (size_t i = 0; i < columns; ++i) {
            const bool text = interpret_sparkplug(cells[i], type(i), value_) &&
                              value_.kind == SparkplugValue::Kind::Text;
            if (text && store::is_valid_utf8(value_.text) && store::is_valid_utf8(set.columns[i])) {
                cell.labels.emplace_back(set.columns[i], value_.text);
            }
        }
        for (size_t i = 0; i < columns; ++i) {
            const bool number = interpret_sparkplug(cells[i], type(i), value_) &&
                                (value_.kind == SparkplugValue::Kind::Number ||
                                 value_.kind == SparkplugValue::Kind::Boolean);
            if (number && std::isfinite(value_.number) && store::is_valid_utf8(set.columns[i])) {
                cell.name = fmt::format("{}/{}", name, set.columns[i]);
                emit_cell(step, cell, metric);
            }
        }
    }
}

void SparkplugHost::emit_cell(Step& step, SparkplugDefinition cell, const SparkplugMetric& metric) {
    std::string key = fmt::format("{}[{}]", cell.name, cell.index);
    for (const auto& [label, text] : cell.labels) {
        key += fmt::format("\n{}={}", label, text);
    }
    SparkplugNodeMetric* const known = know(step, key);
    if (known != nullptr && known->definition == kNoDefinition) {
        cell.group = step.node->group;
        cell.node = step.node->name;
        cell.device = step.device->name;
        known->definition = define(cell);
    }
    if (known == nullptr || known->definition == kNoDefinition) {
        return drop(step, reason::kSeriesLimit, cell.name);
    }
    known->born = true;
    known->is_row = true;
    SparkplugSample sample = sample_of(step, metric);
    sample.definition = known->definition;
    sample.value = value_.number;
    sample.inexact = value_.inexact;
    step.out.samples.push_back(sample);
}

}  // namespace cistern::collector
