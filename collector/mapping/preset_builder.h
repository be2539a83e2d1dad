// SPDX-License-Identifier: MIT
// Lets presets be written close to how the rule language looks. Internal to presets_*.cc.
#pragma once

#include "collector/mapping/presets.h"

#include <string>
#include <utility>
#include <vector>

namespace cistern::collector {

// How long a value holds of devices that report seldom and whose absence nobody tells.
inline constexpr int64_t kHour = 3'600'000'000'000;

class RuleBuilder {
  public:
    using Texts = std::vector<std::string>;
    using Pairs = std::vector<std::pair<std::string, std::string>>;

    RuleBuilder(const std::string& family, Texts topics) {
        rule_.name = "preset:" + family;
        rule_.topics = std::move(topics);
    }
    operator RuleOptions() const { return rule_; }  // NOLINT: a builder is its rule

    RuleBuilder& metric(std::string text) { return set(rule_.metric, std::move(text)); }
    RuleBuilder& labels(Pairs labels) { return set(rule_.labels, std::move(labels)); }
    // {device} -> label device, and so on.
    RuleBuilder& capture_labels(const Texts& names) {
        for (const std::string& name : names) {
            rule_.labels.emplace_back(name, "{" + name + "}");
        }
        return *this;
    }
    RuleBuilder& match(std::string expression) { return set(rule_.match, std::move(expression)); }
    RuleBuilder& when(std::string expression) { return set(rule_.when, std::move(expression)); }
    RuleBuilder& decode(std::string name) { return set(rule_.decode.name, std::move(name)); }
    RuleBuilder& root(std::string path) { return set(rule_.root, std::move(path)); }
    RuleBuilder& each(std::string path) { return set(rule_.each, std::move(path)); }
    RuleBuilder& value(std::string path) { return set(rule_.value, std::move(path)); }
    RuleBuilder& unit(ByName<std::string> units) { return append(rule_.unit, std::move(units)); }
    RuleBuilder& type(ByName<std::string> types) { return append(rule_.type, std::move(types)); }
    RuleBuilder& scale(ByName<double> scales) { return append(rule_.scale, std::move(scales)); }
    RuleBuilder& rename(ByName<std::string> names) {
        return append(rule_.rename, std::move(names));
    }
    RuleBuilder& map(const std::string& glob, ValueMap map) {
        rule_.map.emplace_back(glob, std::move(map));
        return *this;
    }
    RuleBuilder& text(Texts globs) { return append(rule_.text, std::move(globs)); }
    RuleBuilder& exclude(Texts globs) { return append(flat().exclude, std::move(globs)); }
    RuleBuilder& include(Texts globs) { return append(flat().include, std::move(globs)); }
    RuleBuilder& key_label(Texts labels) { return append(flat().key_label, std::move(labels)); }
    RuleBuilder& prefix_instead(Texts globs) {
        return append(flat().prefix_instead, std::move(globs));
    }
    RuleBuilder& key_pattern(std::string pattern, std::string name) {
        flat().key_patterns.emplace_back(std::move(pattern), std::move(name));
        return *this;
    }
    RuleBuilder& sentinel(const std::string& glob, std::vector<double> values) {
        flat().sentinel.emplace_back(glob, std::move(values));
        return *this;
    }
    RuleBuilder& time(std::string field, std::string format = {}) {
        rule_.timestamp.emplace();
        rule_.timestamp->field = std::move(field);
        rule_.timestamp->format = std::move(format);
        return *this;
    }
    RuleBuilder& time_received() {
        rule_.timestamp.emplace();
        return *this;
    }
    RuleBuilder& add_value(std::string path,
                           std::string metric,
                           std::string unit = {},
                           std::string type = {}) {
        ValueOptions value;
        value.path = std::move(path);
        value.metric = std::move(metric);
        value.unit = std::move(unit);
        value.type = std::move(type);
        rule_.values.push_back(std::move(value));
        return *this;
    }
    RuleBuilder& availability(Texts stale_labels = {}) {
        rule_.availability.emplace();
        rule_.availability->stale_labels = std::move(stale_labels);
        rule_.stale_after_ns = kStaleAfterNever;
        return *this;
    }
    RuleBuilder& stale_after(int64_t ns) {
        rule_.stale_after_ns = ns;
        return *this;
    }
    RuleBuilder& labels_from(std::string path) { return set(rule_.labels_from, std::move(path)); }
    RuleBuilder& learn_unit(std::string key) { return set(rule_.learn_unit, std::move(key)); }
    RuleBuilder& unit_key(std::string key) { return set(rule_.unit_key, std::move(key)); }
    RuleBuilder& hook(std::string name) { return set(rule_.hook, std::move(name)); }
    RuleBuilder& absent_is_stale() { return set(rule_.absent_is_stale, true); }
    RuleBuilder& epoch_dates() { return set(rule_.epoch_dates, true); }
    RuleBuilder& drop() { return set(rule_.drop, true); }
    RuleBuilder& go_on() { return set(rule_.continue_after, true); }

  private:
    FlattenOptions& flat() {
        if (!rule_.flatten.has_value()) {
            rule_.flatten.emplace();
        }
        return *rule_.flatten;
    }
    template <class T, class U>
    RuleBuilder& set(T& into, U value) {
        into = std::move(value);
        return *this;
    }
    template <class T>
    RuleBuilder& append(std::vector<T>& into, std::vector<T> more) {
        into.insert(
            into.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
        return *this;
    }

    RuleOptions rule_;
};

// presets_*.cc
std::vector<Preset> home_presets();
std::vector<Preset> esphome_presets();  // last: its topics look like others'
std::vector<Preset> shelly_presets();
std::vector<Preset> shelly_gen2_presets();  // late: its topics begin with whatever people chose
std::vector<Preset> hub_presets();
std::vector<Preset> radio_presets();
std::vector<Preset> energy_presets();
std::vector<Preset> host_presets();
std::vector<Preset> industry_presets();

}  // namespace cistern::collector
