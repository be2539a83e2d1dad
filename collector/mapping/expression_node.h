// SPDX-License-Identifier: MIT
// The tree of an expression; internal to expression*.cc.
#pragma once

#include "collector/mapping/expression.h"

#include <memory>
#include <string>
#include <vector>

namespace cistern::collector {

enum class ExprOp : uint8_t {
    Literal,
    List,
    Map,  // args: key, value, key, …
    Variable,
    Path,
    ValueText,
    ValueJson,
    Member,  // args: value, key
    Slice,   // args: value, from, to
    Or,
    And,
    Not,
    Negate,
    Conditional,  // args: condition, then, else
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    Test,  // name; negated; args: subject, perhaps an operand
    Concat,
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    Call,  // name: filter, method or function; args: subject, arguments…
};

struct ExprNode {
    ExprOp op = ExprOp::Literal;
    ExprValue literal;
    std::string name;
    bool negated = false;
    FieldPath path;
    std::vector<std::unique_ptr<ExprNode>> args;
};

ExprValue evaluate_node(const ExprNode& node, ExprScope& scope);
// Filters, methods and functions by name.
bool is_known_call(std::string_view name);
ExprValue call(const ExprNode& node, ExprScope& scope);
// Unsupported: good Jinja, but not with these arguments.
Status check_call(const ExprNode& node);
// Where the argument with this name stands in a call of the function; 0 = it has none such.
size_t argument_place(std::string_view function, std::string_view name);

// Readers of literals; each takes what it reads off `rest`.
// 'text' or "text"; false when the closing quote is missing.
bool take_expression_text(std::string_view& rest, ExprValue& text);
// 12, 1.5, 2e-3
ExprValue take_expression_number(std::string_view& rest);
// $.a.b['c'][0], as far as it goes
std::string_view take_expression_path(std::string_view& rest);

}  // namespace cistern::collector
