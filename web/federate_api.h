// SPDX-License-Identifier: MIT
// GET /federate: the newest samples of the series that match, as exposition text.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_federate_routes(Router& router, const Services& services);

}  // namespace cistern::web
