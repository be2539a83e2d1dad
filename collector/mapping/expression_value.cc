// SPDX-License-Identifier: MIT
#include "collector/mapping/expression_value.h"

#include "collector/decode/text_scalar.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace cistern::collector {

using Kind = ExprValue::Kind;

ExprValue ExprValue::none() {
    ExprValue v;
    v.kind = Kind::None;
    return v;
}
ExprValue ExprValue::of_bool(bool value) {
    ExprValue v;
    v.kind = Kind::Bool;
    v.integer = value ? 1 : 0;
    return v;
}
ExprValue ExprValue::of_int(int64_t value) {
    ExprValue v;
    v.kind = Kind::Int;
    v.integer = value;
    return v;
}
ExprValue ExprValue::of_float(double value) {
    ExprValue v;
    v.kind = Kind::Float;
    v.number = value;
    return v;
}
ExprValue ExprValue::of_text(std::string_view value) {
    ExprValue v;
    v.kind = Kind::Text;
    v.text = value;
    return v;
}

ExprValue ExprValue::of_node(const Node* node) {
    if (node == nullptr) {
        return undefined();
    }
    switch (node->kind) {
        case NodeKind::Null:
            return none();
        case NodeKind::Bool:
            return of_bool(node->boolean);
        case NodeKind::Int:
            return of_int(node->integer);
        case NodeKind::UInt:
        case NodeKind::Double:
            return of_float(node->as_double());
        case NodeKind::String:
            return of_text(node->text());
        case NodeKind::Bytes:
            return undefined();
        default:
            break;
    }
    ExprValue v;
    v.kind = Kind::Tree;
    v.node = node;
    return v;
}

bool ExprValue::truthy() const {
    switch (kind) {
        case Kind::Undefined:
        case Kind::None:
            return false;
        case Kind::Bool:
        case Kind::Int:
            return integer != 0;
        case Kind::Float:
            return number != 0;
        case Kind::Text:
            return !text.empty();
        case Kind::List:
            return !list.empty();
        case Kind::Tree:
            return node->size > 0;
    }
    return false;
}

std::string ExprValue::to_text() const {
    switch (kind) {
        case Kind::Bool:
            return integer != 0 ? "True" : "False";
        case Kind::Int:
            return std::to_string(integer);
        case Kind::Float: {
            std::string out = fmt::format("{}", number);
            const bool plain =
                std::isfinite(number) && out.find_first_of(".e") == std::string::npos;
            return plain ? out + ".0" : out;
        }
        case Kind::Text:
            return text;
        case Kind::None:
            return "None";
        default:
            return {};
    }
}

bool ExprValue::to_number(double& value) const {
    if (is_number()) {
        value = as_double();
        return true;
    }
    if (kind != Kind::Text) {
        return false;
    }
    ScalarSyntax syntax;
    syntax.units = syntax.words = false;
    const Scalar scalar = parse_scalar(text, syntax);
    value = scalar.value;
    return scalar.kind == ScalarKind::Number;
}

bool expr_equal(const ExprValue& a, const ExprValue& b) {
    if (a.is_number() && b.is_number()) {
        return a.kind == Kind::Float || b.kind == Kind::Float ? a.as_double() == b.as_double()
                                                              : a.integer == b.integer;
    }
    if (a.kind != b.kind) {
        return false;
    }
    return a.kind == Kind::Text ? a.text == b.text
                                : a.kind == Kind::None || a.kind == Kind::Undefined;
}

int expr_compare(const ExprValue& a, const ExprValue& b) {
    if (a.is_number() && b.is_number()) {
        return a.as_double() < b.as_double() ? -1 : a.as_double() > b.as_double() ? 1 : 0;
    }
    if (a.kind == Kind::Text && b.kind == Kind::Text) {
        return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
    }
    return 2;
}

bool expr_contains(const ExprValue& container, const ExprValue& item) {
    if (container.kind == Kind::Text && item.kind == Kind::Text) {
        return container.text.find(item.text) != std::string::npos;
    }
    for (const ExprValue& one : container.list) {
        if (expr_equal(one, item)) {
            return true;
        }
    }
    if (container.kind != Kind::Tree) {
        return false;
    }
    if (container.node->is_object()) {
        return item.kind == Kind::Text && container.node->find(item.text) != nullptr;
    }
    for (const Node& child : children(*container.node)) {
        if (expr_equal(ExprValue::of_node(&child), item)) {
            return true;
        }
    }
    return false;
}

namespace {

ExprValue element(const ExprValue& value, int64_t index) {
    const auto size = static_cast<int64_t>(value.kind == Kind::List   ? value.list.size()
                                           : value.kind == Kind::Text ? value.text.size()
                                           : value.kind == Kind::Tree ? value.node->size
                                                                      : 0);
    const int64_t at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) {
        return ExprValue::undefined();
    }
    const auto position = static_cast<size_t>(at);
    if (value.kind == Kind::List) {
        return value.list[position];
    }
    if (value.kind == Kind::Text) {
        return ExprValue::of_text(std::string_view(value.text).substr(position, 1));
    }
    return value.node->is_array() ? ExprValue::of_node(value.node->at(position))
                                  : ExprValue::undefined();
}

}  // namespace

ExprValue expr_member(const ExprValue& value, const ExprValue& key) {
    if (key.kind == Kind::Int) {
        if (value.kind == Kind::Tree && value.node->is_object()) {
            return ExprValue::of_node(value.node->find(std::to_string(key.integer)));
        }
        return element(value, key.integer);
    }
    if (key.kind != Kind::Text || value.kind != Kind::Tree) {
        return ExprValue::undefined();
    }
    if (value.node->is_object()) {
        return ExprValue::of_node(value.node->find(key.text));
    }
    int64_t index = 0;
    const auto parsed = std::from_chars(key.text.data(), key.text.data() + key.text.size(), index);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == key.text.data() + key.text.size();
    return whole ? element(value, index) : ExprValue::undefined();
}

}  // namespace cistern::collector
