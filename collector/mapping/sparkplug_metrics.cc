// SPDX-License-Identifier: MIT
#include "collector/decode/sparkplug_payload.h"
#include "collector/mapping/reasons.h"
#include "collector/mapping/sparkplug_host.h"
#include "collector/mapping/sparkplug_time.h"
#include "store/model/labels.h"

#include <fmt/format.h>

#include <cmath>

namespace cistern::collector {
namespace {

constexpr size_t kTemplateDepthMax = 16;
// OPC's quality codes as Sparkplug uses them: 192 good, 0 bad, 500 stale.
constexpr uint64_t kQualityBad = 0;
constexpr uint64_t kQualityStale = 500;

bool begins_with(std::string_view text, std::string_view begin) {
    return text.substr(0, begin.size()) == begin;
}

bool is_control(std::string_view name) {
    return name == "bdSeq" || begins_with(name, "Node Control/") ||
           begins_with(name, "Device Control/");
}

std::string_view unit_of(const SparkplugMetric& metric) {
    for (const std::string_view key : {"engUnit",
                                       "unit",
                                       "EngUnit",
                                       "Unit",
                                       "units",
                                       "Units",
                                       "engUnits",
                                       "engineering_unit",
                                       "engineeringUnit",
                                       "engineeringUnits",
                                       "Engineering Units"}) {
        const SparkplugProperty* found = metric.property(key);
        if (found != nullptr && found->value.member == SparkplugRaw::Member::String &&
            store::is_valid_utf8(found->value.text)) {
            return found->value.text;
        }
    }
    const bool is_date = metric.datatype == static_cast<uint32_t>(SparkplugType::DateTime) ||
                         metric.datatype == static_cast<uint32_t>(SparkplugType::DateTimeArray);
    return is_date ? std::string_view("s") : std::string_view();
}

bool has_bad_quality(const SparkplugMetric& metric) {
    const SparkplugProperty* quality = metric.property("Quality");
    return quality != nullptr && quality->value.member != SparkplugRaw::Member::None &&
           (quality->value.bits == kQualityBad || quality->value.bits == kQualityStale);
}

std::string field_of(const SparkplugMetric& metric) {
    if (metric.name.empty()) {
        return fmt::format("alias {}", metric.alias.value_or(0));
    }
    return store::is_valid_utf8(metric.name) ? std::string(metric.name) : "name that is no UTF-8";
}

}  // namespace

uint32_t SparkplugHost::define(SparkplugDefinition definition) {
    if (definitions_.size() >= limits_.definitions) {
        return kNoDefinition;
    }
    definitions_.push_back(std::move(definition));
    return static_cast<uint32_t>(definitions_.size() - 1);
}

uint32_t SparkplugHost::define(Step& step, std::string_view name, int32_t index) {
    SparkplugDefinition definition;
    definition.group = step.node->group;
    definition.node = step.node->name;
    definition.device = step.device->name;
    definition.name = name;
    definition.index = index;
    return define(std::move(definition));
}

SparkplugSample SparkplugHost::sample_of(const Step& step, const SparkplugMetric& metric) const {
    SparkplugSample sample;
    sample.timestamp_ns = step.message.received_ns;
    sample.historical = metric.is_historical || step.is_held;
    for (const auto& time : {metric.timestamp_ms, payload_.timestamp_ms}) {
        if (const auto ns = sparkplug_time_ns(time)) {
            sample.timestamp_ns = *ns;
            sample.timestamp_from_payload = true;
            break;
        }
    }
    // The end of the session before was written with our time. A node whose clock is behind would
    // be born before it, and stay ended.
    if (step.is_birth && !sample.historical && sample.timestamp_ns <= step.node->ended_ns) {
        sample.timestamp_ns = step.message.received_ns;
        sample.timestamp_from_payload = false;
    }
    return sample;
}

// The device's metric of that name, made on first use; null above the limit.
SparkplugNodeMetric* SparkplugHost::know(Step& step, const std::string& name) {
    auto& metrics = step.device->metrics;
    const auto found = metrics.find(name);
    if (found != metrics.end()) {
        return &found->second;
    }
    if (metrics_ >= limits_.definitions) {
        return nullptr;
    }
    ++metrics_;
    return &metrics[name];
}

void SparkplugHost::take_birth_metric(Step& step, const SparkplugMetric& metric) {
    if (metric.name.empty()) {
        return drop(step, reason::kUnknownAlias, field_of(metric));
    }
    if (!store::is_valid_utf8(metric.name)) {
        return drop(step, reason::kDecodeError, field_of(metric));
    }
    const std::string name(metric.name);
    SparkplugNodeMetric* found = know(step, name);
    if (found == nullptr) {
        return drop(step, reason::kSeriesLimit, name);
    }
    SparkplugNodeMetric& known = *found;
    known.born = true;
    known.datatype = metric.datatype;
    known.is_control = is_control(name);
    if (metric.alias) {
        step.device->aliases[*metric.alias] = {&step.device->metrics.find(name)->first, found};
    }
    if (known.is_control) {
        return;
    }
    if (metric.template_ >= 0) {
        return take_members(step, name, metric, 0);
    }
    take_value(step, name, known, metric);
}

// Members of a template's instance are metrics of their own, named with the path.
void SparkplugHost::take_members(Step& step,
                                 const std::string& name,
                                 const SparkplugMetric& metric,
                                 size_t depth) {
    const SparkplugTemplate& found = payload_.templates[static_cast<size_t>(metric.template_)];
    if (found.is_definition) {
        return;
    }
    if (depth > kTemplateDepthMax) {
        return drop(step, reason::kTooDeep, name);
    }
    for (const SparkplugMetric& member : found.metrics) {
        if (!store::is_valid_utf8(member.name)) {
            drop(step, reason::kDecodeError, name);
            continue;
        }
        const std::string path = fmt::format("{}/{}", name, member.name);
        if (member.template_ >= 0) {
            take_members(step, path, member, depth + 1);
            continue;
        }
        SparkplugNodeMetric* const entry = know(step, path);
        if (entry == nullptr) {
            drop(step, reason::kSeriesLimit, path);
            continue;
        }
        SparkplugNodeMetric& known = *entry;
        known.born = true;
        known.datatype = member.datatype != 0 ? member.datatype : known.datatype;
        if (member.timestamp_ms || !metric.timestamp_ms) {
            take_value(step, path, known, member);
        } else {
            SparkplugMetric timed = member;
            timed.timestamp_ms = metric.timestamp_ms;
            timed.is_historical = metric.is_historical || member.is_historical;
            take_value(step, path, known, timed);
        }
    }
}

void SparkplugHost::take_data_metric(Step& step, const SparkplugMetric& metric) {
    if (metric.is_transient) {
        return drop(step, reason::kTransient, field_of(metric));
    }
    const std::string* name = nullptr;
    SparkplugNodeMetric* known = nullptr;
    SparkplugDevice* owner = step.device;
    if (!metric.name.empty()) {
        const auto found = owner->metrics.find(std::string(metric.name));
        if (found != owner->metrics.end() && found->second.born) {
            name = &found->first;
            known = &found->second;
        }
    } else if (metric.alias) {
        // By the specification an alias belongs to the whole node.
        auto found = owner->aliases.find(*metric.alias);
        for (auto device = step.node->devices.begin();
             found == owner->aliases.end() && device != step.node->devices.end();
             ++device) {
            owner = &*device;
            found = owner->aliases.find(*metric.alias);
        }
        if (found != owner->aliases.end()) {
            std::tie(name, known) = found->second;
        }
    }
    if (known == nullptr) {
        drop(step, reason::kUnknownAlias, field_of(metric));
        return ask_for_rebirth(*step.node, step.message.received_ns, step.out);
    }
    if (known->is_control) {
        return drop(step, reason::kControl, *name);
    }
    SparkplugDevice* const topic_device = step.device;
    step.device = owner;
    if (metric.template_ >= 0) {
        take_members(step, *name, metric, 0);
    } else {
        take_value(step, *name, *known, metric);
    }
    step.device = topic_device;
}

void SparkplugHost::take_value(Step& step,
                               const std::string& name,
                               SparkplugNodeMetric& known,
                               const SparkplugMetric& metric) {
    if (metric.is_transient) {
        return drop(step, reason::kTransient, name);
    }
    const std::string_view unit = unit_of(metric);
    const auto learn = [&](uint32_t number) {
        if (number != kNoDefinition && !unit.empty() && definitions_[number].unit != unit) {
            definitions_[number].unit = unit;
        }
    };
    if (metric.is_null || has_bad_quality(metric)) {
        // A birth without a value says nothing; later it ends the series.
        if (!step.is_birth) {
            emit_stale(known, sample_of(step, metric).timestamp_ns, step.out);
        }
        return;
    }
    if (step.is_birth && !options_.store_birth) {
        return;
    }
    emit_value(step, name, known, metric);
    learn(known.definition);
    for (const uint32_t element : known.elements) {
        learn(element);
    }
    if (known.definition != kNoDefinition && !metric.description.empty() &&
        store::is_valid_utf8(metric.description)) {
        definitions_[known.definition].description = metric.description;
    }
}

void SparkplugHost::emit_value(Step& step,
                               const std::string& name,
                               SparkplugNodeMetric& known,
                               const SparkplugMetric& metric) {
    if (metric.dataset >= 0) {
        return options_.datasets ? emit_dataset(step, name, metric)
                                 : drop(step, reason::kUnsupportedType, name);
    }
    if (metric.value.member == SparkplugRaw::Member::None) {
        return drop(step, reason::kAbsent, name);
    }
    const uint32_t datatype = metric.datatype != 0 ? metric.datatype : known.datatype;
    if (!interpret_sparkplug(metric.value, datatype, value_) ||
        value_.kind == SparkplugValue::Kind::Texts) {
        return drop(step, reason::kUnsupportedType, name);
    }
    SparkplugSample sample = sample_of(step, metric);
    if (value_.kind == SparkplugValue::Kind::Array) {
        return emit_array(step, name, known, sample);
    }
    if (known.definition == kNoDefinition) {
        known.definition = define(step, name, -1);
        if (known.definition == kNoDefinition) {
            return drop(step, reason::kSeriesLimit, name);
        }
    }
    if (value_.kind == SparkplugValue::Kind::Text) {
        step.out.texts.push_back({known.definition, value_.text, sample.timestamp_ns});
        return;
    }
    if (!std::isfinite(value_.number)) {
        return drop(step, reason::kNotFinite, name);
    }
    if (value_.inexact) {
        step.out.notes.push_back({reason::kInexact, name});
    }
    sample.definition = known.definition;
    sample.value = value_.number;
    sample.inexact = value_.inexact;
    step.out.samples.push_back(sample);
}

void SparkplugHost::emit_array(Step& step,
                               const std::string& name,
                               SparkplugNodeMetric& known,
                               SparkplugSample sample) {
    if (value_.numbers.size() > limits_.array_elements) {
        return drop(step, reason::kTooManyFields, name);
    }
    for (size_t i = 0; i < value_.numbers.size(); ++i) {
        if (known.elements.size() <= i) {
            const uint32_t number = define(step, name, static_cast<int32_t>(i));
            if (number == kNoDefinition) {
                return drop(step, reason::kSeriesLimit, name);
            }
            known.elements.push_back(number);
        }
        if (!std::isfinite(value_.numbers[i])) {
            drop(step, reason::kNotFinite, name);
            continue;
        }
        sample.definition = known.elements[i];
        sample.value = value_.numbers[i];
        step.out.samples.push_back(sample);
    }
}

void SparkplugHost::emit_stale(const SparkplugNodeMetric& metric,
                               int64_t timestamp_ns,
                               SparkplugOutcome& out) const {
    if (metric.definition != kNoDefinition) {
        out.stale.push_back({metric.definition, timestamp_ns});
    }
    for (const uint32_t element : metric.elements) {
        out.stale.push_back({element, timestamp_ns});
    }
}

void SparkplugHost::emit_stale(const SparkplugDevice& device,
                               int64_t timestamp_ns,
                               SparkplugOutcome& out) const {
    for (const auto& [name, metric] : device.metrics) {
        if (metric.born) {
            emit_stale(metric, timestamp_ns, out);
        }
    }
}

void SparkplugHost::emit_online(
    Step& step, SparkplugDevice& device, bool online, int64_t timestamp_ns, bool from_payload) {
    if (device.online == kNoDefinition) {
        device.online = define(step, device.name.empty() ? "node_online" : "device_online", -1);
        if (device.online == kNoDefinition) {
            return drop(step, reason::kSeriesLimit);
        }
        definitions_[device.online].is_status = true;
    }
    SparkplugSample sample;
    sample.definition = device.online;
    sample.value = online ? 1 : 0;
    sample.timestamp_ns = timestamp_ns;
    sample.timestamp_from_payload = from_payload;
    step.out.samples.push_back(sample);
}

}  // namespace cistern::collector
