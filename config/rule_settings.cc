// SPDX-License-Identifier: MIT
#include "config/rule_settings.h"

#include "config/rule_values.h"

#include <fmt/format.h>

namespace cistern::config {
namespace {

using namespace collector;

void read_flatten(TableReader table, FlattenOptions& flatten) {
    assign(flatten.key_label, table.texts("key_label"));
    assign(flatten.prefix_instead, table.texts("prefix_instead"));
    assign(flatten.include, table.texts("include"));
    assign(flatten.exclude, table.texts("exclude"));
    flatten.key_patterns = read_text_map(table, "key_patterns");
    assign(flatten.array_label, table.text("array_label"));
    assign(flatten.time_keys, table.boolean("time_keys"));
    assign(flatten.identities, table.boolean("identities"));
    assign(flatten.envelopes, table.boolean("envelopes"));
    for (const auto& [field, value] : table.members("sentinel")) {
        std::vector<double> numbers;
        for (const Node& item : value->items) {
            numbers.push_back(item.number);
        }
        flatten.sentinel.emplace_back(field, std::move(numbers));
    }
    table.finish();
}

void read_scalar(TableReader table, ScalarOptions& scalar) {
    assign(scalar.units, table.boolean("units"));
    assign(scalar.words, table.boolean("words"));
    if (const auto decimal = table.text("decimal")) {
        if (*decimal == "." || *decimal == ",") {
            scalar.decimal = decimal->front();
        } else {
            table.problem("decimal", "must be \".\" or \",\"");
        }
    }
    scalar.map = read_value_map(table, "map");
    table.finish();
}

ValueOptions read_value(TableReader table) {
    ValueOptions value;
    assign(value.path, table.text("path"));
    if (value.path.empty()) {
        table.problem("path", "is missing", "for example path = \"$.temperature\"");
    }
    assign(value.metric, table.text("metric"));
    assign(value.unit, table.text("unit"));
    assign(value.type, table.text("type"));
    assign(value.scale, table.number("scale"));
    assign(value.offset, table.number("offset"));
    assign(value.expr, table.text("expr"));
    value.map = read_value_map(table, "map");
    value.labels = read_text_map(table, "labels");
    if (const auto action = read_on_unmapped(table)) {
        value.on_unmapped = *action;
    }
    value.on_change = read_on_change(table);
    table.finish();
    return value;
}

// `value` is a path beside `each`, or the tables [[rule.value]].
void read_values(TableReader& table, RuleOptions& rule) {
    const Node* value = table.raw("value");
    if (value != nullptr && value->kind == NodeKind::Text) {
        rule.value = value->text;
        return;
    }
    for (TableReader& one : table.tables("value")) {
        rule.values.push_back(read_value(std::move(one)));
    }
}

// What a field is called, measures and counts as.
void read_fields(TableReader& table, RuleOptions& rule) {
    rule.rename = read_by_name_text(table, "rename");
    rule.unit = read_by_name_text(table, "unit");
    rule.type = read_by_name_text(table, "type");
    rule.scale = read_by_name_number(table, "scale");
    rule.offset = read_by_name_number(table, "offset");
    rule.map = read_by_name_map(table, "map");
    assign(rule.monotonic, table.texts("monotonic"));
    assign(rule.text, table.texts("text"));
    if (const auto action = read_on_unmapped(table)) {
        rule.on_unmapped = *action;
    }
    if (const auto state = table.choice("state", {"enum"})) {
        rule.state_series = true;
    }
}

void read_time(TableReader& table, RuleOptions& rule) {
    rule.timestamp = read_timestamp(table);
    rule.epoch_dates = table.choice("dates", {"epoch"}).has_value();
    if (const auto late = table.choice("late", {"accept", "drop"})) {
        rule.late = static_cast<LatePolicy>(*late);
    }
    if (const auto stale = read_stale_after(table)) {
        rule.stale_after_ns = *stale;
    }
    assign(rule.absent_is_stale, table.boolean("absent_is_stale"));
}

void read_raw(TableReader table, RuleOptions& rule) {
    RawOptions raw;
    assign(raw.keep_ns, table.duration_ns("keep"));
    assign(raw.max_bytes, table.bytes("max"));
    rule.raw = raw;
    table.finish();
}

}  // namespace

RuleOptions read_rule(TableReader table) {
    RuleOptions rule;
    rule.line = table.node().line;
    assign(rule.name, table.text("name"));
    if (rule.name.empty()) {
        rule.name = table.path();
    }
    assign(rule.topics, table.texts("topic"));
    if (rule.topics.empty()) {
        table.problem("topic", "is missing", "for example topic = \"garden/{bed}/{metric}\"");
    }
    if (const auto qos = table.integer("qos", 0, 2)) {
        rule.qos = static_cast<int>(*qos);
    }
    rule.decode = read_decoder(table);
    assign(rule.match, table.text("match"));
    assign(rule.db, table.text("db"));
    assign(rule.allowed_db, table.texts("allowed_db"));
    assign(rule.metric, table.text("metric"));
    rule.labels = read_text_map(table, "labels");
    assign(rule.labels_from, table.text("labels_from"));
    read_values(table, rule);
    assign(rule.root, table.text("root"));
    assign(rule.each, table.text("each"));
    assign(rule.when, table.text("when"));
    if (auto flatten = table.table("flatten")) {
        read_flatten(std::move(*flatten), rule.flatten.emplace());
    }
    if (auto scalar = table.table("scalar")) {
        read_scalar(std::move(*scalar), rule.scalar);
    }
    read_fields(table, rule);
    rule.on_change = read_on_change(table);
    read_time(table, rule);
    if (auto raw = table.table("raw")) {
        read_raw(std::move(*raw), rule);
    }
    assign(rule.drop, table.boolean("drop"));
    assign(rule.continue_after, table.boolean("continue"));
    if (const auto series = table.integer("series_max", 1, 10'000'000)) {
        rule.series_max = static_cast<uint64_t>(*series);
    }
    table.finish();
    return rule;
}

}  // namespace cistern::config
