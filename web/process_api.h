// SPDX-License-Identifier: MIT
// /health, /-/healthy, /-/ready and /metrics.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_process_routes(Router& router, const Services& services);
// The store's own numbers, for /metrics and the internal database.
void add_store_metrics(MetricsRegistry& registry, const store::Store& store);

}  // namespace cistern::web
