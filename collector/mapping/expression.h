// SPDX-License-Identifier: MIT
// Expressions: the Jinja subset that real Home Assistant templates use, and the `when`, `match` and
// `expr` of rules. Operators, filters, tests, a few string methods; no loops, no state of others.
#pragma once

#include "collector/mapping/expression_value.h"
#include "collector/mapping/field_path.h"
#include "store/base/result.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::collector {

// What an expression can name.
struct ExprScope {
    NodeScope nodes;                            // $, $$, $*; value_json is nodes.root
    std::string_view value;                     // `value`: the payload as text
    const ExprValue* value_override = nullptr;  // `value` of a rule's expr: the number at hand
    bool ignore_default = false;                // `| default(x)` leaves undefined
    std::vector<std::pair<std::string, ExprValue>> variables;  // {% set %}
    bool keep_previous = false;  // out: `is_defined` met an undefined value
};

struct ExprNode;

class Expression {
  public:
    // Unsupported = good Jinja that we do not take (states(), now(), loops); InvalidArgument =
    // broken.
    static Result<Expression> parse(std::string_view text);
    Expression();
    Expression(Expression&&) noexcept;
    Expression& operator=(Expression&&) noexcept;
    ~Expression();

    [[nodiscard]] ExprValue evaluate(ExprScope& scope) const;
    [[nodiscard]] bool empty() const { return root_ == nullptr; }
    // The payload members it reads: for each, the keys from the root. An empty list = all of it.
    void collect_paths(std::vector<std::vector<std::string>>& paths) const;

  private:
    friend class ExpressionParser;
    std::unique_ptr<ExprNode> root_;
};

// Text with {{ … }} and {% if %}/{% elif %}/{% else %}/{% endif %}, {% set x = … %}.
class ValueTemplate {
  public:
    static Result<ValueTemplate> parse(std::string_view text);
    // Undefined = no value this time.
    [[nodiscard]] ExprValue render(ExprScope& scope) const;
    void collect_paths(std::vector<std::vector<std::string>>& paths) const;

  private:
    struct Part {
        enum class Kind : uint8_t { Text, Output, If, Elif, Else, EndIf, Set } kind = Kind::Text;
        std::string text;  // or the variable's name
        Expression expression;
    };
    Status add_statement(std::string_view inside);
    Status check_nesting() const;

    std::vector<Part> parts_;
};

}  // namespace cistern::collector
