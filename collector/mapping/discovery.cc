// SPDX-License-Identifier: MIT
#include "collector/mapping/discovery.h"

#include "collector/decode/text_scalar.h"
#include "collector/mapping/payload_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cistern::collector {

std::vector<TopicFilter> Discovery::topic_filters() const {
    return {{options_.prefix + "/+/+/config", 1}, {options_.prefix + "/+/+/+/config", 1}};
}

const EntityGroup* Discovery::group(std::string_view topic) const {
    const auto found = groups_.find(std::string(topic));
    return found == groups_.end() ? nullptr : &found->second;
}

size_t Discovery::bytes() const {
    constexpr size_t kEntityBytes = 1500;
    size_t bytes = 0;
    for (const auto& [topic, configuration] : configurations_) {
        bytes += topic.size() + configuration.payload.size() +
                 configuration.entities.size() * kEntityBytes;
    }
    return bytes;
}

std::vector<std::pair<std::string, std::string>> Discovery::configurations() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& [topic, configuration] : configurations_) {
        all.emplace_back(topic, configuration.payload);
    }
    std::sort(all.begin(), all.end());
    return all;
}

void Discovery::forget(Configuration& configuration, std::vector<std::string>& changed) {
    const auto leave = [&](const std::string& topic, const DiscoveredEntity* entity) {
        const auto found = groups_.find(topic);
        if (found == groups_.end()) {
            return;
        }
        auto& group = found->second;
        group.values.erase(std::remove(group.values.begin(), group.values.end(), entity),
                           group.values.end());
        group.availability.erase(
            std::remove(group.availability.begin(), group.availability.end(), entity),
            group.availability.end());
        changed.push_back(topic);
    };
    for (const auto& entity : configuration.entities) {
        leave(entity->state_topic, entity.get());
        for (const EntityAvailability& availability : entity->availability) {
            leave(availability.topic, entity.get());
        }
        state_.release(entity->slot);
        state_.release(entity->available_slot);
    }
    configuration.entities.clear();
}

void Discovery::enter(const Configuration& configuration, std::vector<std::string>& changed) {
    for (const auto& entity : configuration.entities) {
        groups_[entity->state_topic].values.push_back(entity.get());
        changed.push_back(entity->state_topic);
        for (const EntityAvailability& availability : entity->availability) {
            auto& readers = groups_[availability.topic].availability;
            if (std::find(readers.begin(), readers.end(), entity.get()) == readers.end()) {
                readers.push_back(entity.get());
            }
            changed.push_back(availability.topic);
        }
    }
}

Status Discovery::learn(const Message& message, std::vector<std::string>& changed) {
    const auto topic = parse_discovery_topic(options_.prefix, message.topic);
    const std::string key(message.topic);
    const auto known = configurations_.find(key);
    if (known != configurations_.end() && known->second.payload == message.payload) {
        return {};
    }
    std::vector<std::unique_ptr<DiscoveredEntity>> entities;
    if (!message.payload.empty()) {
        entities = TRY(parse_discovery(options_, *topic, message.payload));
    }
    if (known != configurations_.end()) {
        forget(known->second, changed);
        configurations_.erase(known);
    }
    constexpr size_t kConfigurationsMax = 100000;
    if (!entities.empty() && configurations_.size() < kConfigurationsMax) {
        Configuration& configuration = configurations_[key];
        configuration.payload = message.payload;
        configuration.entities = std::move(entities);
        enter(configuration, changed);
    }
    // What each topic's templates read, anew.
    for (const std::string& one : changed) {
        const auto found = groups_.find(one);
        if (found == groups_.end()) {
            continue;
        }
        EntityGroup& group = found->second;
        if (group.values.empty() && group.availability.empty()) {
            groups_.erase(found);
            continue;
        }
        group.paths.clear();
        group.whole = !group.availability.empty();
        for (const DiscoveredEntity* entity : group.values) {
            group.whole |= !entity->template_.has_value();
            if (entity->template_.has_value()) {
                entity->template_->collect_paths(group.paths);
            }
        }
    }
    return {};
}

bool Discovery::ensure_series(DiscoveredEntity& entity, bool availability) {
    uint32_t& slot = availability ? entity.available_slot : entity.slot;
    if (slot != kNoSlot) {
        return true;
    }
    store::Labels labels = availability ? entity.device_labels : entity.labels;
    labels.set(store::kMetricNameLabel, availability ? "available" : entity.metric);
    if (!store::validate_labels(labels).has_value()) {
        return false;
    }
    SeriesTable::About about;
    about.rule = rule_;
    const int64_t silent =
        entity.availability.empty() ? state_.defaults.stale_after_ns : kStaleAfterNever;
    const int64_t stale_after = entity.expire_after_ns > 0 ? entity.expire_after_ns : silent;
    about.stale_after = state_.series.stale_after_id(availability ? kStaleAfterNever : stale_after);
    if (!availability) {
        about.unit = state_.series.unit_id(entity.unit);
        about.type = entity.is_counter ? 2 : 0;
    }
    bool is_new = false;
    slot = state_.acquire(state_.defaults.db, labels, about, is_new);
    if (!is_new && about.unit != 0) {
        state_.series.about(slot).unit = about.unit;
    }
    return true;
}

// False when the value is no number; `text` then has what it is, or nothing.
bool Discovery::number_of(const DiscoveredEntity& entity,
                          const ExprValue& value,
                          double& number,
                          std::string_view& text) {
    texts_.push_back(std::make_unique<std::string>(value.to_text()));
    const std::string_view shown = trim_scalar(*texts_.back());
    if (entity.text_only) {
        text = parse_scalar(shown).kind == ScalarKind::Absent ? std::string_view() : shown;
        return false;
    }
    for (const auto& [word, mapped] : entity.map) {
        const Scalar a = parse_scalar(word);
        const Scalar b = parse_scalar(shown);
        const bool same_number =
            a.kind == ScalarKind::Number && b.kind == ScalarKind::Number && a.value == b.value;
        if (shown == word || same_number ||
            (value.kind == ExprValue::Kind::Bool && equals_ignoring_case(shown, word))) {
            number = mapped;
            return true;
        }
    }
    if (entity.mapped_only) {
        const bool absent = parse_scalar(shown).kind == ScalarKind::Absent;
        state_.drop(absent ? reason::kAbsent : reason::kUnmapped,
                    state_.explain ? entity.metric : std::string());
        return false;
    }
    if (value.kind == ExprValue::Kind::Float) {
        number = value.number;
        return std::isfinite(number);
    }
    if (value.is_number()) {
        number = value.as_double();
        return true;
    }
    ScalarSyntax syntax;
    syntax.words = entity.word_table;
    const Scalar scalar = parse_scalar(shown, syntax);
    if (entity.is_date) {
        const auto date = parse_rfc3339(shown);
        number = date.has_value() ? static_cast<double>(*date) / 1e9 : 0;
        return date.has_value();
    }
    if (scalar.kind == ScalarKind::Number || scalar.kind == ScalarKind::Word) {
        number = scalar.value;
        return true;
    }
    if (scalar.kind == ScalarKind::Text) {
        text = scalar.text;
    } else {
        state_.drop(scalar.kind == ScalarKind::Absent ? reason::kAbsent : reason::kNotFinite,
                    state_.explain ? entity.metric : std::string());
    }
    return false;
}

void Discovery::add_text(DiscoveredEntity& entity, std::string_view text) {
    if (ensure_series(entity, false)) {
        state_.out->texts.push_back({state_.series.key(entity.slot), text});
    }
}

void Discovery::map_value(DiscoveredEntity& entity, ExprScope& scope) {
    if (!entity.unsupported.empty()) {
        state_.drop(reason::kUnsupportedTemplate, state_.explain ? entity.metric : std::string());
        state_.step(fmt::format("{}: {}", entity.metric, entity.unsupported));
        return;
    }
    scope.keep_previous = false;
    scope.variables.clear();
    ExprValue value = ExprValue::of_text(scope.value);
    if (entity.template_.has_value()) {
        value = entity.template_->render(scope);
    } else if (scope.nodes.root != nullptr && scope.nodes.root->is_container()) {
        value = entity.member.empty() ? ExprValue::undefined()
                                      : expr_member(ExprValue::of_node(scope.nodes.root),
                                                    ExprValue::of_text(entity.member));
    }
    if (value.is_undefined()) {
        if (!entity.optional) {
            state_.drop(reason::kAbsent, state_.explain ? entity.metric : std::string());
        }
        return;
    }
    double number = 0;
    std::string_view text;
    if (!number_of(entity, value, number, text)) {
        if (!text.empty()) {
            add_text(entity, text);
        }
        return;
    }
    if (!ensure_series(entity, false)) {
        state_.drop(reason::kBadName);
        return;
    }
    number = number * entity.scale + entity.offset;
    state_.add_sample(entity.slot, number, state_.message->received_ns);
    if (state_.explain) {
        state_.step(fmt::format("discovered entity '{}' -> {}", entity.metric, number));
    }
}

bool Discovery::is_online(const DiscoveredEntity& entity, bool latest) const {
    using Mode = DiscoveredEntity::AvailabilityMode;
    if (entity.availability_mode == Mode::Latest) {
        return latest;
    }
    const auto online = [](const EntityAvailability& one) { return one.state != 0; };
    return entity.availability_mode == Mode::All
               ? std::all_of(entity.availability.begin(), entity.availability.end(), online)
               : std::any_of(entity.availability.begin(), entity.availability.end(), online);
}

void Discovery::map_availability(DiscoveredEntity& entity,
                                 std::string_view topic,
                                 ExprScope& scope) {
    for (EntityAvailability& availability : entity.availability) {
        if (availability.topic != topic) {
            continue;
        }
        scope.variables.clear();
        const std::string text = availability.template_.has_value()
                                     ? availability.template_->render(scope).to_text()
                                     : std::string(trim_scalar(scope.value));
        if (text != availability.online && text != availability.offline) {
            state_.drop(reason::kUnmapped, state_.explain ? "available" : "");
            continue;
        }
        availability.state = text == availability.online ? 1 : 0;
        add_availability(entity, is_online(entity, availability.state == 1));
    }
}

void Discovery::add_availability(DiscoveredEntity& entity, bool online) {
    if (!ensure_series(entity, true) ||
        std::find(told_.begin(), told_.end(), entity.available_slot) != told_.end()) {
        return;
    }
    told_.push_back(entity.available_slot);
    state_.add_sample(entity.available_slot, online ? 1 : 0, state_.message->received_ns);
    if (!online && !entity.device_labels.empty()) {
        state_.out->stale.push_back(
            {state_.defaults.db, entity.device_labels, state_.message->received_ns});
    }
}

void Discovery::map(const EntityGroup& group, const Node* root) {
    told_.clear();
    texts_.clear();
    ExprScope scope;
    scope.nodes = {root, root, root};
    scope.value = state_.message->payload;
    scope.ignore_default = options_.ignore_default;
    for (DiscoveredEntity* entity : group.values) {
        map_value(*entity, scope);
    }
    for (DiscoveredEntity* entity : group.availability) {
        map_availability(*entity, state_.plan->topic(), scope);
    }
}

}  // namespace cistern::collector
