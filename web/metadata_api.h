// SPDX-License-Identifier: MIT
// What is known beside the samples: /metadata, /targets/metadata, format_query, parse_query, and
// the routes of Prometheus' scraping and alerting, which are empty here.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_metadata_routes(Router& router, const Services& services);

}  // namespace cistern::web
