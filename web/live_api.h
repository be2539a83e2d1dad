// SPDX-License-Identifier: MIT
// GET /api/v1/live (server-sent events) and /api/v1/live/snapshot.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_live_routes(Router& router, const Services& services);

}  // namespace cistern::web
