// SPDX-License-Identifier: MIT
// A query's result as Prometheus' JSON.
#pragma once

#include "store/engine/querier.h"
#include "store/promql/query_result.h"
#include "web/http.h"
#include "web/json_writer.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::web {

struct QueryAnswer {
    // What the result may still read from.
    std::shared_ptr<const store::Querier> querier;
    promql::QueryResult result;
    bool with_stats = false;
    size_t series_max = 0;  // 0 = all; else cut, with a warning
};

// The whole document, piece by piece as it grows.
void write_query_answer(const QueryAnswer& answer, ResponseStream& out);

// [time,"value"]
void write_point(JsonWriter& json, int64_t time_ms, double value);
void write_string_list(JsonWriter& json,
                       std::string_view key,
                       const std::vector<std::string>& list);

}  // namespace cistern::web
