// SPDX-License-Identifier: MIT
// POST /api/v1/read: Prometheus reads stored samples from here.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_remote_read_routes(Router& router, const Services& services);

}  // namespace cistern::web
