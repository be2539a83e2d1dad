// SPDX-License-Identifier: MIT
// Filters, methods and functions of expressions, by kind. Internal to expression*.cc.
#pragma once

#include "collector/mapping/expression_value.h"
#include "store/base/result.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

using ExprArgs = std::vector<ExprValue>;  // the subject first
using ExprFunction = ExprValue (*)(const ExprArgs&);
using ExprFunctions = std::map<std::string, ExprFunction, std::less<>>;

inline ExprValue expr_argument(const ExprArgs& args, size_t i) {
    return i < args.size() ? args[i] : ExprValue::undefined();
}

void add_text_functions(ExprFunctions& into);
void add_list_functions(ExprFunctions& into);

// '%.1f' % 21.53 and '%s' % x; the arguments in order. Undefined where they do not fit.
ExprValue expr_format_percent(std::string_view format, const ExprArgs& args);
// Why a literal pattern of a regex_… function cannot be used; empty = it can.
std::string expr_pattern_error(std::string_view pattern);

}  // namespace cistern::collector
