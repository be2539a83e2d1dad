// SPDX-License-Identifier: MIT
#include "collector/ingest/counters.h"

#include <algorithm>

namespace cistern::collector {

IngestCounters::IngestCounters(MetricsRegistry& registry, const std::string& broker)
    : registry_(registry),
      received_total_(registry.counter("cistern_messages_received_total",
                                       "MQTT messages, counted once they are in the log",
                                       {{"broker", broker}})),
      redelivered_total_(registry.counter("cistern_messages_redelivered_total",
                                          "MQTT messages that came again and were not stored again",
                                          {{"broker", broker}})) {}

void IngestCounters::add_dropped(std::string_view reason, uint64_t count) {
    auto found = std::find_if(
        dropped_.begin(), dropped_.end(), [&](const Drop& d) { return d.reason == reason; });
    if (found == dropped_.end()) {
        Counter& total = registry_.counter("cistern_samples_dropped_total",
                                           "Messages and fields that were not stored, by reason",
                                           {{"reason", std::string(reason)}});
        found = dropped_.insert(dropped_.end(), {std::string(reason), 0, &total});
    }
    found->count += count;
    found->total->add(count);
}

RuleCounts* IngestCounters::rule(std::string_view rule) {
    for (const auto& counts : rules_) {
        if (counts->rule == rule) {
            return counts.get();
        }
    }
    rules_.push_back(std::make_unique<RuleCounts>());
    rules_.back()->rule = std::string(rule);
    return rules_.back().get();
}

std::vector<RuleCounts> IngestCounters::rules() const {
    std::vector<RuleCounts> copy;
    for (const auto& counts : rules_) {
        copy.push_back(*counts);
    }
    return copy;
}

std::vector<std::pair<std::string, uint64_t>> IngestCounters::dropped() const {
    std::vector<std::pair<std::string, uint64_t>> copy;
    for (const Drop& drop : dropped_) {
        copy.emplace_back(drop.reason, drop.count);
    }
    return copy;
}

}  // namespace cistern::collector
