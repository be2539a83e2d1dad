// SPDX-License-Identifier: MIT
#include "web/syntax_tree.h"

#include "store/promql/format.h"

namespace cistern::web {
namespace {

using promql::as;
using promql::Expr;
using promql::ExprKind;

void write_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& list) {
    json.key(key);
    json.begin_array();
    for (const std::string& text : list)
        json.string(text);
    json.end_array();
}

void write_child(JsonWriter& json, std::string_view key, const promql::ExprPtr& child) {
    json.key(key);
    if (child == nullptr) {
        json.null();
    } else {
        write_syntax_tree(json, *child);
    }
}

void write_matchers(JsonWriter& json, const std::vector<store::Matcher>& matchers) {
    json.key("matchers");
    json.begin_array();
    for (const store::Matcher& matcher : matchers) {
        json.begin_object();
        json.field("name", matcher.label());
        json.field("type", store::text_of(matcher.op()));
        json.field("value", matcher.value());
        json.end_object();
    }
    json.end_array();
}

void write_shift(JsonWriter& json, const promql::TimeShift& shift) {
    using Anchor = promql::TimeShift::Anchor;
    json.field("offset", shift.offset_ms);
    json.key("startOrEnd");
    if (shift.anchor == Anchor::Start || shift.anchor == Anchor::End) {
        json.string(shift.anchor == Anchor::Start ? "start" : "end");
    } else {
        json.null();
    }
    json.key("timestamp");
    if (shift.anchor == Anchor::Timestamp) {
        json.integer(shift.at_ms);
    } else {
        json.null();
    }
}

void write_selector(JsonWriter& json, const promql::VectorSelector& selector) {
    json.field("name", selector.name);
    if (!selector.database.empty()) json.field("database", selector.database);
    write_matchers(json, selector.matchers);
    write_shift(json, selector.shift);
}

void write_binary(JsonWriter& json, const promql::BinaryExpr& binary) {
    using Cardinality = promql::VectorMatching::Cardinality;
    json.field("op", promql::name_of(binary.op));
    write_child(json, "lhs", binary.left);
    write_child(json, "rhs", binary.right);
    json.field("bool", binary.return_bool);
    json.key("matching");
    const bool vectors = promql::type_of(*binary.left) == promql::ValueType::Vector &&
                         promql::type_of(*binary.right) == promql::ValueType::Vector;
    if (!vectors) {
        json.null();
        return;
    }
    const promql::VectorMatching& matching = binary.matching;
    json.begin_object();
    switch (matching.cardinality) {
        case Cardinality::OneToOne:
            json.field("card", "one-to-one");
            break;
        case Cardinality::ManyToOne:
            json.field("card", "many-to-one");
            break;
        case Cardinality::OneToMany:
            json.field("card", "one-to-many");
            break;
        case Cardinality::ManyToMany:
            json.field("card", "many-to-many");
            break;
    }
    write_list(json, "include", matching.include);
    write_list(json, "labels", matching.labels);
    json.field("on", matching.on);
    json.end_object();
}

void write_aggregate(JsonWriter& json, const promql::AggregateExpr& aggregate) {
    json.field("op", promql::name_of(aggregate.op));
    write_child(json, "expr", aggregate.expr);
    write_child(json, "param", aggregate.parameter);
    write_list(json, "grouping", aggregate.grouping);
    json.field("without", aggregate.without);
}

void write_call(JsonWriter& json, const promql::Call& call) {
    json.key("func");
    json.begin_object();
    json.field("name", std::string_view(call.function->name));
    json.key("argTypes");
    json.begin_array();
    for (const promql::ValueType type : call.function->arguments)
        json.string(promql::name_of(type));
    json.end_array();
    json.field("variadic", static_cast<int64_t>(call.function->variadic));
    json.field("returnType", promql::name_of(call.function->returns));
    json.end_object();
    json.key("args");
    json.begin_array();
    for (const promql::ExprPtr& argument : call.arguments)
        write_syntax_tree(json, *argument);
    json.end_array();
}

std::string_view kind_name(ExprKind kind) {
    switch (kind) {
        case ExprKind::Number:
            return "numberLiteral";
        case ExprKind::String:
            return "stringLiteral";
        case ExprKind::Vector:
            return "vectorSelector";
        case ExprKind::Matrix:
            return "matrixSelector";
        case ExprKind::Subquery:
            return "subquery";
        case ExprKind::Unary:
            return "unaryExpr";
        case ExprKind::Binary:
            return "binaryExpr";
        case ExprKind::Aggregate:
            return "aggregation";
        case ExprKind::Call:
            return "call";
        case ExprKind::Paren:
            return "parenExpr";
    }
    return "";
}

void write_subquery(JsonWriter& json, const promql::SubqueryExpr& subquery) {
    write_child(json, "expr", subquery.expr);
    json.field("range", subquery.range_ms);
    json.field("step", subquery.step_ms);
    write_shift(json, subquery.shift);
}

}  // namespace

void write_syntax_tree(JsonWriter& json, const Expr& expr) {
    json.begin_object();
    json.field("type", kind_name(expr.kind));
    switch (expr.kind) {
        case ExprKind::Number:
            json.field("val", promql::format_value(as<promql::NumberLiteral>(expr).value));
            break;
        case ExprKind::String:
            json.field("val", as<promql::StringLiteral>(expr).value);
            break;
        case ExprKind::Vector:
            write_selector(json, as<promql::VectorSelector>(expr));
            break;
        case ExprKind::Matrix:
            write_selector(json, *as<promql::MatrixSelector>(expr).selector);
            json.field("range", as<promql::MatrixSelector>(expr).range_ms);
            break;
        case ExprKind::Subquery:
            write_subquery(json, as<promql::SubqueryExpr>(expr));
            break;
        case ExprKind::Unary:
            json.field("op", as<promql::UnaryExpr>(expr).negative ? "-" : "+");
            write_child(json, "expr", as<promql::UnaryExpr>(expr).expr);
            break;
        case ExprKind::Binary:
            write_binary(json, as<promql::BinaryExpr>(expr));
            break;
        case ExprKind::Aggregate:
            write_aggregate(json, as<promql::AggregateExpr>(expr));
            break;
        case ExprKind::Call:
            write_call(json, as<promql::Call>(expr));
            break;
        case ExprKind::Paren:
            write_child(json, "expr", as<promql::ParenExpr>(expr).expr);
            break;
    }
    json.end_object();
}

}  // namespace cistern::web
