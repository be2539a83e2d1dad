// SPDX-License-Identifier: MIT
// InfluxDB's write routes, 1.x and 2.x, for Telegraf, Home Assistant and firmware that speaks it;
// and as much of the rest as their clients ask before they write.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_influx_routes(Router& router, const Services& services);

}  // namespace cistern::web
