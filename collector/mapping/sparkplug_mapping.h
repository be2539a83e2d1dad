// SPDX-License-Identifier: MIT
// From a Sparkplug session's metrics to series: names, labels, units. Internal.
#pragma once

#include "collector/mapping/map_state.h"
#include "collector/mapping/sparkplug_session.h"
#include "collector/mapping/template_text.h"

#include <memory>
#include <string>
#include <vector>

namespace cistern::collector {

// One [[sparkplug]] section.
class SparkplugMapping {
  public:
    // Appends what is wrong to `problems`. `rule` is the number its series are counted under.
    SparkplugMapping(const SparkplugOptions& options,
                     MapState& state,
                     uint16_t rule,
                     std::vector<std::string>& problems);

    // True when the section is for this broker and group.
    [[nodiscard]] bool takes(const Message& message, const SparkplugTopic& topic) const;
    void map(const Message& message, const SparkplugTopic& topic);
    std::optional<MappedWill> will(std::string_view broker, int64_t now_ns);
    void tick(int64_t now_ns);
    [[nodiscard]] std::vector<TopicFilter> topic_filters() const;
    [[nodiscard]] size_t bytes() const;
    [[nodiscard]] std::string save() const { return session_->save(); }
    Status restore(std::string_view state);

  private:
    struct CompiledLabel {
        std::string name;
        TemplateText value;
    };
    // The series of a definition, or kNoSlot when it may have none.
    uint32_t slot_of(uint32_t definition);
    uint32_t make_series(const SparkplugDefinition& definition);
    void take_outcome();

    SparkplugOptions options_;
    MapState& state_;
    uint16_t rule_;
    TemplateText db_;
    std::vector<CompiledLabel> labels_;
    std::unique_ptr<SparkplugSession> session_;
    SparkplugOutcome outcome_;
    std::vector<uint32_t> slots_;  // by definition
};

}  // namespace cistern::collector
