// SPDX-License-Identifier: MIT
#include "collector/mapping/sparkplug_mapping.h"

#include "collector/mapping/naming.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {
namespace {

constexpr uint32_t kNotTried = kNoSlot - 1;

const std::vector<std::string>& capture_names() {
    static const std::vector<std::string> kNames = {"group", "node", "device", "host"};
    return kNames;
}

}  // namespace

SparkplugMapping::SparkplugMapping(const SparkplugOptions& options,
                                   MapState& state,
                                   uint16_t rule,
                                   std::vector<std::string>& problems)
    : options_(options),
      state_(state),
      rule_(rule),
      session_(SparkplugSession::create(options, {})) {
    const auto compile = [&](std::string_view text, TemplateText& into, std::string_view where) {
        auto parsed = TemplateText::parse(text);
        if (!parsed.has_value()) {
            problems.push_back(fmt::format("sparkplug: {}: {}", where, parsed.error().message));
            return;
        }
        into = std::move(*parsed);
        for (const std::string_view name : into.captures()) {
            const auto& known = capture_names();
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                problems.push_back(
                    fmt::format("sparkplug: {}: {{{}}} is none of {{group}}, {{node}}, {{device}}",
                                where,
                                name));
            }
        }
    };
    compile(options.db, db_, "db");
    for (const auto& [name, text] : options.labels) {
        CompiledLabel label;
        label.name = name;
        compile(text, label.value, "labels." + name);
        labels_.push_back(std::move(label));
    }
}

bool SparkplugMapping::takes(const Message& message, const SparkplugTopic& topic) const {
    if (!options_.broker.empty() && !message.broker.empty() && message.broker != options_.broker) {
        return false;
    }
    return topic.kind == SparkplugKind::State || options_.groups.empty() ||
           std::find(options_.groups.begin(), options_.groups.end(), topic.group) !=
               options_.groups.end();
}

std::vector<TopicFilter> SparkplugMapping::topic_filters() const {
    std::vector<TopicFilter> filters;
    for (const std::string& group : options_.groups) {
        filters.push_back({"spBv1.0/" + group + "/#", 1});
    }
    if (filters.empty()) {
        filters.push_back({"spBv1.0/#", 1});
    } else {
        filters.push_back({"spBv1.0/STATE/#", 1});
    }
    filters.push_back({"STATE/+", 1});
    return filters;
}

size_t SparkplugMapping::bytes() const {
    return session_->memory_bytes() + slots_.capacity() * sizeof(uint32_t);
}

uint32_t SparkplugMapping::make_series(const SparkplugDefinition& definition) {
    std::string joined;
    std::vector<Capture> captures;
    for (const std::string* part :
         {&definition.group, &definition.node, &definition.device, &definition.host}) {
        if (joined.size() + part->size() > UINT16_MAX) {
            return kNoSlot;
        }
        captures.push_back(
            {static_cast<uint16_t>(joined.size()), static_cast<uint16_t>(part->size())});
        joined += *part;
    }
    TemplateInput input;
    input.topic = joined;
    input.names = &capture_names();
    input.captures = captures.data();
    std::vector<store::Label> list;
    for (const CompiledLabel& label : labels_) {
        std::string value;
        label.value.fill(input, false, value);
        list.push_back({label.name, std::move(value)});
    }
    if (!definition.host.empty()) {
        list.push_back({"host", definition.host});
    }
    if (definition.index >= 0) {
        list.push_back({definition.is_row ? "row" : "index", std::to_string(definition.index)});
    }
    for (const auto& [name, text] : definition.labels) {
        const std::string label = snake(name);
        const bool taken = std::any_of(
            list.begin(), list.end(), [&](const store::Label& one) { return one.name == label; });
        list.push_back({taken ? label + "_2" : label, text});
    }
    list.push_back({std::string(store::kMetricNameLabel), snake(definition.name)});
    const store::Labels labels(std::move(list));
    std::string db = state_.defaults.db;
    if (!db_.empty()) {
        db.clear();
        db_.fill(input, true, db);
    }
    if (!store::validate_labels(labels).has_value() ||
        (!db.empty() && !store::validate_database_name(db).has_value())) {
        return kNoSlot;
    }
    SeriesTable::About about;
    about.rule = rule_;
    about.unit = state_.series.unit_id(definition.unit);
    // A node that is well reports by exception: silence is not staleness, its death is told.
    about.stale_after = state_.series.stale_after_id(kStaleAfterNever);
    bool is_new = false;
    return state_.acquire(db, labels, about, is_new);
}

uint32_t SparkplugMapping::slot_of(uint32_t number) {
    if (number >= slots_.size()) {
        slots_.resize(number + 1, kNotTried);
    }
    if (slots_[number] == kNotTried) {
        slots_[number] = make_series(session_->definition(number));
    }
    const uint32_t slot = slots_[number];
    if (slot != kNoSlot) {  // a later birth may tell another unit
        const std::string& unit = session_->definition(number).unit;
        SeriesTable::About& about = state_.series.about(slot);
        if (state_.series.unit(about.unit) != unit) {
            about.unit = state_.series.unit_id(unit);
        }
    }
    return slot;
}

void SparkplugMapping::take_outcome() {
    MappedMessage& out = *state_.out;
    for (const SparkplugSample& sample : outcome_.samples) {
        const uint32_t slot = slot_of(sample.definition);
        if (slot == kNoSlot) {
            state_.drop(reason::kBadName, session_->definition(sample.definition).name);
            continue;
        }
        // A birth tells all there is: the limit of samples is for payloads that nobody announced.
        MappedSample mapped;
        mapped.series = state_.series.key(slot);
        mapped.value = sample.value;
        mapped.timestamp_ns = sample.timestamp_ns;
        mapped.timestamp_from_payload = sample.timestamp_from_payload;
        mapped.historical = sample.historical;
        out.samples.push_back(mapped);
        if (sample.inexact) {
            state_.note(reason::kInexact);
        }
    }
    for (const SparkplugText& text : outcome_.texts) {
        const uint32_t slot = slot_of(text.definition);
        if (slot != kNoSlot) {
            out.texts.push_back({state_.series.key(slot), text.value});
        }
    }
    for (const SparkplugStale& stale : outcome_.stale) {
        const uint32_t slot = slot_of(stale.definition);
        if (slot != kNoSlot) {
            state_.add_stale_series(slot, stale.timestamp_ns);
        }
    }
    std::move(outcome_.dropped.begin(), outcome_.dropped.end(), std::back_inserter(out.dropped));
    std::move(outcome_.notes.begin(), outcome_.notes.end(), std::back_inserter(out.notes));
    std::move(outcome_.actions.begin(), outcome_.actions.end(), std::back_inserter(out.actions));
}

void SparkplugMapping::map(const Message& message, const SparkplugTopic& topic) {
    session_->handle(message, topic, outcome_);
    take_outcome();
}

std::optional<MappedWill> SparkplugMapping::will(std::string_view broker, int64_t now_ns) {
    const bool ours = options_.broker.empty() || broker.empty() || broker == options_.broker;
    return ours ? session_->will(now_ns) : std::nullopt;
}

void SparkplugMapping::tick(int64_t now_ns) {
    session_->tick(now_ns, outcome_);
    take_outcome();
}

Status SparkplugMapping::restore(std::string_view saved) {
    for (const uint32_t slot : slots_) {
        state_.release(slot == kNotTried ? kNoSlot : slot);
    }
    slots_.clear();
    return session_->restore(saved);
}

}  // namespace cistern::collector
