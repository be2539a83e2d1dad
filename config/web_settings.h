// SPDX-License-Identifier: MIT
// [engine], [web], [auth] and [limits] of engine.toml: who may reach the server and how much it
// does.
#pragma once

#include "config/table_reader.h"
#include "web/options.h"

namespace cistern::config {

void read_web_settings(TableReader& root, web::WebOptions& options);

}  // namespace cistern::config
