// SPDX-License-Identifier: MIT
// What the mapper keeps over a restart, as one JSON document: discovery's configurations, units
// that devices told, Sparkplug's alias tables, how many series each rule made.
#include "collector/mapping/mapper_impl.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace cistern::collector {
namespace {

using Json = nlohmann::json;
constexpr int kStateVersion = 1;

std::string to_hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        constexpr char kDigits[] = "0123456789abcdef";
        out += kDigits[static_cast<unsigned char>(c) >> 4];
        out += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

bool from_hex(std::string_view hex, std::string& out) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (hex.size() % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < hex.size(); i += 2) {
        const int high = digit(hex[i]);
        const int low = digit(hex[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out += static_cast<char>(high * 16 + low);
    }
    return true;
}

}  // namespace

// What tells rules apart over a restart: several of a preset have one name.
std::vector<std::string> MapperImpl::rule_names() const {
    std::map<std::string_view, int> seen;
    std::vector<std::string> names;
    for (const auto& rule : rules_) {
        const int before = seen[rule->shown_name]++;
        names.push_back(before == 0 ? rule->shown_name
                                    : fmt::format("{}#{}", rule->shown_name, before + 1));
    }
    return names;
}

void MapperImpl::set_stored_series(StoredSeries stored) {
    state_.stored = std::move(stored);
    const std::vector<std::string> names = rule_names();
    for (size_t i = 0; i < names.size(); ++i) {
        const auto before = series_before_.find(names[i]);
        if (before != series_before_.end()) {
            // Somebody may have removed a database since.
            state_.rule_series[i].made = std::min(before->second, state_.stored.count);
        }
    }
}

std::string MapperImpl::save_state() const {
    Json state;
    state["version"] = kStateVersion;
    for (const auto& [topic, payload] : discovery_.configurations()) {
        state["discovery"].push_back({topic, payload});
    }
    for (const auto& [key, unit] : state_.units.all()) {
        state["units"][key] = unit;
    }
    for (const CounterLift::Saved& one : state_.counters.save(state_.series)) {
        state["counters"].push_back({one.series, one.offset, one.last});
    }
    const std::vector<std::string> names = rule_names();
    for (size_t i = 0; i < names.size(); ++i) {
        if (state_.rule_series[i].made > 0) {
            state["rule_series"][names[i]] = state_.rule_series[i].made;
        }
    }
    for (const auto& section : sparkplug_) {
        state["sparkplug"].push_back(to_hex(section->save()));
    }
    return state.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Status MapperImpl::restore_state(std::string_view text) {
    const Json state = Json::parse(text, nullptr, false);
    if (!state.is_object() || !state.contains("version") || state["version"] != kStateVersion) {
        return fail(ErrorCode::Corruption,
                    "the mapper's saved state is not of this version; starting without it");
    }
    MappedMessage ignored;
    for (const Json& one : state.value("discovery", Json::array())) {
        if (!one.is_array() || one.size() != 2 || !one[0].is_string() || !one[1].is_string()) {
            continue;
        }
        const auto topic = one[0].get<std::string>();
        const auto payload = one[1].get<std::string>();
        Message message;
        message.topic = topic;
        message.payload = payload;
        message.retain = true;
        if (discovery_.is_config(topic)) {
            map(message, false, ignored);
        }
    }
    const Json units = state.value("units", Json::object());
    for (const auto& [key, unit] : units.items()) {
        if (unit.is_string()) {
            state_.units.learn(key, unit.get<std::string>());
        }
    }
    for (const Json& one : state.value("counters", Json::array())) {
        if (one.is_array() && one.size() == 3 && one[0].is_string() && one[1].is_number() &&
            one[2].is_number()) {
            state_.counters.restore(
                {one[0].get<std::string>(), one[1].get<double>(), one[2].get<double>()});
        }
    }
    const Json made = state.value("rule_series", Json::object());
    for (const auto& [name, count] : made.items()) {
        if (count.is_number_unsigned()) {
            series_before_[name] = count.get<uint64_t>();
        }
    }
    ++state_.generation;
    const Json sections = state.value("sparkplug", Json::array());
    for (size_t i = 0; i < sections.size() && i < sparkplug_.size(); ++i) {
        std::string bytes;
        if (!sections[i].is_string() || !from_hex(sections[i].get<std::string>(), bytes)) {
            return fail(ErrorCode::Corruption,
                        "the saved Sparkplug state is damaged; nodes are asked to be born again");
        }
        TRY(sparkplug_[i]->restore(bytes).with_context("saved Sparkplug state"));
    }
    return {};
}

}  // namespace cistern::collector
