// SPDX-License-Identifier: MIT
#include "config/rule_values.h"

#include <fmt/format.h>

#include <charconv>

namespace cistern::config {
namespace {

using namespace collector;

bool is_number(const Node& value) {
    return value.kind == NodeKind::Integer || value.kind == NodeKind::Number ||
           value.kind == NodeKind::Boolean;
}

double number_of(const Node& value) {
    return value.kind == NodeKind::Boolean ? static_cast<double>(value.boolean) : value.number;
}

ValueMap value_map_of(TableReader& table, std::string_view key, const Node& value) {
    ValueMap map;
    for (const auto& [word, number] : value.members) {
        if (!is_number(number)) {
            table.problem(key, fmt::format("'{}' must map to a number", word));
            continue;
        }
        map.emplace_back(word, number_of(number));
    }
    return map;
}

// "5%" or 0.2
void read_deadband(TableReader& table, OnChangeOptions& options) {
    const Node* value = table.raw("deadband");
    if (value == nullptr) {
        return;
    }
    if (value->kind == NodeKind::Text && value->text.ends_with('%')) {
        const char* end = value->text.data() + value->text.size() - 1;
        options.percent = true;
        if (std::from_chars(value->text.data(), end, options.deadband).ptr == end &&
            options.deadband >= 0) {
            return;
        }
    } else if (is_number(*value) && number_of(*value) >= 0) {
        options.deadband = number_of(*value);
        return;
    }
    table.problem("deadband", "must be a number from 0 on, or a share such as \"5%\"");
}

BinaryField read_binary_field(TableReader table) {
    BinaryField field;
    assign(field.name, table.text("name"));
    assign(field.type, table.text("type"));
    assign(field.unit, table.text("unit"));
    assign(field.scale, table.number("scale"));
    assign(field.offset, table.number("offset"));
    if (const auto at = table.integer("offset_at", 0, 1 << 20)) {
        field.offset_at = static_cast<long>(*at);
    }
    if (const auto bit = table.integer("bit", 0, 63)) {
        field.bit = static_cast<int>(*bit);
    }
    if (const auto bits = table.integer("bits", 1, 64)) {
        field.bits = static_cast<int>(*bits);
    }
    if (field.name.empty() || field.type.empty()) {
        table.problem(
            "", "a binary field needs a name and a type", "{ name = \"t\", type = \"i16be\" }");
    }
    table.finish();
    return field;
}

void read_decoder_table(TableReader table, DecoderSpec& spec) {
    assign(spec.name, table.text("name"));
    if (table.raw("binary") != nullptr) {
        spec.name = "binary";
        for (TableReader& field : table.tables("binary")) {
            spec.binary.push_back(read_binary_field(std::move(field)));
        }
    }
    if (auto csv = table.table("csv")) {
        spec.name = "csv";
        assign(spec.csv_columns, csv->texts("columns"));
        assign(spec.csv_separator, csv->text("separator"));
        csv->finish();
    }
    if (auto pairs = table.table("key_value")) {
        spec.name = "key_value";
        assign(spec.kv_pair_separator, pairs->text("pair_separator"));
        assign(spec.kv_separator, pairs->text("separator"));
        pairs->finish();
    }
    table.finish();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> read_text_map(TableReader& table,
                                                               std::string_view key) {
    std::vector<std::pair<std::string, std::string>> map;
    for (const auto& [name, value] : table.members(key)) {
        if (value->kind != NodeKind::Text) {
            table.problem(key, fmt::format("'{}' must be a string", name));
            continue;
        }
        map.emplace_back(name, value->text);
    }
    return map;
}

ValueMap read_value_map(TableReader& table, std::string_view key) {
    const Node* value = table.raw(key);
    if (value == nullptr) {
        return {};
    }
    if (value->kind != NodeKind::Table) {
        table.problem(key, "must be a table such as { off = 0, heat = 1 }");
        return {};
    }
    return value_map_of(table, key, *value);
}

ByName<std::string> read_by_name_text(TableReader& table, std::string_view key) {
    const Node* value = table.raw(key);
    if (value == nullptr) {
        return {};
    }
    if (value->kind == NodeKind::Text) {
        return {{"*", value->text}};
    }
    return read_text_map(table, key);
}

ByName<double> read_by_name_number(TableReader& table, std::string_view key) {
    const Node* value = table.raw(key);
    if (value == nullptr) {
        return {};
    }
    if (is_number(*value)) {
        return {{"*", number_of(*value)}};
    }
    return read_value_map(table, key);
}

ByName<ValueMap> read_by_name_map(TableReader& table, std::string_view key) {
    ByName<ValueMap> maps;
    ValueMap flat;
    for (const auto& [name, value] : table.members(key)) {
        if (value->kind == NodeKind::Table) {
            maps.emplace_back(name, value_map_of(table, key, *value));
        } else if (is_number(*value)) {
            flat.emplace_back(name, number_of(*value));
        } else {
            table.problem(key, fmt::format("'{}' must be a number, or a table of words", name));
        }
    }
    if (!flat.empty()) {
        maps.emplace_back("*", std::move(flat));
    }
    return maps;
}

std::optional<OnUnmapped> read_on_unmapped(TableReader& table) {
    const auto chosen = table.choice("on_unmapped", {"scalar", "text", "drop"});
    return chosen ? std::optional(static_cast<OnUnmapped>(*chosen)) : std::nullopt;
}

std::optional<OnChangeOptions> read_on_change(TableReader& table) {
    const Node* value = table.raw("on_change");
    if (value == nullptr || (value->kind == NodeKind::Boolean && !value->boolean)) {
        return std::nullopt;
    }
    OnChangeOptions options;
    if (value->kind == NodeKind::Boolean) {
        return options;
    }
    auto sub = table.table("on_change");
    if (!sub) {
        return std::nullopt;
    }
    read_deadband(*sub, options);
    assign(options.max_gap_ns, sub->duration_ns("max_gap"));
    sub->finish();
    return options;
}

std::optional<TimestampOptions> read_timestamp(TableReader& table) {
    const Node* value = table.raw("timestamp");
    if (value == nullptr) {
        return std::nullopt;
    }
    TimestampOptions options;
    if (value->kind == NodeKind::Text) {
        if (value->text.starts_with('$')) {
            options.field = value->text;
        } else if (value->text != "receive") {
            table.problem("timestamp",
                          "must be \"receive\", a path such as \"$.ts\", or a table with `field`");
        }
        return options;
    }
    auto sub = table.table("timestamp");
    if (!sub) {
        return std::nullopt;
    }
    assign(options.field, sub->text("field"));
    assign(options.format, sub->text("format"));
    assign(options.tz, sub->text("tz"));
    assign(options.fallback_auto, sub->boolean("fallback_auto"));
    if (const auto past = sub->duration_ns("max_past")) {
        options.max_past_ns = *past;
    }
    if (const auto future = sub->duration_ns("max_future")) {
        options.max_future_ns = *future;
    }
    if (options.field.empty()) {
        sub->problem("field", "is missing", "for example field = \"$.ts\"");
    }
    sub->finish();
    return options;
}

std::optional<int64_t> read_stale_after(TableReader& table) {
    const Node* value = table.raw("stale_after");
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->kind == NodeKind::Text && value->text == "auto") {
        return kStaleAfterAuto;
    }
    if (value->kind == NodeKind::Text && value->text == "never") {
        return kStaleAfterNever;
    }
    return table.duration_ns("stale_after");
}

DecoderSpec read_decoder(TableReader& table) {
    DecoderSpec spec;
    const Node* value = table.raw("decode");
    if (value == nullptr) {
        return spec;
    }
    if (value->kind == NodeKind::Text) {
        spec.name = value->text;
    } else if (auto sub = table.table("decode")) {
        read_decoder_table(std::move(*sub), spec);
    }
    return spec;
}

}  // namespace cistern::config
