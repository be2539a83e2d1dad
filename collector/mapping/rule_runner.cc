// SPDX-License-Identifier: MIT
#include "collector/mapping/rule_runner.h"

#include "collector/mapping/inventory.h"
#include "collector/mapping/naming.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {

TemplateInput RuleRunner::input() const {
    TemplateInput in;
    in.topic = state_.plan->topic();
    in.names = &rule_->patterns[candidate_->pattern].names();
    in.captures = state_.plan->captures() + candidate_->first_capture;
    in.message = state_.message;
    in.nodes = nodes_;
    in.key = key_;
    return in;
}

bool RuleRunner::fill(const TemplateText& text, bool snaked, std::string& out) {
    return text.fill(input(), snaked, out);
}

void RuleRunner::begin(CompiledRule& rule, const RuleCandidate& candidate, const Node& root) {
    rule_ = &rule;
    candidate_ = &candidate;
    nodes_ = {&root, &root, &root};
    steps_.clear();
    hashes_.assign(1, 0x51ed270b);
    key_ = {};
    moment_ = {state_.message->received_ns, false, false};
    enter_scope();
}

// The labels that the payload gives are part of what tells fields apart.
void RuleRunner::enter_scope() {
    scope_hash_ = mix_hash(0x2545f491, candidate_->rule);
    if (!rule_->labels_dynamic) {
        return;
    }
    const TemplateInput in = input();
    scratch_.clear();
    for (const CompiledLabel& label : rule_->labels) {
        if (label.value.dynamic() || label.value.uses_key()) {
            label.value.fill(in, false, scratch_);
            scratch_ += '\xff';
        }
    }
    for (const CompiledValue& value : rule_->values) {
        for (const CompiledLabel& label : value.labels) {
            label.value.fill(in, false, scratch_);
            scratch_ += '\xff';
        }
    }
    const Node* more =
        rule_->options.labels_from.empty() ? nullptr : rule_->labels_from.find(nodes_);
    if (more != nullptr) {
        for (const Node& member : children(*more)) {
            scratch_ += member.key;
            append_node_text(member, scratch_);
            scratch_ += '\xff';
        }
    }
    if (rule_->metric.dynamic()) {
        rule_->metric.fill(in, false, scratch_);
    }
    if (rule_->db.dynamic()) {
        rule_->db.fill(in, false, scratch_);
    }
    scope_hash_ = mix_hash(scope_hash_, hash_text(scratch_));
}

bool RuleRunner::condition_holds(const Expression& condition) {
    if (condition.empty()) {
        return true;
    }
    ExprScope scope;
    scope.nodes = nodes_;
    scope.value = nodes_.root->is_string() ? nodes_.root->text() : state_.message->payload;
    return condition.evaluate(scope).truthy();
}

bool RuleRunner::run(CompiledRule& rule, const RuleCandidate& candidate, const Node& root) {
    if (!rule.match_key.empty() && root.find(rule.match_key) == nullptr) {
        return false;
    }
    begin(rule, candidate, root);
    if (!condition_holds(rule.match)) {
        return false;
    }
    if (rule.options.drop) {
        state_.drop(reason::kIgnored);
        return true;
    }
    if (learn(root)) {
        return true;
    }
    const Node* start = rule.options.root.empty() ? &root : rule.root.find(nodes_);
    if (start == nullptr) {
        if (!rule.is_preset) {
            state_.drop(reason::kMissingField, rule.options.root);
        }
        return true;
    }
    nodes_.local = start;
    nodes_.key = start;
    if (!rule.options.each.empty()) {
        bool any = false;
        rule.each.each(nodes_, [&](const Node& element) {
            any = true;
            const NodeScope outer = nodes_;
            const Moment moment = moment_;
            nodes_.local = nodes_.key = &element;
            key_ = element.key;
            run_element(element);
            nodes_ = outer;
            key_ = {};
            moment_ = moment;
        });
        if (!any && !rule.is_preset) {
            state_.drop(reason::kMissingField, rule.options.each);
        }
        return true;
    }
    run_element(*start);
    return true;
}

// Units told by topics of their own are remembered; such a message has no samples.
bool RuleRunner::learn(const Node& root) {
    if (!rule_->options.hook.empty()) {
        const bool zigbee = rule_->options.hook == "zigbee2mqtt_devices";
        const TemplateInput in = input();
        const std::string_view device =
            in.names->empty() ? std::string_view() : in.captures[0].of(in.topic);
        const bool news = zigbee ? learn_zigbee_devices(root, state_.units)
                                 : learn_homie_description(device, root, state_.units);
        state_.generation += news ? 1 : 0;
        state_.drop(reason::kMetadata);
        return true;
    }
    if (rule_->learn_unit.empty()) {
        return false;
    }
    std::string key;
    fill(rule_->learn_unit, false, key);
    const std::string_view unit = root.is_string() ? trim_scalar(root.text()) : std::string_view();
    if (state_.units.learn(key, unit)) {
        ++state_.generation;
    }
    state_.drop(reason::kMetadata);
    state_.step(fmt::format("remembers unit '{}' for {}", unit, key));
    return true;
}

void RuleRunner::run_element(const Node& element) {
    if (!condition_holds(rule_->when)) {
        if (!rule_->is_preset) {
            state_.drop(reason::kFiltered, state_.explain ? rule_->options.when : std::string());
        }
        return;
    }
    enter_scope();
    take_time(element);
    if (moment_.drop) {
        state_.drop(reason::kTooOld);
        return;
    }
    if (!rule_->values.empty()) {
        run_values(element);
        return;
    }
    if (!rule_->options.value.empty()) {
        const Node* value = rule_->value.find(nodes_);
        if (value == nullptr) {
            if (!rule_->is_preset) {
                state_.drop(reason::kMissingField, rule_->options.value);
            }
        } else {
            flatten(*value, 0);
        }
        return;
    }
    flatten(element, 0);
}

void RuleRunner::run_values(const Node& element) {
    (void)element;
    for (const CompiledValue& value : rule_->values) {
        bool any = false;
        uint32_t index = 0;
        const NodeScope outer = nodes_;
        const uint64_t outer_hash = scope_hash_;
        const bool several = value.path.has_wildcard();
        // Labels that tell the elements apart take the place of their index.
        const bool own_labels =
            several && std::any_of(value.labels.begin(), value.labels.end(), [](const auto& one) {
                return one.value.uses_key();
            });
        value.path.each_within(nodes_, [&](const Node& found, const Node& around) {
            any = true;
            if (own_labels) {
                nodes_.key = &around;
                enter_scope();
            } else if (several) {
                push({rule_->flatten.array_label, {}, index++});
            }
            Hints hints;
            hints.value = &value;
            value_ = &value;
            if (found.is_container()) {
                state_.drop(reason::kUnsupportedType, value.options.path);
            } else {
                emit(found, hints);
            }
            if (several && !own_labels) {
                pop();
            }
        });
        nodes_ = outer;
        scope_hash_ = outer_hash;
        value_ = nullptr;
        if (!any && !rule_->is_preset) {
            state_.drop(reason::kMissingField, value.options.path);
        }
    }
}

void RuleRunner::take_time(const Node& element) {
    using Source = CompiledRule::TimeSource;
    time_nodes_.clear();
    if (rule_->time_source == Source::Receive) {
        return;
    }
    if (rule_->time_source == Source::Field) {
        bool found = false;
        for (const FieldPath& field : rule_->time_fields) {
            const Node* time = field.find(nodes_);
            if (time == nullptr || time->is_container()) {
                continue;
            }
            time_nodes_.push_back(time);
            if (time->kind != NodeKind::Null && !found) {
                moment_ = moment_of(*time);
                found = true;
            }
        }
        if (moment_.from_payload || moment_.drop || !rule_->options.timestamp->fallback_auto) {
            return;
        }
    }
    // A rule with values or each looks at the usual keys of its element here; flatten() does so
    // itself.
    if ((!rule_->values.empty() || !rule_->options.value.empty()) && element.is_object()) {
        for (const Node& child : children(element)) {
            if (is_time_key(child.key)) {
                moment_ = moment_of(child);
            }
        }
    }
}

RuleRunner::Moment RuleRunner::moment_of(const Node& time) const {
    const std::optional<int64_t> ns = rule_->time.parse(time, state_.message->received_ns);
    if (!ns.has_value()) {
        state_.note(reason::kTimeInvalid, state_.explain ? std::string(time.key) : std::string());
        return {state_.message->received_ns, false, false};
    }
    return moment_at(*ns, time.key);
}

// The time that a payload tells, where it is believable.
RuleRunner::Moment RuleRunner::moment_at(int64_t ns, std::string_view field) const {
    const int64_t received = state_.message->received_ns;
    const Moment receive{received, false, false};
    if (ns > received && ns - received > rule_->max_future_ns) {
        state_.note(reason::kTimeInFuture, state_.explain ? std::string(field) : std::string());
        return receive;
    }
    if (rule_->max_past_ns > 0 && ns < received && received - ns > rule_->max_past_ns) {
        if (rule_->options.late == LatePolicy::Drop) {
            return {received, false, true};
        }
        state_.note(reason::kTimeTooOld, state_.explain ? std::string(field) : std::string());
        return receive;
    }
    return {ns, true, false};
}

}  // namespace cistern::collector
