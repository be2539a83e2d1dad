// SPDX-License-Identifier: MIT
#include "web/api.h"

#include "web/assets.h"
#include "web/dashboard_api.h"
#include "web/dashboards.h"
#include "web/database_api.h"
#include "web/federate_api.h"
#include "web/import_api.h"
#include "web/import_caches.h"
#include "web/influx_api.h"
#include "web/live_api.h"
#include "web/live_hub.h"
#include "web/metadata_api.h"
#include "web/process_api.h"
#include "web/query_api.h"
#include "web/remote_read_api.h"
#include "web/remote_write_api.h"
#include "web/series_api.h"
#include "web/services.h"
#include "web/status_api.h"

namespace cistern::web {

namespace {

promql::EngineOptions engine_options(const LimitOptions& limits, Clock& clock) {
    promql::EngineOptions options;
    options.lookback_ms = limits.lookback_ms;
    options.left_open = limits.left_open_ranges;
    options.max_samples = limits.query_samples;
    options.timeout_ms = limits.query_timeout_ms;
    options.max_concurrency = limits.query_concurrency;
    options.clock = &clock;
    return options;
}

}  // namespace

struct Api::State {
    State(store::Store& store,
          MetricsRegistry& registry,
          const WebOptions& web,
          ApiOptions options,
          Clock& clock)
        : web_options(web),
          engine(engine_options(web.limits, clock)),
          assets(embedded_assets(), web.web_root),
          dashboards(posix_file_system(), clock, options.root + "/_dashboards"),
          services{store,
                   engine,
                   registry,
                   clock,
                   web_options,
                   std::move(options.root),
                   std::move(options.default_database),
                   std::move(options.version),
                   clock.now_ns(),
                   live,
                   import_caches} {}

    WebOptions web_options;
    promql::Engine engine;
    LiveHub live;
    ImportCaches import_caches;
    AssetServer assets;
    Dashboards dashboards;
    Services services;
};

Api::Api(store::Store& store,
         MetricsRegistry& registry,
         const WebOptions& web,
         ApiOptions options,
         Clock& clock)
    : state_(std::make_unique<State>(store, registry, web, std::move(options), clock)) {
    add_store_metrics(registry, store);
    store.set_listener(
        [&live = state_->live](store::Database& database, std::span<const store::Sample> samples) {
            live.publish(database, samples);
        });
}

Api::~Api() {
    state_->services.store.set_listener({});
}

Router Api::routes() const {
    Router router;
    const Services& services = state_->services;
    add_query_routes(router, services);
    add_series_routes(router, services);
    add_metadata_routes(router, services);
    add_status_routes(router, services);
    add_federate_routes(router, services);
    add_database_routes(router, services);
    add_import_routes(router, services);
    add_remote_write_routes(router, services);
    add_remote_read_routes(router, services);
    add_influx_routes(router, services);
    add_live_routes(router, services);
    add_dashboard_routes(router, state_->dashboards);
    add_process_routes(router, services);
    router.set_fallback(
        [&assets = state_->assets](const Request& request) { return assets.serve(request); });
    return router;
}

}  // namespace cistern::web
