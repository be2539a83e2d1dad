// SPDX-License-Identifier: MIT
#include "collector/mapping/rule_toml.h"

#include "collector/mapping/presets.h"

#include <fmt/format.h>

namespace cistern::collector {
namespace {

std::string quoted(std::string_view text) {
    return toml_quoted(text);
}

std::string key_of(std::string_view name) {
    const bool bare = !name.empty() && name.find_first_not_of(
                                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789_-") == std::string_view::npos;
    return bare ? std::string(name) : quoted(name);
}

std::string list(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) {
        out += (out.size() > 1 ? ", " : "") + quoted(text);
    }
    return out + "]";
}

std::string one_or_list(const std::vector<std::string>& texts) {
    return texts.size() == 1 ? quoted(texts[0]) : list(texts);
}

template <class T, class Show>
std::string table(const std::vector<std::pair<std::string, T>>& entries, Show&& show) {
    std::string out = "{ ";
    for (const auto& [name, value] : entries) {
        out += (out.size() > 2 ? ", " : "") + key_of(name) + " = " + show(value);
    }
    return out + " }";
}

std::string number(double value) {
    return fmt::format("{}", value);
}

std::string duration(int64_t ns) {
    constexpr int64_t kSecond = 1'000'000'000;
    return ns % kSecond == 0 ? fmt::format("\"{}s\"", ns / kSecond)
                             : fmt::format("\"{}ms\"", ns / 1'000'000);
}

class Writer {
  public:
    void line(std::string_view key, const std::string& value) {
        out_ += fmt::format("{}{} = {}\n", indent_, key, value);
    }
    void text(std::string_view key, const std::string& value) {
        if (!value.empty()) {
            line(key, quoted(value));
        }
    }
    void texts(std::string_view key, const std::vector<std::string>& values) {
        if (!values.empty()) {
            line(key, list(values));
        }
    }
    void pairs(std::string_view key, const ByName<std::string>& values) {
        if (values.size() == 1 && values[0].first == "*") {
            line(key, quoted(values[0].second));
        } else if (!values.empty()) {
            line(key, table(values, [](const std::string& v) { return quoted(v); }));
        }
    }
    void numbers(std::string_view key, const ByName<double>& values) {
        if (!values.empty()) {
            line(key, table(values, number));
        }
    }
    void flag(std::string_view key, bool value) {
        if (value) {
            line(key, "true");
        }
    }
    void raw(std::string_view text) { out_ += text; }
    void indent(std::string_view by) { indent_ = by; }
    std::string take() { return std::move(out_); }

  private:
    std::string out_;
    std::string indent_;
};

void write_decoder(Writer& out, const DecoderSpec& spec) {
    if (spec == DecoderSpec{}) {
        return;
    }
    if (spec.name == "binary" && !spec.binary.empty()) {
        std::string fields;
        for (const BinaryField& field : spec.binary) {
            fields += fmt::format("{}{{ name = {}, type = {}",
                                  fields.empty() ? "" : ", ",
                                  quoted(field.name),
                                  quoted(field.type));
            fields += field.offset_at >= 0 ? fmt::format(", offset_at = {}", field.offset_at) : "";
            fields +=
                field.bit >= 0 ? fmt::format(", bit = {}, bits = {}", field.bit, field.bits) : "";
            fields += field.scale != 1 ? fmt::format(", scale = {}", field.scale) : "";
            fields += field.unit.empty() ? "" : ", unit = " + quoted(field.unit);
            fields += " }";
        }
        out.line("decode", "{ binary = [" + fields + "] }");
    } else if (spec.name == "csv" && !spec.csv_columns.empty()) {
        const std::string separator =
            spec.csv_separator == "," ? "" : ", separator = " + quoted(spec.csv_separator);
        out.line("decode", "{ csv = { columns = " + list(spec.csv_columns) + separator + " } }");
    } else if (spec.name == "key_value" &&
               (spec.kv_pair_separator != "&" || spec.kv_separator != "=")) {
        out.line("decode",
                 fmt::format("{{ key_value = {{ pair_separator = {}, separator = {} }} }}",
                             quoted(spec.kv_pair_separator),
                             quoted(spec.kv_separator)));
    } else {
        out.text("decode", spec.name);
    }
}

void write_flatten(Writer& out, const FlattenOptions& flatten) {
    std::string inside;
    const auto add = [&inside](std::string_view key, const std::string& value) {
        inside += fmt::format("{}{} = {}", inside.empty() ? "" : ", ", key, value);
    };
    const std::pair<const char*, const std::vector<std::string>*> lists[] = {
        {"key_label", &flatten.key_label},
        {"prefix_instead", &flatten.prefix_instead},
        {"include", &flatten.include},
        {"exclude", &flatten.exclude}};
    for (const auto& [key, values] : lists) {
        if (!values->empty()) {
            add(key, list(*values));
        }
    }
    if (!flatten.sentinel.empty()) {
        add("sentinel", table(flatten.sentinel, [](const std::vector<double>& values) {
                return fmt::format("[{}]", fmt::join(values, ", "));
            }));
    }
    if (!flatten.key_patterns.empty()) {
        add("key_patterns",
            table(flatten.key_patterns, [](const std::string& v) { return quoted(v); }));
    }
    out.line("flatten", inside.empty() ? "{}" : "{ " + inside + " }");
}

void write_time(Writer& out, const RuleOptions& rule) {
    if (rule.timestamp.has_value()) {
        const TimestampOptions& time = *rule.timestamp;
        if (time.field.empty()) {
            out.line("timestamp", "\"receive\"");
        } else {
            std::string inside = "field = " + quoted(time.field);
            inside += time.format.empty() ? "" : ", format = " + quoted(time.format);
            inside += time.tz.empty() ? "" : ", tz = " + quoted(time.tz);
            inside +=
                time.max_past_ns.has_value() ? ", max_past = " + duration(*time.max_past_ns) : "";
            out.line("timestamp", "{ " + inside + " }");
        }
    }
    if (rule.stale_after_ns.has_value()) {
        const int64_t ns = *rule.stale_after_ns;
        out.line("stale_after",
                 ns == kStaleAfterNever  ? "\"never\""
                 : ns == kStaleAfterAuto ? "\"auto\""
                                         : duration(ns));
    }
}

void write_values(Writer& out, const std::vector<ValueOptions>& values) {
    for (const ValueOptions& value : values) {
        out.raw("  [[rule.value]]\n");
        out.indent("  ");
        out.text("path", value.path);
        out.text("metric", value.metric);
        out.text("unit", value.unit);
        out.text("type", value.type);
        if (value.scale != 1) {
            out.line("scale", number(value.scale));
        }
        if (value.offset != 0) {
            out.line("offset", number(value.offset));
        }
        if (!value.map.empty()) {
            out.line("map", table(value.map, number));
        }
        out.text("expr", value.expr);
        out.indent("");
    }
}

}  // namespace

std::string toml_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n' || c == '\r' || c == '\t') {
            out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string rule_to_toml(const RuleOptions& rule) {
    Writer out;
    out.raw("[[rule]]\n");
    out.text("name", rule.name);
    out.line("topic", one_or_list(rule.topics));
    write_decoder(out, rule.decode);
    out.text("match", rule.match);
    out.text("db", rule.db);
    out.texts("allowed_db", rule.allowed_db);
    out.text("metric", rule.metric);
    if (!rule.labels.empty()) {
        out.line("labels", table(rule.labels, [](const std::string& v) { return quoted(v); }));
    }
    out.text("root", rule.root);
    out.text("each", rule.each);
    out.text("value", rule.value);
    out.text("when", rule.when);
    if (rule.flatten.has_value()) {
        write_flatten(out, *rule.flatten);
    }
    if (rule.scalar.decimal != '.') {
        out.line("scalar", fmt::format("{{ decimal = \"{}\" }}", rule.scalar.decimal));
    }
    out.pairs("rename", rule.rename);
    out.pairs("unit", rule.unit);
    out.pairs("type", rule.type);
    out.numbers("scale", rule.scale);
    out.numbers("offset", rule.offset);
    if (!rule.map.empty()) {
        out.line("map", table(rule.map, [](const ValueMap& map) { return table(map, number); }));
    }
    out.texts("monotonic", rule.monotonic);
    out.texts("text", rule.text);
    write_time(out, rule);
    out.text("labels_from", rule.labels_from);
    if (rule.epoch_dates) {
        out.line("dates", "\"epoch\"");
    }
    out.flag("absent_is_stale", rule.absent_is_stale);
    out.flag("drop", rule.drop);
    out.flag("continue", rule.continue_after);
    if (rule.availability.has_value()) {
        out.raw("# offline ends every series with these labels\n");
    }
    if (!rule.learn_unit.empty()) {
        out.raw("# the payload is the unit of " + rule.learn_unit + "\n");
    }
    if (!rule.unit_key.empty()) {
        out.raw("# units are also those told for " + rule.unit_key + "\n");
    }
    if (!rule.hook.empty()) {
        out.raw("# an inventory: only remembered, for units (" + rule.hook + ")\n");
    }
    write_values(out, rule.values);
    return out.take();
}

std::string preset_to_toml(std::string_view family) {
    std::string out;
    for (const Preset& preset : all_presets()) {
        if (preset.family != family) {
            continue;
        }
        for (const IgnoreOptions& ignore : preset.ignores) {
            out += "[[ignore]]\ntopic = " + list(ignore.topics) + "\n\n";
        }
        for (const RuleOptions& rule : preset.rules) {
            out += rule_to_toml(rule) + "\n";
        }
    }
    return out;
}

}  // namespace cistern::collector
