// SPDX-License-Identifier: MIT
// match[] parameters and the time range beside them, as the metadata routes take them.
#pragma once

#include "store/base/result.h"
#include "store/model/matcher.h"
#include "store/model/sample.h"
#include "web/parameters.h"

#include <string_view>
#include <vector>

namespace cistern::web {

using MatcherSet = std::vector<store::Matcher>;

// A PromQL series selector. InvalidArgument with Prometheus' wording.
Result<MatcherSet> parse_selector(std::string_view text);
// Every match[] parameter; empty when there is none.
Result<std::vector<MatcherSet>> parse_match_parameters(const Parameters& parameters);

}  // namespace cistern::web
