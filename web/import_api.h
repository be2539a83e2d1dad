// SPDX-License-Identifier: MIT
// POST /api/v1/import (line protocol) and /api/v1/import/prometheus (exposition text).
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_import_routes(Router& router, const Services& services);

}  // namespace cistern::web
