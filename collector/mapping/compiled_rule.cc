// SPDX-License-Identifier: MIT
#include "collector/mapping/compiled_rule.h"

#include "collector/mapping/naming.h"
#include "store/model/labels.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {
namespace {

bool matches(const std::string& glob, const FieldNames& names) {
    return glob_match(glob, names.dotted) || glob_match(glob, names.leaf) ||
           glob_match(glob, names.snaked) || glob_match(glob, names.metric) ||
           (!names.original.empty() && glob_match(glob, names.original)) ||
           (!names.full.empty() && glob_match(glob, names.full));
}

template <class T>
const T* first_match(const ByName<T>& table, const FieldNames& names) {
    for (const auto& [glob, value] : table) {
        if (matches(glob, names)) {
            return &value;
        }
    }
    return nullptr;
}

bool any_match(const std::vector<std::string>& globs, const FieldNames& names) {
    return std::any_of(
        globs.begin(), globs.end(), [&](const std::string& glob) { return matches(glob, names); });
}

bool is_binary_type(const std::string& decoder) {
    return decoder.size() >= 2 && (decoder[0] == 'u' || decoder[0] == 'i' || decoder[0] == 'f') &&
           decoder[1] >= '1' && decoder[1] <= '8';
}

// "$.a.b is defined and …" needs a member `a`; empty when that is not so plain.
std::string required_key(std::string_view match) {
    const std::string_view term = match.substr(0, match.find(" and "));
    const bool plain = term.substr(0, 2) == "$." && match.find(" or ") == std::string_view::npos &&
                       term.find("not ") == std::string_view::npos &&
                       term.find("undefined") == std::string_view::npos &&
                       term.find("!=") == std::string_view::npos &&
                       term.find("none") == std::string_view::npos;
    if (!plain) {
        return {};
    }
    const std::string_view path = term.substr(2);
    const size_t end = path.find_first_of(".[ ");
    return end == std::string_view::npos ? std::string() : std::string(path.substr(0, end));
}

// Compiles one rule, noting each problem instead of stopping at the first.
class RuleCompiler {
  public:
    RuleCompiler(CompiledRule& rule,
                 const MappingDefaults& defaults,
                 std::vector<std::string>& problems)
        : rule_(rule), options_(rule.options), defaults_(defaults), problems_(problems) {}

    void run() {
        if (options_.topics.empty()) {
            problem("has no topic; add topic = \"…\"");
        }
        for (const std::string& topic : options_.topics) {
            if (topic.rfind("$share/", 0) == 0) {
                problem(
                    fmt::format("topic '{}': messages arrive without $share/<group>/; leave it "
                                "out here and name the filter in the broker's `subscribe`",
                                topic));
            }
            if (auto pattern = TopicPattern::parse(topic); pattern.has_value()) {
                rule_.patterns.push_back(std::move(*pattern));
            } else {
                problem(pattern.error().message);
            }
        }
        compile_texts();
        compile_paths();
        compile_values();
        compile_time();
        check();
        rule_.flatten = options_.flatten.value_or(FlattenOptions{});
        rule_.scalar = {options_.scalar.units, options_.scalar.words, options_.scalar.decimal};
        rule_.stale_after_ns = options_.stale_after_ns.value_or(defaults_.stale_after_ns);
        rule_.series_max =
            options_.series_max > 0 ? options_.series_max : defaults_.limits.series_per_rule;
    }

  private:
    void problem(const std::string& what) {
        problems_.push_back(fmt::format("rule '{}': {}", options_.name, what));
    }
    template <class T>
    void keep(Result<T> parsed, T& into, std::string_view where) {
        if (parsed.has_value()) {
            into = std::move(*parsed);
        } else {
            problem(fmt::format("{}: {}", where, parsed.error().message));
        }
    }

    void compile_texts() {
        keep(TemplateText::parse(options_.db), rule_.db, "db");
        keep(TemplateText::parse(options_.metric), rule_.metric, "metric");
        keep(TemplateText::parse(options_.learn_unit), rule_.learn_unit, "learn_unit");
        keep(TemplateText::parse(options_.unit_key), rule_.unit_key, "unit_key");
        check_captures(rule_.db, "db");
        check_captures(rule_.metric, "metric");
        compile_labels(options_.labels, rule_.labels, "labels");
        for (const CompiledLabel& label : rule_.labels) {
            rule_.labels_dynamic |= label.value.dynamic() || label.value.uses_key();
        }
        rule_.labels_dynamic |= rule_.metric.dynamic() || rule_.db.dynamic();
    }

    void compile_labels(const std::vector<std::pair<std::string, std::string>>& from,
                        std::vector<CompiledLabel>& into,
                        std::string_view where) {
        for (const auto& [name, value] : from) {
            CompiledLabel label;
            label.name = name;
            keep(TemplateText::parse(value), label.value, fmt::format("{}.{}", where, name));
            if (name == store::kMetricNameLabel || !store::validate_label_name(name).has_value()) {
                problem(fmt::format("{}: '{}' cannot be a label's name", where, name));
            }
            check_captures(label.value, fmt::format("{}.{}", where, name));
            into.push_back(std::move(label));
        }
    }

    void check_captures(const TemplateText& text, std::string_view where) {
        for (const std::string_view name : text.captures()) {
            for (const TopicPattern& pattern : rule_.patterns) {
                const auto& names = pattern.names();
                const bool has = std::find(names.begin(), names.end(), name) != names.end();
                if (!has && !rule_.is_preset) {
                    problem(fmt::format(
                        "{}: {{{}}} is not captured by topic '{}'; write {{{}}} in the topic, or "
                        "{{$.{}}} for a payload field",
                        where,
                        name,
                        pattern.text(),
                        name,
                        name));
                }
            }
        }
    }

    void compile_paths() {
        keep(FieldPath::parse(options_.root), rule_.root, "root");
        keep(FieldPath::parse(options_.each), rule_.each, "each");
        keep(FieldPath::parse(options_.value), rule_.value, "value");
        keep(FieldPath::parse(options_.labels_from), rule_.labels_from, "labels_from");
        rule_.labels_dynamic |= !options_.labels_from.empty();
        compile_key_patterns();
        rule_.match_key = required_key(options_.match);
        if (!options_.match.empty()) {
            keep(Expression::parse(options_.match), rule_.match, "match");
        }
        if (!options_.when.empty()) {
            keep(Expression::parse(options_.when), rule_.when, "when");
        }
        if (!options_.each.empty() && !rule_.each.has_wildcard()) {
            problem(fmt::format(
                "each = '{}' names one thing; write {}[*]", options_.each, options_.each));
        }
    }

    void compile_key_patterns() {
        if (!options_.flatten.has_value()) {
            return;
        }
        for (const auto& [key, name] : options_.flatten->key_patterns) {
            CompiledRule::KeyPattern pattern;
            pattern.name = name;
            keep(TopicPattern::parse(key), pattern.pattern, "flatten.key_patterns");
            rule_.key_patterns.push_back(std::move(pattern));
        }
    }

    void compile_values() {
        rule_.values.reserve(options_.values.size());
        for (const ValueOptions& options : options_.values) {
            CompiledValue value;
            value.options = options;
            const std::string where = fmt::format("value '{}'", options.path);
            keep(FieldPath::parse(options.path), value.path, where);
            keep(TemplateText::parse(options.metric), value.metric, where + ".metric");
            check_captures(value.metric, where + ".metric");
            compile_labels(options.labels, value.labels, where + ".labels");
            for (const CompiledLabel& label : value.labels) {
                rule_.labels_dynamic |= label.value.dynamic();
            }
            if (!options.expr.empty()) {
                keep(Expression::parse(options.expr), value.expr, where + ".expr");
            }
            check_type(options.type, where);
            rule_.values.push_back(std::move(value));
        }
    }

    void compile_time() {
        rule_.max_future_ns = defaults_.max_future_ns;
        rule_.max_past_ns = defaults_.max_past_ns;
        if (!options_.timestamp.has_value()) {
            return;
        }
        const TimestampOptions& time = *options_.timestamp;
        keep(TimeFormat::create(time), rule_.time, "timestamp");
        for (std::string_view rest = time.field; !rest.empty();) {
            const size_t bar = std::min(rest.find('|'), rest.size());
            FieldPath path;
            keep(FieldPath::parse(trim_scalar(rest.substr(0, bar))), path, "timestamp.field");
            rule_.time_fields.push_back(std::move(path));
            rest.remove_prefix(std::min(bar + 1, rest.size()));
        }
        rule_.time_source = time.field.empty() ? CompiledRule::TimeSource::Receive
                                               : CompiledRule::TimeSource::Field;
        rule_.max_future_ns = time.max_future_ns.value_or(rule_.max_future_ns);
        rule_.max_past_ns = time.max_past_ns.value_or(rule_.max_past_ns);
    }

    void check_type(const std::string& type, std::string_view where) {
        if (!type.empty() && type != "gauge" && type != "counter") {
            problem(fmt::format("{}: type '{}' is neither gauge nor counter", where, type));
        }
    }

    void check() {
        for (const auto& [name, type] : options_.type) {
            check_type(type, "type." + name);
        }
        for (const std::string& db : options_.allowed_db) {
            if (const Status status = store::validate_database_name(db); !status.has_value()) {
                problem("allowed_db: " + status.error().message);
            }
        }
        const bool fixed_db =
            !options_.db.empty() && options_.db.find_first_of("{$") == std::string::npos;
        if (fixed_db) {
            if (const Status status = store::validate_database_name(options_.db);
                !status.has_value()) {
                problem("db: " + status.error().message);
            }
        }
        if (!options_.hook.empty() && options_.hook != "zigbee2mqtt_devices" &&
            options_.hook != "homie_description") {
            problem(fmt::format("hook '{}' is unknown", options_.hook));
        }
        if (options_.qos < 0 || options_.qos > 2) {
            problem(fmt::format("qos = {} is not 0, 1 or 2", options_.qos));
        }
        if (!options_.value.empty() && options_.each.empty()) {
            problem("value is for rules with each; use [[rule.value]] with path");
        }
        if (!options_.values.empty() && options_.flatten.has_value()) {
            problem(
                "[[rule.value]] and flatten exclude each other; split into two rules with continue "
                "= true");
        }
    }

    CompiledRule& rule_;
    const RuleOptions& options_;
    const MappingDefaults& defaults_;
    std::vector<std::string>& problems_;
};

}  // namespace

std::unique_ptr<CompiledRule> CompiledRule::compile(const RuleOptions& options,
                                                    const MappingDefaults& defaults,
                                                    std::vector<std::string>& problems) {
    auto rule = std::make_unique<CompiledRule>();
    rule->options = options;
    rule->shown_name = options.name;
    rule->is_preset = options.name.rfind("preset:", 0) == 0 || options.name == "generic";
    rule->is_raw_only = options.raw.has_value() && options.match.empty() &&
                        options.metric.empty() && options.labels.empty() &&
                        options.values.empty() && options.each.empty() && options.root.empty() &&
                        options.decode == DecoderSpec{} && !options.flatten.has_value();
    rule->is_generic = options.name == "generic";
    // A bare binary number has no name of its own, and its topic more likely names the device.
    if (!rule->is_preset && options.metric.empty() && is_binary_type(options.decode.name)) {
        rule->options.metric = "value";
    }
    RuleCompiler(*rule, defaults, problems).run();
    return rule;
}

std::string_view CompiledRule::renamed(const FieldNames& names) const {
    for (const auto& [glob, name] : options.rename) {
        if (glob_match(glob, names.dotted) || glob_match(glob, names.snaked)) {
            return name;
        }
    }
    return {};
}

const FieldPlan* CompiledRule::plan(const FieldNames& names, const CompiledValue* compiled) {
    FieldPlan plan;
    plan.value = compiled;
    plan.on_unmapped = options.on_unmapped;
    plan.drop =
        any_match(flatten.exclude, names) ||
        (!flatten.include.empty() && compiled == nullptr && !any_match(flatten.include, names));
    plan.text = any_match(options.text, names);
    plan.monotonic = any_match(options.monotonic, names);
    plan.map = first_match(options.map, names);
    plan.sentinel = first_match(flatten.sentinel, names);
    const auto* const unit = first_match(options.unit, names);
    const auto* const type = first_match(options.type, names);
    const auto* const scale = first_match(options.scale, names);
    const auto* const offset = first_match(options.offset, names);
    plan.unit = unit != nullptr ? *unit : "";
    plan.type = type != nullptr ? *type : "";
    plan.scale = scale != nullptr ? *scale : 1;
    plan.offset = offset != nullptr ? *offset : 0;
    plan.on_change = options.on_change.has_value() ? &*options.on_change : nullptr;
    if (compiled != nullptr) {
        const ValueOptions& own = compiled->options;
        plan.map = own.map.empty() ? plan.map : &own.map;
        plan.on_unmapped =
            own.on_unmapped == OnUnmapped::Scalar ? plan.on_unmapped : own.on_unmapped;
        plan.unit = own.unit.empty() ? plan.unit : own.unit;
        plan.type = own.type.empty() ? plan.type : own.type;
        plan.scale *= own.scale;
        plan.offset = plan.offset * own.scale + own.offset;
        plan.on_change = own.on_change.has_value() ? &*own.on_change : plan.on_change;
    }
    for (const FieldPlan& known : plans_) {
        if (known == plan) {
            return &known;
        }
    }
    plans_.push_back(std::move(plan));
    return &plans_.back();
}

}  // namespace cistern::collector
