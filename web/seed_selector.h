// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cistern::web {

// A query that is nothing but db/metric. PromQL would take it for a division where the metric has
// no dot: it is the seed's form when a database of that name exists.
struct SeedSelector {
    std::string database;
    std::string promql;  // the metric's selector within that database
};
std::optional<SeedSelector> split_seed_selector(std::string_view query);

}  // namespace cistern::web
