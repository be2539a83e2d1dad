// SPDX-License-Identifier: MIT
// Which databases and metrics there are, and which aggregates a query may name: the routes of the
// seed's tools.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_database_routes(Router& router, const Services& services);

}  // namespace cistern::web
