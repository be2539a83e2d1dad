// SPDX-License-Identifier: MIT
// Metadata are told per family; the series of a family may carry its name with a suffix.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cistern::web {

// The metric names that series of this family have: a histogram's end in _bucket, _sum, _count.
std::vector<std::string> family_metrics(std::string_view family, std::string_view type);

// The family of a metric whose series have metadata of this type.
std::string_view family_of(std::string_view metric, std::string_view type);

}  // namespace cistern::web
