// SPDX-License-Identifier: MIT
#include "config/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 1
#include <toml++/toml.h>

namespace cistern::config {
namespace {

Node convert(const toml::node& from);

Node convert_table(const toml::table& from) {
    Node node;
    node.kind = NodeKind::Table;
    for (const auto& [key, value] : from) {
        node.members.push_back({std::string(key.str()), convert(value)});
    }
    // toml++ sorts keys; people expect the order of the file in messages and rules.
    std::stable_sort(node.members.begin(), node.members.end(), [](const auto& a, const auto& b) {
        return std::pair(a.value.line, a.value.column) < std::pair(b.value.line, b.value.column);
    });
    return node;
}

Node convert_scalar(const toml::node& from) {
    Node node;
    if (const auto* text = from.as_string()) {
        node.kind = NodeKind::Text;
        node.text = text->get();
    } else if (const auto* integer = from.as_integer()) {
        node.kind = NodeKind::Integer;
        node.integer = integer->get();
        node.number = static_cast<double>(integer->get());
    } else if (const auto* number = from.as_floating_point()) {
        node.kind = NodeKind::Number;
        node.number = number->get();
    } else if (const auto* boolean = from.as_boolean()) {
        node.kind = NodeKind::Boolean;
        node.boolean = boolean->get();
    } else {
        node.kind = NodeKind::Other;
        std::ostringstream written;
        from.visit([&written](const auto& value) { written << value; });
        node.text = written.str();
    }
    return node;
}

Node convert(const toml::node& from) {
    Node node;
    if (const auto* table = from.as_table()) {
        node = convert_table(*table);
    } else if (const auto* array = from.as_array()) {
        node.kind = NodeKind::Array;
        for (const auto& item : *array) {
            node.items.push_back(convert(item));
        }
    } else {
        node = convert_scalar(from);
    }
    node.line = from.source().begin.line;
    node.column = from.source().begin.column;
    return node;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
    for (const auto& [name, value] : members) {
        if (name == key) {
            return &value;
        }
    }
    return nullptr;
}

std::string_view kind_name(NodeKind kind) {
    switch (kind) {
        case NodeKind::Boolean:
            return "true or false";
        case NodeKind::Integer:
            return "an integer";
        case NodeKind::Number:
            return "a number";
        case NodeKind::Text:
            return "a string";
        case NodeKind::Other:
            return "a date";
        case NodeKind::Array:
            return "an array";
        case NodeKind::Table:
            return "a table";
    }
    return "a value";
}

Result<Node> parse_toml(std::string_view text) {
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        const auto& error = parsed.error();
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{}:{}: {}",
                                error.source().begin.line,
                                error.source().begin.column,
                                std::string_view(error.description())));
    }
    return convert(parsed.table());
}

}  // namespace cistern::config
