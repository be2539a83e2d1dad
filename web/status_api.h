// SPDX-License-Identifier: MIT
// /api/v1/status/*: what Grafana and people ask about the server itself.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_status_routes(Router& router, const Services& services);

}  // namespace cistern::web
