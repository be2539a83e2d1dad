// SPDX-License-Identifier: MIT
// Host name -> addresses, in the caller's thread. The client library would look the name up under
// a lock that stops every other connection of the process.
#pragma once

#include "store/base/result.h"

#include <string>
#include <vector>

namespace cistern::mqtt {

// Numeric addresses in the system's order of preference; never empty. Blocks as long as the
// system's resolver does.
Result<std::vector<std::string>> resolve(const std::string& host);

}  // namespace cistern::mqtt
