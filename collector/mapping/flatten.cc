// SPDX-License-Identifier: MIT
// From containers to fields: key paths become names, numeric keys and array places become labels,
// {value, unit, …} is one value, the usual time keys are the time.
#include "collector/mapping/naming.h"
#include "collector/mapping/rule_runner.h"

#include <algorithm>

namespace cistern::collector {
namespace {

bool is_numeric(std::string_view key) {
    return !key.empty() && key.find_first_not_of("0123456789") == std::string_view::npos;
}

bool equals(std::string_view key, std::string_view word) {
    return equals_ignoring_case(key, word);
}

// Strings under these names say who is speaking; they are no measurement.
bool is_identity(std::string_view key) {
    constexpr std::string_view kKeys[] = {
        "id", "mac", "model", "name", "type", "serial", "channel", "sid"};
    for (const std::string_view one : kKeys) {
        if (equals(key, one)) {
            return true;
        }
    }
    return false;
}

// The member that names an element of an array.
const Node* element_name(const Node& element) {
    for (const std::string_view key : {"id", "name", "key", "n"}) {
        const Node* found = element.find(key);
        if (found != nullptr && (found->is_string() || found->kind == NodeKind::Int)) {
            return found;
        }
    }
    return nullptr;
}

struct Envelope {
    const Node* value = nullptr;
    const Node* unit = nullptr;
    const Node* quality = nullptr;
    const Node* time = nullptr;
};

// {value, unit(s), quality, timestamp}: `value` and at least one of the others, and nothing else.
bool read_envelope(const Node& node, Envelope& envelope) {
    constexpr uint32_t kMembersMax = 6;
    if (node.size < 2 || node.size > kMembersMax) {
        return false;
    }
    for (const Node& child : children(node)) {
        const std::string_view key = child.key;
        if (equals(key, "value")) {
            envelope.value = &child;
        } else if (equals(key, "unit") || equals(key, "units") || equals(key, "uom") ||
                   equals(key, "unit_of_measurement")) {
            envelope.unit = &child;
        } else if (equals(key, "quality")) {
            envelope.quality = &child;
        } else if (is_time_key(key)) {
            envelope.time = &child;
        } else {
            return false;
        }
    }
    return envelope.value != nullptr &&
           (!envelope.value->is_container() || envelope.value->is_array());
}

bool is_bad_quality(const Node& quality) {
    if (quality.kind == NodeKind::Bool) {
        return !quality.boolean;
    }
    return quality.is_string() &&
           (equals(quality.text(), "bad") || equals(quality.text(), "uncertain"));
}

}  // namespace

void RuleRunner::push(const Step& step) {
    uint64_t part = step.text.empty() ? step.index + 1 : hash_text(step.text);
    if (!step.label.empty()) {
        part = ~mix_hash(part, hash_text(step.label));
    }
    hashes_.push_back(mix_hash(hashes_.back(), part));
    steps_.push_back(step);
}

void RuleRunner::pop() {
    steps_.pop_back();
    hashes_.pop_back();
}

void RuleRunner::with_step(const Step& step, const Node& child, size_t object_level) {
    push(step);
    flatten(child, object_level);
    pop();
}

void RuleRunner::flatten(const Node& node, size_t object_level) {
    if (state_.overflow) {
        return;
    }
    if (node.kind == NodeKind::Record) {
        flatten_record(node);
    } else if (node.kind == NodeKind::Object) {
        flatten_object(node, object_level);
    } else if (node.is_array()) {
        flatten_array(node, object_level);
    } else {
        emit(node, {});
    }
}

void RuleRunner::flatten_object(const Node& node, size_t object_level) {
    if (rule_->flatten.envelopes && flatten_envelope(node)) {
        return;
    }
    const Moment outer = moment_;
    // Own times are looked for in the payload itself and in elements of arrays; deeper down a key
    // such as `time` is more often a duration.
    const bool keyed =
        !steps_.empty() && !steps_.back().label.empty() && !is_numeric(steps_.back().text);
    const bool own_time =
        rule_->flatten.time_keys && (steps_.empty() || steps_.back().element || keyed);
    if (own_time && rule_->time_source == CompiledRule::TimeSource::Auto) {
        for (const Node& child : children(node)) {
            if (is_time_key(child.key) && !child.is_container() && child.kind != NodeKind::Null) {
                moment_ = moment_of(child);
            }
        }
    }
    if (!moment_.drop) {
        for (const Node& child : children(node)) {
            const bool time = own_time && is_time_key(child.key) && !child.is_container();
            const bool identity =
                rule_->flatten.identities && child.is_string() && is_identity(child.key);
            const bool names_element = !steps_.empty() && steps_.back().element &&
                                       steps_.back().label == child.key && !child.is_container();
            const bool named_time =
                !time_nodes_.empty() &&
                std::find(time_nodes_.begin(), time_nodes_.end(), &child) != time_nodes_.end();
            if (!time && !identity && !names_element && !named_time) {
                flatten_member(child, object_level);
            }
        }
    } else {
        state_.drop(reason::kTooOld);
    }
    moment_ = outer;
}

void RuleRunner::flatten_member(const Node& child, size_t object_level) {
    const FlattenOptions& options = rule_->flatten;
    if (child.is_container() && object_level < options.key_label.size()) {
        bool prefix = false;
        for (const std::string& glob : options.prefix_instead) {
            prefix |= glob_match(glob, child.key);
        }
        if (!prefix && child.key.empty()) {  // nameless sensor: no label rather than an empty one
            flatten(child, object_level + 1);
            return;
        }
        if (!prefix) {
            const NodeScope outer = nodes_;
            const std::string_view outer_key = key_;
            const uint64_t outer_hash = scope_hash_;
            nodes_.key = &child;
            key_ = child.key;
            enter_scope();
            with_step({options.key_label[object_level], child.key, 0}, child, object_level + 1);
            nodes_ = outer;
            key_ = outer_key;
            scope_hash_ = outer_hash;
            return;
        }
    }
    if (flatten_patterned(child, object_level)) {
        return;
    }
    if (is_numeric(child.key)) {
        with_step({options.array_label, child.key, 0}, child, object_level + 1);
    } else {
        with_step({{}, child.key, 0}, child, object_level + 1);
    }
}

// POWER3 -> power_state{channel="3"}
bool RuleRunner::flatten_patterned(const Node& child, size_t object_level) {
    for (const CompiledRule::KeyPattern& one : rule_->key_patterns) {
        const TopicLevels levels(child.key);
        std::vector<Capture> captures;
        if (child.key.size() > UINT16_MAX || !one.pattern.match(levels, captures)) {
            continue;
        }
        for (size_t i = 0; i < captures.size(); ++i) {
            push({one.pattern.names()[i], captures[i].of(child.key), 0});
        }
        if (!one.name.empty()) {
            push({{}, one.name, 0});
        }
        flatten(child, object_level + 1);
        for (size_t i = 0; i < captures.size() + (one.name.empty() ? 0 : 1); ++i) {
            pop();
        }
        return true;
    }
    return false;
}

void RuleRunner::flatten_array(const Node& node, size_t object_level) {
    uint32_t index = 0;
    for (const Node& child : children(node)) {
        if (child.kind == NodeKind::Record) {
            flatten_record(child);
            continue;
        }
        const Node* name = child.is_object() ? element_name(child) : nullptr;
        if (name == nullptr) {
            with_step({rule_->flatten.array_label, {}, index, true}, child, object_level);
        } else if (name->is_string()) {
            with_step({name->key, name->text(), 0, true}, child, object_level);
        } else {
            scratch_.clear();
            append_node_text(*name, scratch_);
            numbers_.push_back(scratch_);
            with_step({name->key, numbers_.back(), 0, true}, child, object_level);
            numbers_.pop_back();
        }
        ++index;
    }
}

bool RuleRunner::flatten_envelope(const Node& node) {
    Envelope envelope;
    if (!read_envelope(node, envelope)) {
        return false;
    }
    const Moment outer = moment_;
    if (envelope.time != nullptr && rule_->time_source == CompiledRule::TimeSource::Auto) {
        moment_ = moment_of(*envelope.time);
    }
    if (moment_.drop) {
        state_.drop(reason::kTooOld);
    } else if (envelope.value->is_array()) {
        flatten_array(*envelope.value, 0);
    } else {
        Hints hints;
        hints.unit = envelope.unit != nullptr && envelope.unit->is_string() ? envelope.unit->text()
                                                                            : std::string_view();
        hints.bad_quality = envelope.quality != nullptr && is_bad_quality(*envelope.quality);
        emit(*envelope.value, hints);
    }
    moment_ = outer;
    return true;
}

void RuleRunner::flatten_record(const Node& record) {
    const Node* value = record.find("value");
    const Node* name = record.find("name");
    const Node* unit = record.find("unit");
    const Node* time = record.find("time_ns");
    const Node* offset = record.find("time_offset_ns");
    const Node* labels = record.find("labels");
    if (value == nullptr) {
        return;
    }
    const Moment outer = moment_;
    if (time != nullptr && rule_->time_source == CompiledRule::TimeSource::Auto) {
        moment_ = moment_of(*time);
    } else if (offset != nullptr && rule_->time_source == CompiledRule::TimeSource::Auto) {
        moment_ = moment_at(state_.message->received_ns + offset->integer, "time_offset_ns");
    }
    size_t pushed = 0;
    if (name != nullptr && name->is_string() && name->size > 0) {
        push({{}, name->text(), 0});
        ++pushed;
    }
    if (labels != nullptr) {
        for (const Node& label : children(*labels)) {
            if (label.is_string() && label.size > 0) {
                push({label.key, label.text(), 0});
                ++pushed;
            }
        }
    }
    Hints hints;
    hints.unit = unit != nullptr && unit->is_string() ? unit->text() : std::string_view();
    hints.text = record.find("text") != nullptr;
    if (value->is_container()) {
        flatten(*value, 0);
    } else if (moment_.drop) {
        state_.drop(reason::kTooOld);
    } else {
        emit(*value, hints);
    }
    for (; pushed > 0; --pushed) {
        pop();
    }
    moment_ = outer;
}

}  // namespace cistern::collector
