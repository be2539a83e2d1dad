// SPDX-License-Identifier: MIT
#include "collector/mapping/field_path.h"

#include <fmt/format.h>

#include <charconv>

namespace cistern::collector {

Result<FieldPath::Step> FieldPath::parse_bracket(std::string_view& rest) {
    const size_t close = rest.find(']');
    if (close == std::string_view::npos) {
        return fail(ErrorCode::InvalidArgument, "a [ lacks its ]");
    }
    std::string_view inside = rest.substr(1, close - 1);
    Step step;
    if (inside.size() >= 2 && (inside[0] == '\'' || inside[0] == '"')) {
        const size_t end = rest.find(inside[0], 2);
        if (end == std::string_view::npos || end + 1 >= rest.size() || rest[end + 1] != ']') {
            return fail(ErrorCode::InvalidArgument, "a quoted key lacks its closing quote");
        }
        step.key = rest.substr(2, end - 2);
        rest.remove_prefix(end + 2);
        return step;
    }
    rest.remove_prefix(close + 1);
    if (inside == "*") {
        step.kind = Step::Kind::Any;
        return step;
    }
    const auto parsed = std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
    if (parsed.ec != std::errc() || parsed.ptr != inside.data() + inside.size()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("[{}] is neither a number, * nor a quoted key", inside));
    }
    step.kind = Step::Kind::Index;
    return step;
}

Result<FieldPath> FieldPath::parse(std::string_view text) {
    FieldPath path;
    path.text_ = text;
    std::string_view rest = text;
    if (rest.substr(0, 2) == "$$" || rest.substr(0, 2) == "$*") {
        path.start_ = rest[1] == '$' ? Start::Root : Start::Key;
        rest.remove_prefix(2);
    } else if (rest.substr(0, 1) == "$") {
        rest.remove_prefix(1);
    }
    bool first = true;
    while (!rest.empty()) {
        if (rest[0] == '[') {
            path.steps_.push_back(
                TRY(parse_bracket(rest).with_context(fmt::format("path '{}'", text))));
        } else {
            if (rest[0] == '.') {
                rest.remove_prefix(1);
            } else if (!first) {
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("path '{}': expected . or [", text));
            }
            const size_t end = std::min(rest.find_first_of(".["), rest.size());
            if (end == 0) {
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("path '{}' has an empty step", text));
            }
            Step step;
            step.key = rest.substr(0, end);
            step.kind = step.key == "*" ? Step::Kind::Any : Step::Kind::Key;
            path.steps_.push_back(std::move(step));
            rest.remove_prefix(end);
        }
        first = false;
    }
    return path;
}

const Node* FieldPath::start_node(const NodeScope& scope) const {
    switch (start_) {
        case Start::Root:
            return scope.root;
        case Start::Key:
            return scope.key;
        case Start::Local:
            break;
    }
    return scope.local;
}

const Node* FieldPath::take(const Node* node, const Step& step) {
    if (step.kind == Step::Kind::Index) {
        return node->is_array() ? node->at(step.index) : nullptr;
    }
    if (node->is_array() && !step.key.empty() &&
        step.key.find_first_not_of("0123456789") == std::string::npos) {
        return node->at(
            std::min<size_t>(std::strtoull(step.key.c_str(), nullptr, 10), SIZE_MAX / 2));
    }
    return node->find(step.key);
}

const Node* FieldPath::find(const NodeScope& scope) const {
    const Node* node = start_node(scope);
    for (const Step& step : steps_) {
        if (node == nullptr || step.kind == Step::Kind::Any) {
            return node;
        }
        node = take(node, step);
    }
    return node;
}

bool FieldPath::has_wildcard() const {
    for (const Step& step : steps_) {
        if (step.kind == Step::Kind::Any) {
            return true;
        }
    }
    return false;
}

std::string FieldPath::joined_name() const {
    std::string name;
    for (const Step& step : steps_) {
        if (step.kind == Step::Kind::Key) {
            name += (name.empty() ? "" : "_") + step.key;
        }
    }
    return name;
}

bool FieldPath::plain_keys(std::vector<std::string_view>& out) const {
    out.clear();
    for (const Step& step : steps_) {
        if (step.kind != Step::Kind::Key) {
            return false;
        }
        out.push_back(step.key);
    }
    return start_ == Start::Local;
}

}  // namespace cistern::collector
