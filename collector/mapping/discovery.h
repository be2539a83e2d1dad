// SPDX-License-Identifier: MIT
// Home Assistant discovery at work: which entities read which topic, and what a message tells them.
// Internal to collector/mapping.
#pragma once

#include "collector/mapping/discovery_config.h"
#include "collector/mapping/entity_group.h"
#include "collector/mapping/map_state.h"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cistern::collector {

class Discovery {
  public:
    Discovery(const HaDiscoveryOptions& options, MapState& state, uint16_t rule)
        : options_(options), state_(state), rule_(rule) {}

    [[nodiscard]] bool is_config(std::string_view topic) const {
        return parse_discovery_topic(options_.prefix, topic).has_value();
    }
    // Takes a configuration message; `changed` gets the topics whose entities are others now.
    Status learn(const Message& message, std::vector<std::string>& changed);
    // The entities of a topic; null when there are none.
    [[nodiscard]] const EntityGroup* group(std::string_view topic) const;

    // Gives the samples of a topic's entities. `root` is null when the payload could not be
    // decoded.
    void map(const EntityGroup& group, const Node* root);
    [[nodiscard]] size_t bytes() const;
    // Topic and payload of each configuration that gave entities.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> configurations() const;
    [[nodiscard]] std::vector<TopicFilter> topic_filters() const;

  private:
    struct Configuration {
        std::string payload;
        std::vector<std::unique_ptr<DiscoveredEntity>> entities;
    };
    void forget(Configuration& configuration, std::vector<std::string>& changed);
    void enter(const Configuration& configuration, std::vector<std::string>& changed);
    void map_value(DiscoveredEntity& entity, ExprScope& scope);
    void map_availability(DiscoveredEntity& entity, std::string_view topic, ExprScope& scope);
    void add_availability(DiscoveredEntity& entity, bool online);
    bool number_of(const DiscoveredEntity& entity,
                   const ExprValue& value,
                   double& number,
                   std::string_view& text);
    void add_text(DiscoveredEntity& entity, std::string_view text);
    bool ensure_series(DiscoveredEntity& entity, bool availability);
    [[nodiscard]] bool is_online(const DiscoveredEntity& entity, bool latest) const;

    const HaDiscoveryOptions& options_;
    MapState& state_;
    uint16_t rule_;
    std::unordered_map<std::string, Configuration> configurations_;
    std::unordered_map<std::string, EntityGroup> groups_;
    std::vector<uint32_t> told_;  // slots of `available` this message has given
    std::vector<std::unique_ptr<std::string>>
        texts_;  // what templates made; MappedText points here
};

}  // namespace cistern::collector
