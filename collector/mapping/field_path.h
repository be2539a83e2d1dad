// SPDX-License-Identifier: MIT
// Paths into a payload: $.a.b, $['a b'], $.list[0], $.list[*]. `$` is the element at hand, `$$` the
// whole payload, `$*` the object under the flatten key at hand. A bare name is `$.name`.
#pragma once

#include "collector/decode/node.h"
#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

// The nodes that paths start from.
struct NodeScope {
    const Node* root = nullptr;   // $$
    const Node* local = nullptr;  // $
    const Node* key = nullptr;    // $*
};

class FieldPath {
  public:
    enum class Start : uint8_t { Local, Root, Key };
    static Result<FieldPath> parse(std::string_view text);

    // Null when absent. A [*] stops the walk at the array before it.
    [[nodiscard]] const Node* find(const NodeScope& scope) const;
    // Calls `visit` for every node that the path names; [*] stands for each element or member.
    template <class Visit>
    void each(const NodeScope& scope, Visit&& visit) const {
        walk(start_node(scope), 0, visit);
    }
    // As each; `visit` also gets the node around it: the element that [*] stands for.
    template <class Visit>
    void each_within(const NodeScope& scope, Visit&& visit) const {
        if (steps_.empty() || steps_.back().kind != Step::Kind::Key) {
            each(scope, [&](const Node& found) { visit(found, found); });
            return;
        }
        const auto within = [&](const Node& around) {
            if (const Node* const found = take(&around, steps_.back()); found != nullptr) {
                visit(*found, around);
            }
        };
        walk(start_node(scope), 0, within, steps_.size() - 1);
    }
    [[nodiscard]] bool has_wildcard() const;
    [[nodiscard]] const std::string& text() const { return text_; }
    // The last named step, for naming a metric after the path: "$.a.flow" -> "flow".
    [[nodiscard]] std::string joined_name() const;
    [[nodiscard]] Start start() const { return start_; }
    // The path from `$` as keys; false when it has indexes, wildcards or another start.
    bool plain_keys(std::vector<std::string_view>& out) const;

  private:
    struct Step {
        enum class Kind : uint8_t { Key, Index, Any } kind = Kind::Key;
        std::string key;
        size_t index = 0;
    };
    [[nodiscard]] const Node* start_node(const NodeScope& scope) const;
    static const Node* take(const Node* node, const Step& step);
    template <class Visit>
    void walk(const Node* node, size_t step, Visit& visit, size_t end = SIZE_MAX) const {
        if (node == nullptr) {
            return;
        }
        if (step == steps_.size() || step == end) {
            visit(*node);
            return;
        }
        if (steps_[step].kind == Step::Kind::Any) {
            for (const Node& child : children(*node)) {
                walk(&child, step + 1, visit, end);
            }
            return;
        }
        walk(take(node, steps_[step]), step + 1, visit, end);
    }
    static Result<Step> parse_bracket(std::string_view& rest);

    std::string text_;
    Start start_ = Start::Local;
    std::vector<Step> steps_;
};

}  // namespace cistern::collector
