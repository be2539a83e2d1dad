// SPDX-License-Identifier: MIT
// How `cistern query` prints: rows of samples, and PromQL results as a table or Prometheus' JSON.
#pragma once

#include "store/engine/options.h"
#include "store/model/sample.h"
#include "store/promql/engine.h"

#include <string>
#include <vector>

namespace cistern::app {

struct MetricRows {
    struct Series {
        std::string name;
        store::ValueType type = store::ValueType::Float;
        std::vector<store::TimestampNs> timestamps;
        std::vector<store::ValueBits> values;
    };
    std::string root;
    std::string database;
    std::string regex;
    store::TimeRange range;
    std::vector<Series> series;

    [[nodiscard]] std::string to_table() const;
    // {root_dir, database, metric_regex, start_ns, end_ns, rows, row_count, duration_ms}
    [[nodiscard]] std::string to_json(int64_t took_ns) const;
};

std::string result_to_table(const promql::QueryResult& result);
// {"resultType": …, "result": …} as Prometheus' `data`.
std::string result_to_json(const promql::QueryResult& result);

}  // namespace cistern::app
