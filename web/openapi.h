// SPDX-License-Identifier: MIT
// GET /api/v1/openapi.json: what the server answers, for the API page and for other programs.
#pragma once

#include "web/router.h"

#include <string>
#include <string_view>

namespace cistern::web {

// OpenAPI 3.0 of the routes; those of app that are not described here get no summary.
std::string openapi_json(const Router& router);
// Whether the route has a description.
bool is_described(std::string_view pattern);

// Adds the route itself; called after all others.
void add_openapi_route(Router& router);

}  // namespace cistern::web
