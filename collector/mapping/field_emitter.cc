// SPDX-License-Identifier: MIT
// From a field to a sample, a text, a stale marker, or a reason why none of these.
#include "collector/mapping/naming.h"
#include "collector/mapping/rule_runner.h"

#include <fmt/format.h>

#include <cmath>

namespace cistern::collector {
namespace {

const double* mapped_value(const ValueMap& map, std::string_view text) {
    for (const auto& [word, value] : map) {
        if (word == text) {
            return &value;
        }
    }
    for (const auto& [word, value] : map) {
        if (equals_ignoring_case(word, text)) {
            return &value;
        }
    }
    return nullptr;
}

// Scales such as 0.001 have no exact double, their inverse has: dividing keeps 60 from becoming
// 60.00000000000001.
double scaled(double value, double scale) {
    const double inverse = std::round(1 / scale);
    const bool is_fraction = std::fabs(scale) < 1 && std::fabs(inverse * scale - 1) < 1e-14;
    return is_fraction ? value / inverse : value * scale;
}

}  // namespace

uint64_t RuleRunner::field_hash(const Hints& hints) const {
    uint64_t hash = mix_hash(scope_hash_, hashes_.back());
    if (hints.value != nullptr) {
        hash = mix_hash(hash, static_cast<uint64_t>(hints.value - rule_->values.data()) + 1);
    }
    return hints.bad_quality ? ~hash : hash;
}

FieldMemo& RuleRunner::memo_of(uint64_t field, const Hints& hints) {
    SmallArray<FieldMemo>& fields = state_.plan->fields;
    uint32_t& cursor = state_.plan->cursor;
    for (size_t tried = 0; tried < fields.size(); ++tried) {
        cursor = cursor < fields.size() ? cursor : 0;
        FieldMemo& memo = fields[cursor++];
        if (memo.field == field) {
            return memo;
        }
    }
    constexpr size_t kFieldsMax = 2048;  // a topic whose keys never repeat
    if (fields.size() >= kFieldsMax) {
        for (const FieldMemo& memo : fields) {
            state_.release(memo.slot);
        }
        fields.clear();
    }
    FieldMemo memo;
    memo.field = field;
    static const FieldPlan kDropped = [] {
        FieldPlan plan;
        plan.drop = true;
        return plan;
    }();
    if (is_covered()) {
        memo.plan = &kDropped;
    } else {
        FieldNames names = field_names(hints);
        bool lost = false;
        names.metric = metric_name(hints, lost);
        names.full = path_text();
        memo.plan = rule_->plan(names, hints.value);
    }
    fields.push_back(memo);
    cursor = static_cast<uint32_t>(fields.size());
    return fields.back();
}

void RuleRunner::drop_field(std::string_view why) {
    state_.drop(why, state_.explain ? path_text() : std::string());
}

void RuleRunner::emit(const Node& leaf, const Hints& hints) {
    FieldMemo& memo = memo_of(field_hash(hints), hints);
    if (memo.plan->drop || state_.overflow) {
        return;
    }
    if (is_last_will(leaf)) {
        drop_field(reason::kAbsent);
        end_series(memo, hints);
        return;
    }
    Converted converted = convert(leaf, *memo.plan);
    if (hints.text && leaf.is_string() && converted.outcome != Outcome::Absent) {
        converted.outcome = Outcome::Text;
        converted.text = leaf.text();
    }
    switch (converted.outcome) {
        case Outcome::Number:
            emit_number(memo, converted, hints);
            break;
        case Outcome::Text:
            emit_text(memo, converted.text, hints);
            break;
        case Outcome::Absent:
            emit_absent(memo, hints, converted.text);
            break;
        case Outcome::NotFinite:
            drop_field(reason::kNotFinite);
            break;
        case Outcome::Unmapped:
            drop_field(reason::kUnmapped);
            break;
        case Outcome::Sentinel:
            drop_field(reason::kSentinel);
            break;
        case Outcome::Unsupported:
            drop_field(reason::kUnsupportedType);
            break;
    }
}

RuleRunner::Converted RuleRunner::convert(const Node& leaf, const FieldPlan& plan) {
    Converted out;
    switch (leaf.kind) {
        case NodeKind::Null:
            out.outcome = Outcome::Absent;
            return out;
        case NodeKind::String:
            out = convert_text(leaf.text(), plan);
            break;
        case NodeKind::Bool:
        case NodeKind::Int:
        case NodeKind::UInt:
        case NodeKind::Double: {
            out.value = leaf.as_double();
            if (plan.map != nullptr) {
                scratch_.clear();
                append_node_text(leaf, scratch_);
                if (const double* mapped = mapped_value(*plan.map, scratch_); mapped != nullptr) {
                    out.value = *mapped;
                } else if (plan.on_unmapped == OnUnmapped::Drop) {
                    out.outcome = Outcome::Unmapped;
                }
            }
            constexpr int64_t kExact = int64_t{1} << 53;
            const bool inexact =
                leaf.kind == NodeKind::UInt ||
                (leaf.kind == NodeKind::Int && (leaf.integer > kExact || leaf.integer < -kExact));
            if (inexact) {
                state_.note(reason::kInexact, state_.explain ? path_text() : std::string());
            }
            break;
        }
        default:
            out.outcome = Outcome::Unsupported;
            return out;
    }
    if (out.outcome == Outcome::Number) {
        finish_number(out, plan);
    }
    return out;
}

RuleRunner::Converted RuleRunner::convert_text(std::string_view text, const FieldPlan& plan) {
    Converted out;
    out.text = trim_scalar(text);
    const ValueMap* const maps[] = {plan.map, &rule_->options.scalar.map};
    for (const ValueMap* map : maps) {
        const bool used = map != nullptr && !plan.text;
        const double* value = used ? mapped_value(*map, out.text) : nullptr;
        if (value != nullptr) {
            out.value = *value;
            return out;
        }
    }
    const bool mapped = plan.map != nullptr || !rule_->options.scalar.map.empty();
    ScalarSyntax syntax = rule_->scalar;
    syntax.words &= !plan.text;
    Scalar scalar = parse_scalar(text, syntax);
    if (scalar.kind == ScalarKind::Absent) {
        out.outcome = Outcome::Absent;
    } else if (plan.text || (mapped && plan.on_unmapped == OnUnmapped::Text)) {
        out.outcome = Outcome::Text;
    } else if (mapped && plan.on_unmapped == OnUnmapped::Drop) {
        out.outcome = Outcome::Unmapped;
    } else if (scalar.kind == ScalarKind::Rejected) {
        out.outcome = Outcome::NotFinite;
    } else if (scalar.kind == ScalarKind::Text) {
        out.outcome = Outcome::Text;
        const auto date = rule_->options.epoch_dates ? parse_rfc3339(out.text) : std::nullopt;
        if (date.has_value()) {
            out.outcome = Outcome::Number;
            out.value = static_cast<double>(*date / kNsPerSecond) +
                        static_cast<double>(*date % kNsPerSecond) / 1e9;
            out.unit = "s";
        }
    } else {
        out.value = scalar.value;
        out.unit = scalar.unit;
        if (scalar.inexact) {
            state_.note(reason::kInexact, state_.explain ? path_text() : std::string());
        }
    }
    return out;
}

void RuleRunner::finish_number(Converted& converted, const FieldPlan& plan) const {
    if (plan.sentinel != nullptr) {
        for (const double sentinel : *plan.sentinel) {
            if (converted.value == sentinel) {
                converted.outcome = Outcome::Sentinel;
                return;
            }
        }
    }
    if (plan.value != nullptr && !plan.value->expr.empty()) {
        const ExprValue value = ExprValue::of_float(converted.value);
        ExprScope scope;
        scope.nodes = nodes_;
        scope.value_override = &value;
        if (!plan.value->expr.evaluate(scope).to_number(converted.value)) {
            converted.outcome = Outcome::Absent;
            return;
        }
    }
    if (plan.scale != 1 || plan.offset != 0) {
        converted.value = scaled(converted.value, plan.scale) + plan.offset;
    }
    if (!std::isfinite(converted.value)) {
        converted.outcome = Outcome::NotFinite;
    }
}

void RuleRunner::set_in_band_unit(const FieldMemo& memo, std::string_view unit) {
    SeriesTable::About& about = state_.series.about(memo.slot);
    if (state_.series.unit(about.unit) != unit) {
        about.unit = state_.series.unit_id(unit);
    }
}

bool RuleRunner::handle_repeat(FieldMemo& memo, double value, const Hints& hints) {
    SeriesTable::Mark& mark = state_.series.mark(memo.slot);
    if (mark.message != state_.message_number || mark.sample >= state_.out->samples.size()) {
        return false;
    }
    MappedSample& earlier = state_.out->samples[mark.sample];
    if (mark.field == static_cast<uint32_t>(memo.field)) {
        if (earlier.timestamp_ns != moment_.ns) {
            return false;
        }
        state_.note(reason::kDuplicateKey, state_.explain ? path_text() : std::string());
        earlier.value = value;
        return true;
    }
    const bool own_name = rule_->metric.empty() && hints.value == nullptr;
    if (memo.field_label || !own_name) {
        return false;
    }
    // Two keys, one name: the later is told apart by its original name.
    state_.note(reason::kNameCollision, state_.explain ? path_text() : std::string());
    state_.release(memo.slot);
    memo.slot = kNoSlot;
    memo.field_label = true;
    if (!ensure_series(memo, hints, Holds::Samples)) {
        return true;
    }
    return false;
}

void RuleRunner::emit_number(FieldMemo& memo, const Converted& read, const Hints& hints) {
    if (!ensure_series(memo, hints, Holds::Samples)) {
        return;
    }
    Converted converted = read;
    if (memo.plan->monotonic) {
        converted.value = state_.counters.lift(state_.series, memo.slot, read.value, moment_.ns);
    }
    if (handle_repeat(memo, converted.value, hints)) {
        return;
    }
    if (memo.plan->unit.empty() && !(converted.unit.empty() && hints.unit.empty())) {
        set_in_band_unit(memo, converted.unit.empty() ? hints.unit : converted.unit);
    }
    const SeriesKey key = state_.series.key(memo.slot);
    if (memo.plan->on_change != nullptr &&
        !state_.changes.pass(key, converted.value, moment_.ns, *memo.plan->on_change)) {
        drop_field(reason::kUnchanged);
        return;
    }
    state_.series.mark(memo.slot) = {state_.message_number,
                                     static_cast<uint32_t>(state_.out->samples.size()),
                                     static_cast<uint32_t>(memo.field)};
    MappedSample* sample = state_.add_sample(memo.slot, converted.value, moment_.ns);
    if (sample == nullptr) {
        return;
    }
    sample->timestamp_from_payload = moment_.from_payload;
    if (rule_->options.availability.has_value() && converted.value == 0) {
        go_stale(memo);
    }
    if (state_.explain) {
        MappedSeries series;
        state_.series.describe(memo.slot, series);
        state_.step(fmt::format("field '{}' -> {} = {} {}",
                                path_text(),
                                series.labels.to_string(),
                                converted.value,
                                series.unit));
    }
}

// An availability topic said offline: everything of that device ends.
void RuleRunner::go_stale(const FieldMemo& memo) {
    StaleSeries stale;
    state_.series.labels_of(memo.slot, stale.db, stale.labels);
    stale.labels.remove(store::kMetricNameLabel);
    const auto& wanted = rule_->options.availability->stale_labels;
    if (!wanted.empty()) {
        std::vector<store::Label> kept;
        for (const std::string& name : wanted) {
            kept.push_back({name, std::string(stale.labels.get(name))});
        }
        stale.labels = store::Labels(std::move(kept));
    }
    if (!stale.labels.empty()) {  // no label = everything in the database: never
        stale.timestamp_ns = moment_.ns;
        state_.out->stale.push_back(std::move(stale));
    }
}

void RuleRunner::emit_text(FieldMemo& memo, std::string_view text, const Hints& hints) {
    if (!ensure_series(memo, hints, Holds::Texts)) {
        return;
    }
    state_.out->texts.push_back({state_.series.key(memo.slot), text});
    if (rule_->options.state_series) {
        emit_state(text, hints);
    }
    if (state_.explain) {
        state_.step(fmt::format("field '{}' is text: '{}'", path_text(), text.substr(0, 100)));
    }
}

// metric{state="heat"} 1
void RuleRunner::emit_state(std::string_view text, const Hints& hints) {
    push({"state", text, 0});
    FieldMemo& memo = memo_of(field_hash(hints), hints);
    if (ensure_series(memo, hints, Holds::Samples)) {
        MappedSample* sample = state_.add_sample(memo.slot, 1, moment_.ns);
        if (sample != nullptr) {
            sample->timestamp_from_payload = moment_.from_payload;
        }
    }
    pop();
}

void RuleRunner::emit_absent(FieldMemo& memo, const Hints& hints, std::string_view text) {
    drop_field(reason::kAbsent);
    if (rule_->options.absent_is_stale ||
        (rule_->is_generic && equals_ignoring_case(text, "unavailable"))) {
        end_series(memo, hints);
    }
}

void RuleRunner::end_series(FieldMemo& memo, const Hints& hints) {
    if (ensure_series(memo, hints, Holds::Texts)) {
        state_.add_stale_series(memo.slot, moment_.ns);
    }
}

// `offline`, in small letters as clients write it into their last will, as the whole payload of a
// topic that does not speak of presence, ends the series. docs/rules.md argues the exception.
bool RuleRunner::is_last_will(const Node& leaf) const {
    return rule_->is_generic && steps_.empty() && leaf.is_string() &&
           trim_scalar(leaf.text()) == "offline" && !speaks_of_presence(raw_names({}).snaked);
}

}  // namespace cistern::collector
