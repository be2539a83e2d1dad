// SPDX-License-Identifier: MIT
#include "store/promql/printer.h"

#include "store/model/labels.h"
#include "store/promql/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cistern::promql {
namespace {

constexpr size_t kLineCharactersMax = 100;

std::string indent(int level) {
    return std::string(static_cast<size_t>(level) * 2, ' ');
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
    std::string out;
    for (const std::string& word : words) {
        out += out.empty() ? std::string_view() : separator;
        out += word;
    }
    return out;
}

bool is_bare_metric(std::string name) {
    std::replace(name.begin(), name.end(), ':', '_');
    return is_label_name(name);
}

std::string shift_text(const TimeShift& shift) {
    std::string out;
    switch (shift.anchor) {
        case TimeShift::Anchor::None:
            break;
        case TimeShift::Anchor::Start:
            out = " @ start()";
            break;
        case TimeShift::Anchor::End:
            out = " @ end()";
            break;
        case TimeShift::Anchor::Timestamp: {
            const auto magnitude = shift.at_ms < 0 ? 0 - static_cast<uint64_t>(shift.at_ms)
                                                   : static_cast<uint64_t>(shift.at_ms);
            out = fmt::format(
                " @ {}{}.{:03d}", shift.at_ms < 0 ? "-" : "", magnitude / 1000, magnitude % 1000);
        }
    }
    if (shift.offset_ms != 0) {
        const int64_t length = std::abs(shift.offset_ms);
        out += fmt::format(" offset {}{}", shift.offset_ms < 0 ? "-" : "", format_duration(length));
    }
    return out;
}

// The selector without offset and @.
std::string selector_text(const VectorSelector& selector) {
    std::vector<std::string> conditions;
    for (const store::Matcher& matcher : selector.matchers) {
        const bool is_name = matcher.label() == store::kMetricNameLabel &&
                             matcher.op() == store::MatchOp::Equal &&
                             matcher.value() == selector.name && !selector.name.empty();
        if (!is_name) {
            const std::string label =
                is_label_name(matcher.label()) ? matcher.label() : quote(matcher.label());
            conditions.push_back(
                fmt::format("{}{}{}", label, store::text_of(matcher.op()), quote(matcher.value())));
        }
    }
    std::sort(conditions.begin(), conditions.end());
    std::string out;
    if (!selector.database.empty()) {
        out = selector.database + "/" + selector.name;
    } else if (is_bare_metric(selector.name)) {
        out = selector.name;
    } else if (!selector.name.empty()) {
        conditions.insert(conditions.begin(), quote(selector.name));
    }
    if (!conditions.empty() || out.empty()) {
        out += "{" + join(conditions, ",") + "}";
    }
    return out;
}

std::string aggregate_head(const AggregateExpr& node) {
    std::string out(name_of(node.op));
    if (node.without) {
        out += fmt::format(" without ({}) ", join(node.grouping, ", "));
    } else if (!node.grouping.empty()) {
        out += fmt::format(" by ({}) ", join(node.grouping, ", "));
    }
    return out;
}

// The operator with its modifiers.
std::string operator_text(const BinaryExpr& node) {
    std::string out(name_of(node.op));
    out += node.return_bool ? " bool" : "";
    const VectorMatching& matching = node.matching;
    const bool grouped = matching.cardinality == VectorMatching::Cardinality::ManyToOne ||
                         matching.cardinality == VectorMatching::Cardinality::OneToMany;
    if (!matching.on && matching.labels.empty() && !grouped) {
        return out;
    }
    out += fmt::format(" {} ({})", matching.on ? "on" : "ignoring", join(matching.labels, ", "));
    if (grouped) {
        const bool left = matching.cardinality == VectorMatching::Cardinality::ManyToOne;
        out += fmt::format(" group_{} ({})", left ? "left" : "right", join(matching.include, ", "));
    }
    return out;
}

std::string left_text(const BinaryExpr& node) {
    const auto* number = as_if<NumberLiteral>(*node.left);
    // +Inf ^ 2 would read as +(Inf ^ 2).
    const bool bare = node.op == BinaryOp::Pow && number != nullptr && std::isinf(number->value);
    return bare ? "Inf" : to_string(*node.left);
}

std::string subquery_suffix(const SubqueryExpr& node) {
    return fmt::format("[{}:{}]{}",
                       format_duration(node.range_ms),
                       node.step_ms == 0 ? "" : format_duration(node.step_ms),
                       shift_text(node.shift));
}

std::string call_text(const Call& node) {
    std::vector<std::string> arguments;
    for (const ExprPtr& argument : node.arguments) {
        arguments.push_back(to_string(*argument));
    }
    return fmt::format("{}({})", node.function->name, join(arguments, ", "));
}

std::string aggregate_text(const AggregateExpr& node) {
    const std::string parameter =
        node.parameter != nullptr ? to_string(*node.parameter) + ", " : "";
    return fmt::format("{}({}{})", aggregate_head(node), parameter, to_string(*node.expr));
}

std::string pretty_at(const Expr& expr, int level);

std::string pretty_aggregate(const AggregateExpr& node, int level) {
    std::string out = indent(level) + aggregate_head(node) + "(\n";
    if (node.parameter != nullptr) {
        out += pretty_at(*node.parameter, level + 1) + ",\n";
    }
    return out + pretty_at(*node.expr, level + 1) + "\n" + indent(level) + ")";
}

std::string pretty_call(const Call& node, int level) {
    std::vector<std::string> arguments;
    for (const ExprPtr& argument : node.arguments) {
        arguments.push_back(pretty_at(*argument, level + 1));
    }
    return fmt::format("{}{}(\n{}\n{})",
                       indent(level),
                       node.function->name,
                       join(arguments, ",\n"),
                       indent(level));
}

std::string pretty_unary(const UnaryExpr& node, int level) {
    const std::string inner = pretty_at(*node.expr, level);
    const size_t begin = std::min(inner.find_first_not_of(' '), inner.size());
    return indent(level) + (node.negative ? "-" : "+") + inner.substr(begin);
}

std::string pretty_at(const Expr& expr, int level) {
    if (expr.kind == ExprKind::Unary) {
        return pretty_unary(as<UnaryExpr>(expr), level);
    }
    std::string flat = to_string(expr);
    if (flat.size() <= kLineCharactersMax) {
        // Prometheus does not indent a short subquery.
        return expr.kind == ExprKind::Subquery ? flat : indent(level) + flat;
    }
    switch (expr.kind) {
        case ExprKind::Aggregate:
            return pretty_aggregate(as<AggregateExpr>(expr), level);
        case ExprKind::Call:
            return pretty_call(as<Call>(expr), level);
        case ExprKind::Paren: {
            const std::string inner = pretty_at(*as<ParenExpr>(expr).expr, level + 1);
            return fmt::format("{}(\n{}\n{})", indent(level), inner, indent(level));
        }
        case ExprKind::Binary: {
            const auto& node = as<BinaryExpr>(expr);
            return fmt::format("{}\n{}{}\n{}",
                               pretty_at(*node.left, level + 1),
                               indent(level),
                               operator_text(node),
                               pretty_at(*node.right, level + 1));
        }
        case ExprKind::Subquery:
            return pretty_at(*as<SubqueryExpr>(expr).expr, level) +
                   subquery_suffix(as<SubqueryExpr>(expr));
        default:
            return indent(level) + flat;
    }
}

}  // namespace

std::string to_string(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::Number:
            return format_literal(as<NumberLiteral>(expr).value);
        case ExprKind::String:
            return quote(as<StringLiteral>(expr).value);
        case ExprKind::Vector:
            return selector_text(as<VectorSelector>(expr)) +
                   shift_text(as<VectorSelector>(expr).shift);
        case ExprKind::Matrix: {
            const auto& node = as<MatrixSelector>(expr);
            return fmt::format("{}[{}]{}",
                               selector_text(*node.selector),
                               format_duration(node.range_ms),
                               shift_text(node.selector->shift));
        }
        case ExprKind::Subquery:
            return to_string(*as<SubqueryExpr>(expr).expr) +
                   subquery_suffix(as<SubqueryExpr>(expr));
        case ExprKind::Unary: {
            const auto& node = as<UnaryExpr>(expr);
            return (node.negative ? "-" : "+") + to_string(*node.expr);
        }
        case ExprKind::Binary: {
            const auto& node = as<BinaryExpr>(expr);
            return fmt::format(
                "{} {} {}", left_text(node), operator_text(node), to_string(*node.right));
        }
        case ExprKind::Aggregate:
            return aggregate_text(as<AggregateExpr>(expr));
        case ExprKind::Call:
            return call_text(as<Call>(expr));
        case ExprKind::Paren:
            return "(" + to_string(*as<ParenExpr>(expr).expr) + ")";
    }
    return {};
}

std::string pretty(const Expr& expr) {
    return pretty_at(expr, 0);
}

}  // namespace cistern::promql
