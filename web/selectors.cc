// SPDX-License-Identifier: MIT
#include "web/selectors.h"

#include "store/promql/parser.h"

#include <algorithm>

namespace cistern::web {

Result<MatcherSet> parse_selector(std::string_view text) {
    return promql::parse_selector(text);
}

Result<std::vector<MatcherSet>> parse_match_parameters(const Parameters& parameters) {
    std::vector<MatcherSet> sets;
    for (const std::string_view text : parameters.get_all("match[]")) {
        auto set = promql::parse_selector(text);
        if (!set) {
            return tl::unexpected(set.error());
        }
        const bool selects = std::any_of(
            set->begin(), set->end(), [](const auto& matcher) { return !matcher.matches_empty(); });
        if (!selects) {
            return fail(ErrorCode::InvalidArgument,
                        "match[] must contain at least one non-empty matcher");
        }
        sets.push_back(*std::move(set));
    }
    return sets;
}

}  // namespace cistern::web
