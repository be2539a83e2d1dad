// SPDX-License-Identifier: MIT
// /api/v1/dashboards: list, read, create, replace, delete, validate.
#pragma once

#include "web/dashboards.h"
#include "web/router.h"

namespace cistern::web {

// `dashboards` must outlive the routes.
void add_dashboard_routes(Router& router, Dashboards& dashboards);

}  // namespace cistern::web
