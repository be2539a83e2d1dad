// SPDX-License-Identifier: MIT
// PromQL over HTTP: /api/v1/query and /api/v1/query_range.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_query_routes(Router& router, const Services& services);

}  // namespace cistern::web
