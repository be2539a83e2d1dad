// SPDX-License-Identifier: MIT
// POST /api/v1/write: Prometheus, vmagent, Alloy and other collectors send samples here.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_remote_write_routes(Router& router, const Services& services);

}  // namespace cistern::web
