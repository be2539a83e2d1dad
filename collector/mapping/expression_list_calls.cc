// SPDX-License-Identifier: MIT
// What expressions do with lists: those they make, and the payload's arrays and objects.
#include "collector/mapping/expression_functions.h"

#include <algorithm>

namespace cistern::collector {
namespace {

using Kind = ExprValue::Kind;
using Args = ExprArgs;

// As Python iterates: elements, an object's keys, a text's characters (the first 4096 of them).
constexpr size_t kCharactersMax = 4096;
Args elements_of(const ExprValue& value) {
    Args out;
    switch (value.kind) {
        case Kind::List:
            return value.list;
        case Kind::Map:
            for (size_t i = 0; i + 1 < value.list.size(); i += 2) {
                out.push_back(value.list[i]);
            }
            return out;
        case Kind::Text:
            for (std::string_view rest = value.text;
                 !rest.empty() && out.size() < kCharactersMax;) {
                const size_t size = expr_character_size(rest);
                out.push_back(ExprValue::of_text(rest.substr(0, size)));
                rest.remove_prefix(size);
            }
            return out;
        case Kind::Tree:
            for (const Node& child : children(*value.node)) {
                out.push_back(value.node->is_object() ? ExprValue::of_text(child.key)
                                                      : ExprValue::of_node(&child));
            }
            return out;
        default:
            return out;
    }
}

ExprValue list_of(Args elements) {
    ExprValue list;
    list.kind = Kind::List;
    list.list = std::move(elements);
    return list;
}

bool is_list(const ExprValue& value) {
    return value.kind == Kind::List || (value.kind == Kind::Tree && value.node->is_array());
}

ExprValue extreme(const Args& args, bool largest) {
    const Args all = !args.empty() && is_list(args[0]) ? elements_of(args[0]) : args;
    ExprValue best;
    for (const ExprValue& one : all) {
        if (best.is_undefined() || expr_compare(one, best) == (largest ? 1 : -1)) {
            best = one;
        }
    }
    return best;
}

ExprValue length(const Args& args) {
    const int64_t size = expr_length(expr_argument(args, 0));
    return size < 0 ? ExprValue::undefined() : ExprValue::of_int(size);
}

ExprValue edge(const Args& args, bool last) {
    const Args all = elements_of(expr_argument(args, 0));
    return all.empty() ? ExprValue::undefined() : last ? all.back() : all.front();
}

ExprValue sum(const Args& args) {
    double total = 0;
    bool whole = true;
    for (const ExprValue& one : elements_of(expr_argument(args, 0))) {
        if (!one.is_number()) {
            return ExprValue::undefined();
        }
        total += one.as_double();
        whole &= one.kind != Kind::Float;
    }
    constexpr double kExact = 9007199254740992.0;
    return whole && total < kExact && total > -kExact
               ? ExprValue::of_int(static_cast<int64_t>(total))
               : ExprValue::of_float(total);
}

ExprValue average(const Args& args) {
    const size_t count = elements_of(expr_argument(args, 0)).size();
    const ExprValue total = sum(args);
    return count == 0 || !total.is_number()
               ? expr_argument(args, 1)
               : ExprValue::of_float(total.as_double() / static_cast<double>(count));
}

ExprValue sort(const Args& args) {
    Args all = elements_of(expr_argument(args, 0));
    const bool reverse = expr_argument(args, 1).truthy();
    std::stable_sort(all.begin(), all.end(), [&](const ExprValue& a, const ExprValue& b) {
        return expr_compare(a, b) == (reverse ? 1 : -1);
    });
    return list_of(std::move(all));
}

ExprValue join(const Args& args) {
    std::string out;
    const std::string between = expr_argument(args, 1).to_text();
    constexpr size_t kTextMax = 1 << 16;
    bool first = true;
    for (const ExprValue& one : elements_of(expr_argument(args, 0))) {
        out += first ? one.to_text() : between + one.to_text();
        first = false;
        if (out.size() > kTextMax) {
            break;
        }
    }
    return ExprValue::of_text(out);
}

// map(attribute='x')
ExprValue map_attribute(const Args& args) {
    Args out;
    for (const ExprValue& one : elements_of(expr_argument(args, 0))) {
        out.push_back(expr_member(one, expr_argument(args, 1)));
    }
    return list_of(std::move(out));
}

// selectattr('n'), selectattr('n', 'eq', 'b')
ExprValue select_attribute(const Args& args, bool wanted) {
    Args out;
    const std::string test = expr_argument(args, 2).to_text();
    const ExprValue operand = expr_argument(args, 3);
    for (const ExprValue& one : elements_of(expr_argument(args, 0))) {
        const ExprValue value = expr_member(one, expr_argument(args, 1));
        const bool passes = test.empty() ? value.truthy() : expr_test(test, value, operand);
        if (passes == wanted) {
            out.push_back(one);
        }
    }
    return list_of(std::move(out));
}

// select('gt', 3)
ExprValue select(const Args& args, bool wanted) {
    Args out;
    const std::string test = expr_argument(args, 1).to_text();
    for (const ExprValue& one : elements_of(expr_argument(args, 0))) {
        const bool passes =
            test.empty() ? one.truthy() : expr_test(test, one, expr_argument(args, 2));
        if (passes == wanted) {
            out.push_back(one);
        }
    }
    return list_of(std::move(out));
}

ExprValue index_of(const Args& args) {
    const Args all = elements_of(expr_argument(args, 0));
    for (size_t i = 0; i < all.size(); ++i) {
        if (expr_equal(all[i], expr_argument(args, 1))) {
            return ExprValue::of_int(static_cast<int64_t>(i));
        }
    }
    return ExprValue::undefined();
}

ExprValue values_of(const Args& args) {
    Args out;
    const ExprValue value = expr_argument(args, 0);
    for (const ExprValue& key : elements_of(value)) {
        out.push_back(expr_member(value, key));
    }
    return list_of(std::move(out));
}

}  // namespace

void add_list_functions(ExprFunctions& into) {
    into.insert({
        {"length", length},
        {"count", length},
        {"max", [](const Args& a) { return extreme(a, true); }},
        {"min", [](const Args& a) { return extreme(a, false); }},
        {"first", [](const Args& a) { return edge(a, false); }},
        {"last", [](const Args& a) { return edge(a, true); }},
        {"sum", sum},
        {"average", average},
        {"sort", sort},
        {"join", join},
        {"list", [](const Args& a) { return list_of(elements_of(expr_argument(a, 0))); }},
        {"map", map_attribute},
        {"selectattr", [](const Args& a) { return select_attribute(a, true); }},
        {"rejectattr", [](const Args& a) { return select_attribute(a, false); }},
        {"select", [](const Args& a) { return select(a, true); }},
        {"reject", [](const Args& a) { return select(a, false); }},
        {"index", index_of},
        {"keys", [](const Args& a) { return list_of(elements_of(expr_argument(a, 0))); }},
        {"values", values_of},
    });
}

}  // namespace cistern::collector
