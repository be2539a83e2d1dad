// SPDX-License-Identifier: MIT
// MQTT topic filters: does one match a topic, does one cover another (MQTT 5 section 4.7).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

// `+` and `#` do not match a first level that begins with `$`.
bool filter_matches(std::string_view filter, std::string_view topic);
// Every topic that `narrow` matches is matched by `wide`.
bool filter_covers(std::string_view wide, std::string_view narrow);
// Empty, or what is wrong with the filter.
std::string_view filter_fault(std::string_view filter);

}  // namespace cistern::collector
