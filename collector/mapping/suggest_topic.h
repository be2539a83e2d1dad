// SPDX-License-Identifier: MIT
// A topic made into a pattern: what tells devices apart becomes captures. Internal to
// collector/mapping.
#pragma once

#include "collector/mapping/options.h"

#include <string_view>

namespace cistern::collector {

// Sets name, topic, metric and labels. `plain`: the payload is one value, and the topic says which.
void suggest_topic(std::string_view topic, bool plain, RuleOptions& rule);

}  // namespace cistern::collector
