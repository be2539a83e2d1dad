// SPDX-License-Identifier: MIT
// What the grammar cannot say: types of operands and arguments, sane selectors.
// Source: Prometheus 2.42 promql/parser/parse.go, checkAST (behaviour and wording).
#pragma once

#include "store/base/result.h"
#include "store/promql/ast.h"

#include <string_view>

namespace cistern::promql {

// The first fault in Prometheus' order. `query` is the text that expr was parsed from. Turns set
// operations into many-to-many matches.
Status check_types(Expr& expr, std::string_view query);

}  // namespace cistern::promql
