// SPDX-License-Identifier: MIT
// Query text -> tokens with positions.
// Source: Prometheus 2.42 promql/parser/lex.go (behaviour).
#pragma once

#include "store/promql/token.h"

#include <string_view>
#include <vector>

namespace cistern::promql {

// The tokens of a query without white space and comments. The last one is Eof, or Error at the
// first place that is no PromQL. Never fails otherwise.
std::vector<Token> tokenize(std::string_view query);

}  // namespace cistern::promql
