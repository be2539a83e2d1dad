// SPDX-License-Identifier: MIT
// MQTT topic filters of the settings (MQTT 5 section 4.7).
#pragma once

#include <string_view>

namespace cistern::collector {

// `+` and `#` do not match a first level that begins with `$`.
bool filter_matches(std::string_view filter, std::string_view topic);
// Empty, or what is wrong with the filter.
std::string_view filter_fault(std::string_view filter);

}  // namespace cistern::collector
