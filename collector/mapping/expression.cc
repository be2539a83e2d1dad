// SPDX-License-Identifier: MIT
#include "collector/mapping/expression.h"

#include "collector/mapping/expression_functions.h"
#include "collector/mapping/expression_node.h"

#include <cmath>

namespace cistern::collector {
namespace {

using Kind = ExprValue::Kind;

ExprValue arithmetic(ExprOp op, const ExprValue& a, const ExprValue& b) {
    if (op == ExprOp::Add && a.kind == Kind::Text && b.kind == Kind::Text) {
        return ExprValue::of_text(a.text + b.text);
    }
    if (op == ExprOp::Modulo && a.kind == Kind::Text) {
        return expr_format_percent(a.text, b.kind == Kind::List ? b.list : ExprArgs{b});
    }
    if (!a.is_number() || !b.is_number()) {
        return ExprValue::undefined();
    }
    const double x = a.as_double();
    const double y = b.as_double();
    const bool integers = a.kind != Kind::Float && b.kind != Kind::Float;
    double result = 0;
    switch (op) {
        case ExprOp::Add:
            result = x + y;
            break;
        case ExprOp::Subtract:
            result = x - y;
            break;
        case ExprOp::Multiply:
            result = x * y;
            break;
        case ExprOp::Power:
            result = std::pow(x, y);
            break;
        case ExprOp::Divide:
            return y == 0 ? ExprValue::undefined() : ExprValue::of_float(x / y);
        case ExprOp::FloorDivide:
            if (y == 0) {
                return ExprValue::undefined();
            }
            result = std::floor(x / y);
            break;
        case ExprOp::Modulo:
            if (y == 0) {
                return ExprValue::undefined();
            }
            result = x - y * std::floor(x / y);
            break;
        default:
            return ExprValue::undefined();
    }
    constexpr double kExact = 9007199254740992.0;
    if (integers && std::fabs(result) <= kExact && result == std::floor(result)) {
        return ExprValue::of_int(static_cast<int64_t>(result));
    }
    return ExprValue::of_float(result);
}

ExprValue slice(const ExprValue& value, const ExprValue& from, const ExprValue& to) {
    const bool is_tree = value.kind == Kind::Tree && value.node->is_array();
    if (value.kind != Kind::Text && value.kind != Kind::List && !is_tree) {
        return ExprValue::undefined();
    }
    const int64_t size = expr_length(value);
    const auto clamp = [size](const ExprValue& v, int64_t absent) {
        const int64_t at =
            v.kind == Kind::Int ? (v.integer < 0 ? v.integer + size : v.integer) : absent;
        return std::max<int64_t>(0, std::min(at, size));
    };
    const int64_t begin = clamp(from, 0);
    const int64_t end = clamp(to, size);
    if (value.kind == Kind::Text) {
        std::string_view rest = value.text;
        for (int64_t i = 0; i < begin; ++i) {
            rest.remove_prefix(expr_character_size(rest));
        }
        size_t bytes = 0;
        for (int64_t i = begin; i < end; ++i) {
            bytes += expr_character_size(rest.substr(bytes));
        }
        return ExprValue::of_text(rest.substr(0, bytes));
    }
    ExprValue part;
    part.kind = Kind::List;
    for (int64_t i = begin; i < end; ++i) {
        part.list.push_back(expr_member(value, ExprValue::of_int(i)));
    }
    return part;
}

ExprValue compare(ExprOp op, const ExprValue& a, const ExprValue& b) {
    switch (op) {
        case ExprOp::Equal:
            return ExprValue::of_bool(expr_equal(a, b));
        case ExprOp::NotEqual:
            return ExprValue::of_bool(!expr_equal(a, b));
        case ExprOp::In:
            return ExprValue::of_bool(expr_contains(b, a));
        case ExprOp::NotIn:
            return ExprValue::of_bool(!expr_contains(b, a));
        default:
            break;
    }
    const int order = expr_compare(a, b);
    if (order == 2) {
        return ExprValue::undefined();
    }
    return ExprValue::of_bool(op == ExprOp::Less        ? order < 0
                              : op == ExprOp::LessEqual ? order <= 0
                              : op == ExprOp::Greater   ? order > 0
                                                        : order >= 0);
}

ExprValue variable(const ExprNode& node, const ExprScope& scope) {
    for (const auto& [name, value] : scope.variables) {
        if (name == node.name) {
            return value;
        }
    }
    return ExprValue::undefined();
}

// The keys that lead from value_json to this node; false when it is something else.
bool member_path(const ExprNode& node, std::vector<std::string>& keys) {
    if (node.op == ExprOp::ValueJson) {
        keys.clear();
        return true;
    }
    if (node.op != ExprOp::Member || node.args[1]->op != ExprOp::Literal) {
        return false;
    }
    if (!member_path(*node.args[0], keys)) {
        return false;
    }
    keys.push_back(node.args[1]->literal.to_text());
    return true;
}

void collect(const ExprNode& node, std::vector<std::vector<std::string>>& paths) {
    std::vector<std::string> keys;
    if (member_path(node, keys)) {
        paths.push_back(std::move(keys));
        return;
    }
    if (node.op == ExprOp::ValueText) {
        paths.emplace_back();
    }
    for (const auto& arg : node.args) {
        collect(*arg, paths);
    }
}

}  // namespace

ExprValue evaluate_node(const ExprNode& node, ExprScope& scope) {
    const auto arg = [&](size_t i) { return evaluate_node(*node.args[i], scope); };
    switch (node.op) {
        case ExprOp::Literal:
            return node.literal;
        case ExprOp::Variable:
            return variable(node, scope);
        case ExprOp::Path:
            return ExprValue::of_node(node.path.find(scope.nodes));
        case ExprOp::ValueText:
            return scope.value_override != nullptr ? *scope.value_override
                                                   : ExprValue::of_text(scope.value);
        case ExprOp::ValueJson:
            return ExprValue::of_node(scope.nodes.root);
        case ExprOp::Map:
        case ExprOp::List: {
            ExprValue list;
            list.kind = node.op == ExprOp::Map ? Kind::Map : Kind::List;
            for (size_t i = 0; i < node.args.size(); ++i) {
                list.list.push_back(arg(i));
            }
            return list;
        }
        case ExprOp::Member:
            return expr_member(arg(0), arg(1));
        case ExprOp::Slice:
            return slice(arg(0), arg(1), arg(2));
        case ExprOp::Or: {
            ExprValue left = arg(0);
            return left.truthy() ? left : arg(1);
        }
        case ExprOp::And: {
            ExprValue left = arg(0);
            return left.truthy() ? arg(1) : left;
        }
        case ExprOp::Not:
            return ExprValue::of_bool(!arg(0).truthy());
        case ExprOp::Negate:
            return arithmetic(ExprOp::Subtract, ExprValue::of_int(0), arg(0));
        case ExprOp::Conditional:
            return arg(0).truthy() ? arg(1) : arg(2);
        case ExprOp::Test:
            return ExprValue::of_bool(
                expr_test(node.name,
                          arg(0),
                          node.args.size() > 1 ? arg(1) : ExprValue::undefined()) != node.negated);
        case ExprOp::Concat:
            return ExprValue::of_text(arg(0).to_text() + arg(1).to_text());
        case ExprOp::Call:
            return call(node, scope);
        case ExprOp::Equal:
        case ExprOp::NotEqual:
        case ExprOp::Less:
        case ExprOp::LessEqual:
        case ExprOp::Greater:
        case ExprOp::GreaterEqual:
        case ExprOp::In:
        case ExprOp::NotIn:
            return compare(node.op, arg(0), arg(1));
        default:
            return arithmetic(node.op, arg(0), arg(1));
    }
}

ExprValue Expression::evaluate(ExprScope& scope) const {
    return root_ == nullptr ? ExprValue::undefined() : evaluate_node(*root_, scope);
}

void Expression::collect_paths(std::vector<std::vector<std::string>>& paths) const {
    if (root_ != nullptr) {
        collect(*root_, paths);
    }
}

}  // namespace cistern::collector
