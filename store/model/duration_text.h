// SPDX-License-Identifier: MIT
// Durations as people write them: settings, command line, HTTP parameters.
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::store {

// Go's durations plus d (24 h) and w (7 d): "1h30m", "1.5s", "250ms", "1d12h", "-5m", "0".
// Returns ns.
Result<int64_t> parse_duration(std::string_view text);
// As Go prints them: "1h30m0s", "1.5s", "250ms", "0s".
std::string format_duration(int64_t ns);

}  // namespace cistern::store
