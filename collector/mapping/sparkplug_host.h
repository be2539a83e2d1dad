// SPDX-License-Identifier: MIT
// SparkplugSession's implementation; sparkplug_host.cc follows the life of nodes,
// sparkplug_metrics.cc turns metrics into samples, sparkplug_state.cc survives restarts.
#pragma once

#include "collector/decode/decoder.h"
#include "collector/decode/sparkplug_payload.h"
#include "collector/mapping/sparkplug_node.h"
#include "collector/mapping/sparkplug_session.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cistern {
class ByteReader;
}

namespace cistern::collector {

class SparkplugHost final : public SparkplugSession {
  public:
    SparkplugHost(SparkplugOptions options, const Limits& limits);

    void handle(const Message& message,
                const SparkplugTopic& topic,
                SparkplugOutcome& into) override;
    std::optional<MappedWill> will(int64_t now_ns) override;
    void tick(int64_t now_ns, SparkplugOutcome& into) override;
    void disconnected(std::string_view broker, int64_t now_ns, SparkplugOutcome& into) override;
    [[nodiscard]] const SparkplugDefinition& definition(uint32_t number) const override {
        return definitions_[number];
    }
    [[nodiscard]] size_t definition_count() const override { return definitions_.size(); }
    [[nodiscard]] size_t memory_bytes() const override;
    [[nodiscard]] std::string save() const override;
    Status restore(std::string_view state) override;

  private:
    // One message on its way through.
    struct Step {
        const Message& message;
        const SparkplugTopic& topic;
        SparkplugOutcome& out;
        SparkplugNode* node = nullptr;
        SparkplugDevice* device = nullptr;
        bool is_birth = false;
        bool is_held = false;  // came before its birth
    };

    void handle_state(Step& step);
    void handle_node_birth(Step& step);
    void handle_device_birth(Step& step);
    void handle_data(Step& step);
    void handle_node_death(Step& step);
    void handle_device_death(Step& step);
    [[nodiscard]] bool parse(Step& step);
    void take_sequence(Step& step);
    void ask_for_rebirth(SparkplugNode& node, int64_t now_ns, SparkplugOutcome& out);

    // sparkplug_held.cc: data that came before their birth, and the state of us as a host
    void hold(Step& step);
    void replay_held(Step& step);
    void forget_held(SparkplugNode& node);
    void publish_state(int64_t now_ns, SparkplugOutcome& out);

    SparkplugNode* find_node(std::string_view broker,
                             std::string_view group,
                             std::string_view name);
    SparkplugNode* make_node(Step& step);
    SparkplugDevice* make_device(Step& step);

    // sparkplug_metrics.cc
    void take_birth(Step& step);
    void emit_born(Step& step);
    void take_birth_metric(Step& step, const SparkplugMetric& metric);
    void take_data_metric(Step& step, const SparkplugMetric& metric);
    void take_members(Step& step,
                      const std::string& name,
                      const SparkplugMetric& metric,
                      size_t depth);
    void take_value(Step& step,
                    const std::string& name,
                    SparkplugNodeMetric& known,
                    const SparkplugMetric& metric);
    void emit_value(Step& step,
                    const std::string& name,
                    SparkplugNodeMetric& known,
                    const SparkplugMetric& metric);
    void emit_array(Step& step,
                    const std::string& name,
                    SparkplugNodeMetric& known,
                    SparkplugSample sample);
    void emit_dataset(Step& step, const std::string& name, const SparkplugMetric& metric);
    void emit_cell(Step& step, SparkplugDefinition cell, const SparkplugMetric& metric);
    void emit_stale(const SparkplugNodeMetric& metric,
                    int64_t timestamp_ns,
                    SparkplugOutcome& out) const;
    void emit_stale(const SparkplugDevice& device,
                    int64_t timestamp_ns,
                    SparkplugOutcome& out) const;
    void emit_online(
        Step& step, SparkplugDevice& device, bool online, int64_t timestamp_ns, bool from_payload);
    [[nodiscard]] SparkplugSample sample_of(const Step& step, const SparkplugMetric& metric) const;
    SparkplugNodeMetric* know(Step& step, const std::string& name);
    uint32_t define(Step& step, std::string_view name, int32_t index);
    uint32_t define(SparkplugDefinition definition);
    void drop(Step& step, std::string_view reason, std::string field = {}) const;

    // sparkplug_state.cc
    bool restore_node(ByteReader& reader);
    bool restore_device(ByteReader& reader, const SparkplugNode& node, SparkplugDevice& device);

    SparkplugOptions options_;
    Limits limits_;
    std::unique_ptr<Decoder> json_;
    NodeArena arena_;
    SparkplugPayload payload_;
    SparkplugValue value_;
    std::deque<SparkplugDefinition> definitions_;
    std::map<std::string, SparkplugNode, std::less<>> nodes_;  // broker, group, name
    std::map<std::string, uint32_t, std::less<>> hosts_;       // -> definition of host_online
    size_t metrics_ = 0;                                       // of all devices
    // Of all nodes together, so that a restart does not end in a storm.
    double rebirth_tokens_;
    size_t held_bytes_ = 0;             // of all nodes
    std::deque<std::string> replayed_;  // texts of the last outcome point here
    int64_t state_ms_ = 0;              // the time that our STATE messages tell; 0 = none yet
    bool state_told_ = false;
    int64_t tokens_at_ns_ = 0;
};

}  // namespace cistern::collector
