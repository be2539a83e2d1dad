// SPDX-License-Identifier: MIT
#include "web/selectors.h"

#include "store/promql/parser.h"

#include <fmt/format.h>

namespace cistern::web {

Result<MatcherSet> parse_selector(std::string_view text) {
    return promql::parse_selector(text);
}

Result<std::vector<MatcherSet>> parse_match_parameters(const Parameters& parameters) {
    std::vector<MatcherSet> sets;
    for (const std::string_view text : parameters.get_all("match[]")) {
        auto set = promql::parse_selector(text);
        if (!set) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("invalid parameter \"match[]\": {}", set.error().message));
        }
        sets.push_back(*std::move(set));
    }
    return sets;
}

}  // namespace cistern::web
