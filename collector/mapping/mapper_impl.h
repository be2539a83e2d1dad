// SPDX-License-Identifier: MIT
// The Mapper: finds or makes the topic's plan, decodes once per decoder, runs the rules. Internal.
#pragma once

#include "collector/mapping/compiled_rule.h"
#include "collector/mapping/discovery.h"
#include "collector/mapping/map_state.h"
#include "collector/mapping/rule_runner.h"
#include "collector/mapping/sparkplug_mapping.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cistern::collector {

// Series that discovery makes are counted under this rule number.
inline constexpr uint16_t kDiscoveryRule = 8191;

class MapperImpl final : public Mapper {
  public:
    explicit MapperImpl(const MappingOptions& options);
    // Every problem of the settings; empty = ready.
    [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

    void map(const Message& message, bool explain, MappedMessage& into) override;
    void tick(int64_t now_ns, MappedMessage& into) override;
    std::optional<MappedWill> will(std::string_view broker, int64_t now_ns) override;
    void set_stored_series(StoredSeries stored) override;
    bool describe(SeriesKey key, MappedSeries& into) const override;
    [[nodiscard]] std::vector<TopicFilter> topic_filters() const override;
    [[nodiscard]] std::vector<std::string> warnings() const override { return warnings_; }
    [[nodiscard]] Usage usage() const override;
    [[nodiscard]] std::string save_state() const override;
    Status restore_state(std::string_view state) override;

  private:
    // One payload, decoded at most once by each decoder.
    struct DecodedPayload {
        std::unique_ptr<Decoder> decoder;
        DecoderSpec spec;
        uint32_t message = 0;
        std::optional<Result<Decoded>> result;
    };

    // mapper_setup.cc
    void add_presets();
    void add_sparkplug();
    void add_rule(const RuleOptions& options);
    size_t decoder_of(const DecoderSpec& spec, const std::string& rule);
    void check_name(const std::string& name);
    void find_ignored();
    void find_shadows();

    // mapper_state.cc
    [[nodiscard]] std::vector<std::string> rule_names() const;

    // mapper.cc
    bool admit();
    TopicPlan& plan_of(std::string_view topic);
    void compile_plan(TopicPlan& plan);
    void learn_discovery();
    void run_entities();
    void take_stale_of_presets();
    void forget_series(TopicPlan& plan);
    bool looks_random(std::string_view topic);
    bool run_sparkplug();
    void run_rules();
    bool run_candidates(bool known_only = false);
    bool run_rule(CompiledRule& rule, const RuleCandidate& candidate);
    size_t decoder_by_content_type(size_t decoder);
    const Result<Decoded>& decoded(size_t decoder);
    void drop_undecodable(const Error& error);
    void finish();

    MappingOptions options_;
    MapState state_;
    std::vector<std::string> problems_;
    std::vector<std::string> warnings_;
    std::vector<TopicPattern> ignores_;
    std::vector<std::unique_ptr<CompiledRule>> rules_;  // user's, presets', generic last
    std::vector<std::unique_ptr<SparkplugMapping>> sparkplug_;
    std::vector<DecodedPayload> decoders_;
    size_t auto_decoder_ = SIZE_MAX;
    NodeArena arena_;
    TopicTable topics_;
    RuleRunner runner_;
    Discovery discovery_;
    MappedMessage scratch_;
    // Of the plan at hand; members to keep their memory.
    std::vector<Capture> captures_;
    std::vector<Capture> all_captures_;
    std::vector<RuleCandidate> candidates_;
    std::unordered_map<std::string, uint32_t> random_places_;
    std::map<std::string, uint64_t> series_before_;  // made by each rule, as restored
};

}  // namespace cistern::collector
