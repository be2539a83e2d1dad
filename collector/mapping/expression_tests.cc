// SPDX-License-Identifier: MIT
// `x is …`
#include "collector/mapping/expression_value.h"

#include <cmath>
#include <map>

namespace cistern::collector {
namespace {

using Kind = ExprValue::Kind;
struct Test {
    bool (*passes)(const ExprValue& value, const ExprValue& operand);
    bool has_operand = false;
};

// Whether a compares with b in one of two ways: -1 less, 0 equal, 1 greater.
bool is_order(const ExprValue& a, const ExprValue& b, int one, int other) {
    const int order = expr_compare(a, b);
    return order == one || order == other;
}

bool is_multiple(const ExprValue& value, double of) {
    return value.is_number() && of != 0 && std::fmod(value.as_double(), of) == 0;
}

bool is_sequence(const ExprValue& value) {
    return value.kind == Kind::List || value.kind == Kind::Text ||
           (value.kind == Kind::Tree && value.node->is_array());
}

bool is_mapping(const ExprValue& value) {
    return value.kind == Kind::Map || (value.kind == Kind::Tree && value.node->is_object());
}

const std::map<std::string_view, Test>& tests() {
    using V = const ExprValue&;
    static const std::map<std::string_view, Test> kTests = {
        {"defined", {[](V a, V) { return !a.is_undefined(); }}},
        {"undefined", {[](V a, V) { return a.is_undefined(); }}},
        {"none", {[](V a, V) { return a.kind == Kind::None; }}},
        {"number", {[](V a, V) { return a.is_number(); }}},
        {"integer", {[](V a, V) { return a.kind == Kind::Int; }}},
        {"float", {[](V a, V) { return a.kind == Kind::Float; }}},
        {"boolean", {[](V a, V) { return a.kind == Kind::Bool; }}},
        {"string", {[](V a, V) { return a.kind == Kind::Text; }}},
        {"true", {[](V a, V) { return a.kind == Kind::Bool && a.integer != 0; }}},
        {"false", {[](V a, V) { return a.kind == Kind::Bool && a.integer == 0; }}},
        {"mapping", {[](V a, V) { return is_mapping(a); }}},
        {"sequence", {[](V a, V) { return is_sequence(a); }}},
        {"list", {[](V a, V) { return is_sequence(a) && a.kind != Kind::Text; }}},
        {"iterable", {[](V a, V) { return is_sequence(a) || is_mapping(a); }}},
        {"even", {[](V a, V) { return is_multiple(a, 2); }}},
        {"odd", {[](V a, V) { return a.is_number() && !is_multiple(a, 2); }}},
        {"divisibleby",
         {[](V a, V b) { return is_multiple(a, b.is_number() ? b.as_double() : 0); }, true}},
        {"sameas", {[](V a, V b) { return a.kind == b.kind && expr_equal(a, b); }, true}},
        {"eq", {[](V a, V b) { return expr_equal(a, b); }, true}},
        {"equalto", {[](V a, V b) { return expr_equal(a, b); }, true}},
        {"ne", {[](V a, V b) { return !expr_equal(a, b); }, true}},
        {"lt", {[](V a, V b) { return is_order(a, b, -1, -1); }, true}},
        {"lessthan", {[](V a, V b) { return is_order(a, b, -1, -1); }, true}},
        {"le", {[](V a, V b) { return is_order(a, b, -1, 0); }, true}},
        {"gt", {[](V a, V b) { return is_order(a, b, 1, 1); }, true}},
        {"greaterthan", {[](V a, V b) { return is_order(a, b, 1, 1); }, true}},
        {"ge", {[](V a, V b) { return is_order(a, b, 1, 0); }, true}},
        {"in", {[](V a, V b) { return expr_contains(b, a); }, true}},
    };
    return kTests;
}

}  // namespace

bool is_expr_test(std::string_view name) {
    return tests().find(name) != tests().end();
}

bool expr_test_has_operand(std::string_view name) {
    const auto found = tests().find(name);
    return found != tests().end() && found->second.has_operand;
}

bool expr_test(std::string_view name, const ExprValue& value, const ExprValue& operand) {
    const auto found = tests().find(name);
    return found != tests().end() && found->second.passes(value, operand);
}

}  // namespace cistern::collector
