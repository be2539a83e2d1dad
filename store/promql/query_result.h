// SPDX-License-Identifier: MIT
// What a query answers.
#pragma once

#include "store/base/result.h"
#include "store/model/labels.h"
#include "store/promql/function.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cistern::promql {

// Columns of one series: ascending milliseconds since the Unix epoch, and values. Of a vector one
// each.
struct ResultSeries {
    store::Labels labels;
    std::vector<int64_t> timestamps_ms;
    std::vector<double> values;
};

struct QueryStats {
    uint64_t samples_read = 0;
    uint64_t samples_peak = 0;  // held in memory at once
    int64_t queue_ns = 0;
    int64_t evaluation_ns = 0;
};

struct QueryResult {
    // Instant: what the expression is. Range: Matrix.
    ValueType type = ValueType::Vector;
    int64_t time_ms = 0;  // of scalars and strings
    double scalar = 0;
    std::string text;
    // Vector: in the order of evaluation, which sort() and topk() make. Matrix: sorted by labels.
    std::vector<ResultSeries> series;
    // With QueryOptions::stream_samples: fills in the points that `series` lacks; there may turn
    // out to be none. One thread; the querier must still be there. Not set when the points are in
    // `series`.
    std::function<Status(size_t index, ResultSeries& into)> samples;
    std::vector<std::string> warnings;
    std::vector<std::string> infos;
    QueryStats stats;
};

}  // namespace cistern::promql
