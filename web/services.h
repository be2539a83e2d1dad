// SPDX-License-Identifier: MIT
// What the API routes stand on, and how a request names its database.
#pragma once

#include "store/base/clock.h"
#include "store/base/metrics.h"
#include "store/base/result.h"
#include "store/engine/querier.h"
#include "store/engine/store.h"
#include "store/promql/engine.h"
#include "web/http.h"
#include "web/options.h"

#include <memory>
#include <string>
#include <string_view>

namespace cistern::web {

class LiveHub;
class ImportCaches;

inline constexpr std::string_view kAllDatabases = "_all";

// Everything outlives the routes. Not owned.
struct Services {
    store::Store& store;
    promql::Engine& engine;
    MetricsRegistry& registry;
    Clock& clock;
    const WebOptions& options;
    std::string root;              // the data folder, for status and dashboards
    std::string default_database;  // "main"
    std::string version;           // of this program
    int64_t started_ns = 0;
    LiveHub& live;
    ImportCaches& import_caches;
};

// The database of the request's /db/<name> prefix or `db` parameter. InvalidArgument: a bad name.
Result<std::string> database_name(const Services& services, const Request& request);
// To read from: a view of one database or of all. The default one may not exist yet: it is empty.
// NotFound names any other missing one.
Result<std::unique_ptr<store::Querier>> open_querier(const Services& services,
                                                     const Request& request);
Result<std::unique_ptr<store::Querier>> open_querier(const Services& services,
                                                     const Request& request,
                                                     std::string_view database);
// To write to: created when missing. InvalidArgument for the union.
Result<store::Database*> open_for_write(const Services& services,
                                        const Request& request,
                                        std::string_view database);

// Answers every question with nothing.
std::unique_ptr<store::Querier> make_empty_querier();

// {"status":"success","data":<json>}
Response success(std::string_view data_json);

}  // namespace cistern::web
