// SPDX-License-Identifier: MIT
// A TOML document as a plain tree with line numbers. document.cc is the only file that knows
// toml++.
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::config {

enum class NodeKind : uint8_t { Boolean, Integer, Number, Text, Other, Array, Table };

struct Member;

// One value of the document. Which member holds it follows from the kind.
struct Node {
    NodeKind kind = NodeKind::Table;
    uint32_t line = 0;  // 1-based
    uint32_t column = 0;
    bool boolean = false;
    int64_t integer = 0;
    double number = 0;
    std::string text;  // Text, and Other (dates) as written
    std::vector<Node> items;
    std::vector<Member> members;  // in the file's order

    // Null when absent.
    [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Member {
    std::string name;
    Node value;
};

std::string_view kind_name(NodeKind kind);

// InvalidArgument: the message begins with "line:column: ".
Result<Node> parse_toml(std::string_view text);

}  // namespace cistern::config
