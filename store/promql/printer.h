// SPDX-License-Identifier: MIT
// Expression tree -> query text in Prometheus' formatting; parsing the text gives the same tree.
// Source: Prometheus 2.42 promql/parser/printer.go and prettier.go (behaviour).
#pragma once

#include "store/promql/ast.h"

#include <string>

namespace cistern::promql {

std::string to_string(const Expr& expr);
// What format_query answers: broken over indented lines where a part exceeds 100 characters.
std::string pretty(const Expr& expr);

}  // namespace cistern::promql
