// SPDX-License-Identifier: MIT
// The commented engine.toml that `cistern init` writes.
#pragma once

#include <string_view>

namespace cistern::config {

std::string_view default_engine_toml();

}  // namespace cistern::config
