// SPDX-License-Identifier: MIT
// The HTTP routes that tell what became of topics, and where series come from.
#pragma once

#include "app/collector_group.h"
#include "store/base/clock.h"
#include "store/engine/store.h"
#include "web/router.h"

#include <string>

namespace cistern::app {

// GET /api/v1/topics and GET /api/v1/collector/series. All of it must outlive the routes.
void add_topic_routes(web::Router& router,
                      const store::Store& store,
                      const CollectorGroup& group,
                      const std::string& default_database,
                      Clock& clock);

}  // namespace cistern::app
