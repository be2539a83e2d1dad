// SPDX-License-Identifier: MIT
// Query text -> typed expression tree. PromQL of Prometheus 2.42 with quoted names in braces
// ({"room.temp"}) and db/metric.name selectors.
// Source: Prometheus 2.42 promql/parser/generated_parser.y and parse.go (behaviour).
#pragma once

#include "store/base/result.h"
#include "store/model/matcher.h"
#include "store/promql/ast.h"

#include <string_view>
#include <vector>

namespace cistern::promql {

// Deeper trees are refused: a chain of operators counts as nesting too.
inline constexpr int kExpressionDepthMax = 500;

// Fails with InvalidArgument and "line:column: parse error: what"; columns count bytes from 1.
Result<ExprPtr> parse(std::string_view query);

// A bare selector such as the API's match[]: its conditions.
Result<std::vector<store::Matcher>> parse_selector(std::string_view selector);

}  // namespace cistern::promql
