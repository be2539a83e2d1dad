// SPDX-License-Identifier: MIT
// What expressions compute with: Jinja's values, as far as sensors need them.
#pragma once

#include "collector/decode/node.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

struct ExprValue {
    enum class Kind : uint8_t { Undefined, None, Bool, Int, Float, Text, List, Map, Tree };
    Kind kind = Kind::Undefined;
    int64_t integer = 0;  // Int, and Bool as 0 or 1
    double number = 0;
    std::string text;
    std::vector<ExprValue> list;  // List; Map: a key, its value, a key, …
    const Node* node = nullptr;   // Tree: an array or object of the payload

    static ExprValue undefined() { return {}; }
    static ExprValue none();
    static ExprValue of_bool(bool value);
    static ExprValue of_int(int64_t value);
    static ExprValue of_float(double value);
    static ExprValue of_text(std::string_view value);
    static ExprValue of_node(const Node* node);  // null = undefined

    [[nodiscard]] bool is_undefined() const { return kind == Kind::Undefined; }
    [[nodiscard]] bool is_number() const {
        return kind == Kind::Int || kind == Kind::Float || kind == Kind::Bool;
    }
    [[nodiscard]] double as_double() const {
        return kind == Kind::Float ? number : static_cast<double>(integer);
    }
    [[nodiscard]] bool truthy() const;
    // As Jinja prints it: True, 21.5, heat; undefined is "".
    [[nodiscard]] std::string to_text() const;
    // The number in a text ("21.5"), or the number itself; false when it is none.
    bool to_number(double& value) const;
};

bool expr_equal(const ExprValue& a, const ExprValue& b);
// -1, 0, 1; 2 = not comparable.
int expr_compare(const ExprValue& a, const ExprValue& b);
bool expr_contains(const ExprValue& container, const ExprValue& item);
// Characters of a text, elements of a list; -1 = has no length.
int64_t expr_length(const ExprValue& value);
// Bytes of the first character of a text that is not empty.
size_t expr_character_size(std::string_view text);
// Jinja's tests: `x is number`, `x is divisibleby 2`.
bool is_expr_test(std::string_view name);
bool expr_test_has_operand(std::string_view name);
bool expr_test(std::string_view name, const ExprValue& value, const ExprValue& operand);
// a.key, a['key'], a[0]; undefined when absent.
ExprValue expr_member(const ExprValue& value, const ExprValue& key);

}  // namespace cistern::collector
