// SPDX-License-Identifier: MIT
// The HTTP routes that need the collector: its state, and what it would do with a message. They are
// here because web must not know the collector.
#pragma once

#include "app/collector_group.h"
#include "collector/mapping/options.h"
#include "store/base/clock.h"
#include "web/router.h"

namespace cistern::app {

// GET /api/v1/collector/status, GET and POST /api/v1/explain.
// `group`, `mapping` and `clock` must outlive the routes; `mapping` gives the rules of the moment.
void add_collector_routes(web::Router& router,
                          const CollectorGroup& group,
                          std::function<collector::MappingOptions()> mapping,
                          Clock& clock);

}  // namespace cistern::app
