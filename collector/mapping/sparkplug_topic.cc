// SPDX-License-Identifier: MIT
#include "collector/mapping/sparkplug_topic.h"

#include <array>
#include <utility>

namespace cistern::collector {
namespace {

constexpr std::string_view kNamespace = "spBv1.0";

constexpr std::array<std::pair<std::string_view, SparkplugKind>, 8> kTypes = {
    {{"NBIRTH", SparkplugKind::NodeBirth},
     {"NDEATH", SparkplugKind::NodeDeath},
     {"NDATA", SparkplugKind::NodeData},
     {"NCMD", SparkplugKind::NodeCommand},
     {"DBIRTH", SparkplugKind::DeviceBirth},
     {"DDEATH", SparkplugKind::DeviceDeath},
     {"DDATA", SparkplugKind::DeviceData},
     {"DCMD", SparkplugKind::DeviceCommand}}};

// The part before the next slash, taken off together with it.
std::string_view take_level(std::string_view& rest) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view level = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    return level;
}

std::optional<SparkplugTopic> state_of(std::string_view host) {
    if (host.empty() || host.find('/') != std::string_view::npos) {
        return std::nullopt;
    }
    SparkplugTopic topic;
    topic.host = host;
    return topic;
}

}  // namespace

std::optional<SparkplugTopic> parse_sparkplug_topic(std::string_view text) {
    std::string_view rest = text;
    const std::string_view first = take_level(rest);
    if (first == "STATE") {
        return state_of(rest);
    }
    if (first != kNamespace) {
        return std::nullopt;
    }
    SparkplugTopic topic;
    topic.group = take_level(rest);
    if (topic.group == "STATE") {
        return state_of(rest);
    }
    const std::string_view type = take_level(rest);
    topic.node = take_level(rest);
    topic.device = rest;
    for (const auto& [name, kind] : kTypes) {
        const bool of_device = name[0] == 'D';
        if (name == type && !topic.group.empty() && !topic.node.empty() &&
            of_device != topic.device.empty() && topic.device.find('/') == std::string_view::npos) {
            topic.kind = kind;
            return topic;
        }
    }
    return std::nullopt;
}

std::string rebirth_topic(std::string_view group, std::string_view node) {
    std::string topic(kNamespace);
    for (const std::string_view level : {group, std::string_view("NCMD"), node}) {
        topic += '/';
        topic += level;
    }
    return topic;
}

}  // namespace cistern::collector
