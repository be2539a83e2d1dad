// SPDX-License-Identifier: MIT
// Names and labels of a field seen for the first time.
#include "collector/mapping/entity_group.h"
#include "collector/mapping/naming.h"
#include "collector/mapping/rule_runner.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {
namespace {

std::string_view last_level(std::string_view topic) {
    while (!topic.empty() && topic.back() == '/') {
        topic.remove_suffix(1);
    }
    const size_t slash = topic.rfind('/');
    return slash == std::string_view::npos ? topic : topic.substr(slash + 1);
}

void remove_nul(std::string& text) {
    text.erase(std::remove(text.begin(), text.end(), '\0'), text.end());
}

}  // namespace

std::string RuleRunner::path_text() const {
    std::string out = value_ != nullptr ? value_->options.path : std::string();
    for (const Step& step : steps_) {
        out += out.empty() ? "" : ".";
        out += step.text.empty() ? std::to_string(step.index) : std::string(step.text);
    }
    return out;
}

FieldNames RuleRunner::raw_names(const Hints& hints) const {
    FieldNames names;
    for (const Step& step : steps_) {
        if (step.label.empty()) {
            names.dotted += (names.dotted.empty() ? "" : ".") + std::string(step.text);
            names.leaf = step.text;
        }
    }
    if (hints.value != nullptr && names.dotted.empty()) {
        names.dotted = hints.value->path.joined_name();
        names.leaf = names.dotted;
    }
    if (names.dotted.empty()) {  // a plain payload goes by its topic's last level
        names.dotted = names.leaf = last_level(state_.plan->topic());
    }
    names.snaked = snake(names.dotted);
    return names;
}

FieldNames RuleRunner::field_names(const Hints& hints) const {
    FieldNames names = raw_names(hints);
    const std::string_view renamed = rule_->renamed(names);
    if (!renamed.empty()) {
        names.original = names.dotted;
        names.dotted = names.leaf = renamed;
        names.snaked = snake(renamed);
    }
    return names;
}

// Discovery names some fields of this topic: those are its own.
bool RuleRunner::is_covered() const {
    if (state_.plan->entities == nullptr || !rule_->is_preset) {
        return false;
    }
    // What a hub says of itself is news beside what it means for its devices.
    const EntityGroup& group = *state_.plan->entities;
    if (group.values.empty() && rule_->options.availability.has_value() &&
        rule_->options.metric != "available") {
        return false;
    }
    std::vector<std::string_view> path;
    for (const Step& step : steps_) {
        if (!step.text.empty()) {
            path.push_back(step.text);
        }
    }
    return group.covers(path);
}

std::string RuleRunner::metric_name(const Hints& hints, bool& lost) const {
    std::string own;
    for (const Step& step : steps_) {
        if (step.label.empty()) {
            own += (own.empty() ? "" : "_") + std::string(step.text);
        }
    }
    if (!rule_->options.rename.empty()) {
        const std::string_view renamed = rule_->renamed(raw_names(hints));
        own = renamed.empty() ? own : std::string(renamed);
    }
    std::string name;
    TemplateInput in = input();
    in.field = own;
    const TemplateText& own_template = hints.value != nullptr ? hints.value->metric : rule_->metric;
    if (!own_template.empty()) {
        own_template.fill(in, true, name);
    } else if (hints.value != nullptr && !hints.value->path.joined_name().empty()) {
        append_snake(hints.value->path.joined_name(), name);
    } else if (!own.empty()) {
        lost = append_snake(own, name);
    } else {
        append_snake(last_level(state_.plan->topic()), name);
    }
    finish_name(name);
    return name;
}

// naming = "prometheus": the unit ends the name.
void RuleRunner::add_unit_suffix(const FieldPlan& plan, std::string& name) const {
    const std::string_view suffix =
        state_.defaults.prometheus_names ? prometheus_suffix(unit_of(plan)) : std::string_view();
    const bool has = name.size() >= suffix.size() &&
                     std::string_view(name).substr(name.size() - suffix.size()) == suffix;
    name += has ? std::string_view() : suffix;
}

// The generic mapper's label: the topic, less the level that became the metric's name.
void RuleRunner::add_generic_path(std::vector<store::Label>& labels, bool has_field) const {
    std::string_view topic = state_.plan->topic();
    if (!has_field) {
        const std::string_view last = last_level(topic);
        std::string name;
        append_snake(last, name);
        if (name.find_first_not_of('_') != std::string::npos) {
            const auto begin = static_cast<size_t>(last.data() - topic.data());
            topic = topic.substr(0, begin > 0 ? begin - 1 : 0);
        }
    }
    labels.push_back({"path", std::string(topic)});
}

bool RuleRunner::make_labels(const FieldMemo& memo,
                             const Hints& hints,
                             std::string& db,
                             store::Labels& labels) {
    std::vector<store::Label> list;
    const TemplateInput in = input();
    const auto add = [&](const CompiledLabel& label) {
        std::string value;
        label.value.fill(in, false, value);
        list.push_back({label.name, std::move(value)});
    };
    std::for_each(rule_->labels.begin(), rule_->labels.end(), add);
    if (hints.value != nullptr) {
        std::for_each(hints.value->labels.begin(), hints.value->labels.end(), add);
    }
    bool has_field = false;
    bool lost = false;
    for (const Step& step : steps_) {
        has_field |= step.label.empty();
        if (step.label.empty()) {
            continue;
        }
        std::string name(step.label);
        for (int n = 2;
             std::any_of(list.begin(), list.end(), [&](const auto& l) { return l.name == name; });
             ++n) {
            name = fmt::format("{}_{}", step.label, n);
        }
        list.push_back(
            {name, step.text.empty() ? std::to_string(step.index) : std::string(step.text)});
    }
    const Node* more =
        rule_->options.labels_from.empty() ? nullptr : rule_->labels_from.find(nodes_);
    if (more != nullptr && more->is_object()) {
        for (const Node& member : children(*more)) {
            std::string value;
            if (append_node_text(member, value)) {
                list.push_back({snake(member.key), std::move(value)});
            }
        }
    }
    if (rule_->is_generic) {
        add_generic_path(list, has_field);
    }
    std::string metric = metric_name(hints, lost);
    add_unit_suffix(*memo.plan, metric);
    list.push_back({std::string(store::kMetricNameLabel), std::move(metric)});
    const bool own_name = rule_->metric.empty() && hints.value == nullptr;
    if ((lost && own_name && has_field) || memo.field_label) {
        list.push_back({"field", path_text()});
    }
    if (hints.bad_quality) {
        list.push_back({"quality", "bad"});
    }
    for (store::Label& label : list) {
        remove_nul(label.value);
        if (label.value.size() > state_.defaults.limits.label_value_bytes) {
            return false;
        }
    }
    labels = store::Labels(std::move(list));
    if (rule_->db.empty()) {
        db = state_.defaults.db;
    } else {
        rule_->db.fill(in, false, db);
    }
    return store::validate_labels(labels).has_value();
}

// As the rule says, or as the payload says where the rule points into it.
std::string RuleRunner::unit_of(const FieldPlan& plan) const {
    if (plan.unit.empty() || plan.unit[0] != '$') {
        return plan.unit;
    }
    const auto path = FieldPath::parse(plan.unit);
    const Node* node = path.has_value() ? path->find(nodes_) : nullptr;
    const std::string_view unit =
        node != nullptr && node->is_string() ? node->text() : std::string_view();
    return unit == "C" ? "°C" : unit == "F" ? "°F" : std::string(unit);
}

// Gives the slot back when the rule has as many series as it may.
bool RuleRunner::is_within_limit(FieldMemo& memo, Holds what, bool is_new) {
    const RuleSeries& count = state_.rule_series[candidate_->rule];
    const bool is_within = what == Holds::Samples
                               ? state_.admit(memo.slot, rule_->series_max)
                               : !is_new || count.known - count.admitted <= rule_->series_max;
    if (!is_within) {
        state_.release(memo.slot);
        memo.slot = kNoSlot;
        memo.refused = true;
        drop_field(reason::kSeriesLimit);
    }
    return is_within;
}

bool RuleRunner::ensure_series(FieldMemo& memo, const Hints& hints, Holds what) {
    if (memo.slot != kNoSlot) {
        const bool is_known = what == Holds::Texts || state_.series.about(memo.slot).admitted;
        return is_known || is_within_limit(memo, what, false);
    }
    if (memo.refused) {
        const RuleSeries& count = state_.rule_series[candidate_->rule];
        const bool full =
            count.made >= rule_->series_max || count.known - count.admitted >= rule_->series_max;
        drop_field(full ? reason::kSeriesLimit : reason::kBadName);
        memo.refused = full;
        return false;
    }
    std::string db;
    store::Labels labels;
    if (!make_labels(memo, hints, db, labels)) {
        memo.refused = true;
        drop_field(reason::kBadName);
        return false;
    }
    const auto& allowed = rule_->options.allowed_db;
    const bool db_allowed =
        allowed.empty() || std::find(allowed.begin(), allowed.end(), db) != allowed.end();
    if (!db.empty() && (!db_allowed || !store::validate_database_name(db).has_value())) {
        drop_field(reason::kBadDatabase);
        return false;
    }
    SeriesTable::About about;
    about.stale_after = state_.series.stale_after_id(rule_->stale_after_ns);
    about.rule = candidate_->rule;
    std::string unit = unit_of(*memo.plan);
    if (!rule_->unit_key.empty()) {
        std::string key;
        TemplateInput in = input();
        const std::string field = path_text();
        in.field = field;
        rule_->unit_key.fill(in, false, key);
        const std::string_view learned = state_.units.find(key);
        unit = learned.empty() ? unit : std::string(learned);
    }
    about.unit = state_.series.unit_id(unit);
    about.type = memo.plan->type.empty() ? 0 : memo.plan->type == "gauge" ? 1 : 2;
    bool is_new = false;
    memo.slot = state_.acquire(db, labels, about, is_new);
    if (!is_within_limit(memo, what, is_new)) {
        return false;
    }
    if (!is_new && about.unit != 0) {
        state_.series.about(memo.slot).unit = about.unit;
    }
    return true;
}

}  // namespace cistern::collector
