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
        case Kind::Map:
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
    const size_t step = container.kind == Kind::Map ? 2 : 1;
    for (size_t i = 0; i < container.list.size(); i += step) {
        if (expr_equal(container.list[i], item)) {
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

std::string_view character(std::string_view text, size_t position) {
    for (; position > 0; --position) {
        text.remove_prefix(expr_character_size(text));
    }
    return text.substr(0, expr_character_size(text));
}

ExprValue element(const ExprValue& value, int64_t index) {
    const int64_t size = value.kind == Kind::Map ? 0 : expr_length(value);
    const int64_t at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) {
        return ExprValue::undefined();
    }
    const auto position = static_cast<size_t>(at);
    if (value.kind == Kind::List) {
        return value.list[position];
    }
    if (value.kind == Kind::Text) {
        return ExprValue::of_text(character(value.text, position));
    }
    return value.node->is_array() ? ExprValue::of_node(value.node->at(position))
                                  : ExprValue::undefined();
}

}  // namespace

size_t expr_character_size(std::string_view text) {
    size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) {
        ++size;
    }
    return size;
}

int64_t expr_length(const ExprValue& value) {
    switch (value.kind) {
        case Kind::Text: {
            int64_t count = 0;
            for (std::string_view rest = value.text; !rest.empty(); ++count) {
                rest.remove_prefix(expr_character_size(rest));
            }
            return count;
        }
        case Kind::List:
            return static_cast<int64_t>(value.list.size());
        case Kind::Map:
            return static_cast<int64_t>(value.list.size() / 2);
        case Kind::Tree:
            return value.node->size;
        default:
            return -1;
    }
}

ExprValue expr_member(const ExprValue& value, const ExprValue& key) {
    if (value.kind == Kind::Map) {
        for (size_t i = 0; i + 1 < value.list.size(); i += 2) {
            if (expr_equal(value.list[i], key)) {
                return value.list[i + 1];
            }
        }
        return ExprValue::undefined();
    }
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
