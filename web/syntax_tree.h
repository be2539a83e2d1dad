// SPDX-License-Identifier: MIT
// A PromQL expression as the JSON of Prometheus 3's /api/v1/parse_query.
// Source: prometheus 3, web/api/v1/translate_ast.go (behaviour).
#pragma once

#include "store/promql/ast.h"
#include "web/json_writer.h"

namespace cistern::web {

void write_syntax_tree(JsonWriter& json, const promql::Expr& expr);

}  // namespace cistern::web
