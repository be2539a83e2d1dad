// SPDX-License-Identifier: MIT
// The seed's queries beside PromQL: stored samples as they are, and aggregates over windows.
//   query=db/metric.name&start=...[&end=...]                              stored samples
//   query=db/metric.name&start=...&aggregate=avg,p95&window=5m            one row per window
#pragma once

#include "store/engine/querier.h"
#include "store/promql/engine_options.h"
#include "store/promql/query_result.h"
#include "web/http.h"
#include "web/parameters.h"
#include "web/services.h"

#include <string>

namespace cistern::web {

struct WindowScope {
    const store::Querier& querier;  // of selectors that name no database
    const Parameters& parameters;
    const promql::DatabaseResolver& databases;
};

// `aggregate` is given.
bool wants_windows(const Parameters& parameters);
// A selector of the form db/metric, or with db=, and neither step nor aggregate.
bool wants_samples(const Parameters& parameters);

// Windows begin at multiples of `window` since the epoch; a row stands at its window's end, cut to
// `end`; windows without samples have no row.
Response query_windows(const Services& services, const WindowScope& scope, int64_t now_ms);
// One value per aggregate over the window that ends at `time_ms`.
Response query_windows_at(const Services& services, const WindowScope& scope, int64_t time_ms);
Response query_samples(const Services& services, const WindowScope& scope, int64_t now_ms);

// Adds the label db to every series.
void name_database(std::string_view database, promql::QueryResult& result);

}  // namespace cistern::web
