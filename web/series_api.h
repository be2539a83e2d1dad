// SPDX-License-Identifier: MIT
// Which series, label names and label values there are: /series, /labels, /label/{name}/values.
#pragma once

#include "web/router.h"
#include "web/services.h"

namespace cistern::web {

void add_series_routes(Router& router, const Services& services);

}  // namespace cistern::web
