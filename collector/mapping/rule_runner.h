// SPDX-License-Identifier: MIT
// Runs one compiled rule on one decoded payload. The first message of a topic names its fields and
// makes their series; later ones find both by a hash of where the field stands. Internal.
#pragma once

#include "collector/mapping/compiled_rule.h"
#include "collector/mapping/map_state.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

class RuleRunner {
  public:
    explicit RuleRunner(MapState& state) : state_(state) {}

    // False when `match` says that the rule does not apply.
    bool run(CompiledRule& rule, const RuleCandidate& candidate, const Node& root);
    // A template of the rule, filled from the topic alone.
    bool fill(const TemplateText& text, bool snaked, std::string& out);

  private:
    // One step from the rule's root to a field: part of its name, or a label.
    struct Step {
        std::string_view label;  // empty = a part of the name
        std::string_view text;
        uint32_t index = 0;    // an array's index, when text is empty
        bool element = false;  // stands for an element of an array
    };
    struct Moment {
        int64_t ns = 0;
        bool from_payload = false;
        bool drop = false;  // too old, and the rule drops such
    };
    // What a field's surroundings say about it.
    struct Hints {
        std::string_view unit;
        bool bad_quality = false;
        bool text = false;  // the format says so, whatever it looks like
        const CompiledValue* value = nullptr;
    };

    // rule_runner.cc: the rule as a whole
    void begin(CompiledRule& rule, const RuleCandidate& candidate, const Node& root);
    void run_element(const Node& element);
    void run_values(const Node& element);
    void take_time(const Node& element);
    Moment moment_of(const Node& time) const;
    Moment moment_at(int64_t ns, std::string_view field) const;
    void enter_scope();
    bool condition_holds(const Expression& condition);
    bool learn(const Node& root);

    // flatten.cc: from containers to fields
    void flatten(const Node& node, size_t object_level);
    void flatten_object(const Node& node, size_t object_level);
    void flatten_member(const Node& child, size_t object_level);
    bool flatten_patterned(const Node& child, size_t object_level);
    void flatten_array(const Node& node, size_t object_level);
    bool flatten_envelope(const Node& node);
    void flatten_record(const Node& record);
    void push(const Step& step);
    void pop();
    void with_step(const Step& step, const Node& child, size_t object_level);

    // field_emitter.cc: from a field to a sample
    void emit(const Node& leaf, const Hints& hints);
    enum class Outcome : uint8_t {
        Number,
        Text,
        Absent,
        NotFinite,
        Unmapped,
        Sentinel,
        Unsupported
    };
    struct Converted {
        Outcome outcome = Outcome::Number;
        double value = 0;
        std::string_view unit;
        std::string_view text;
    };
    Converted convert(const Node& leaf, const FieldPlan& plan);
    Converted convert_text(std::string_view text, const FieldPlan& plan);
    void finish_number(Converted& converted, const FieldPlan& plan) const;
    void emit_text(FieldMemo& memo, std::string_view text, const Hints& hints);
    void emit_state(std::string_view text, const Hints& hints);
    void emit_absent(FieldMemo& memo, const Hints& hints, std::string_view text);
    void emit_number(FieldMemo& memo, const Converted& read, const Hints& hints);
    void end_series(FieldMemo& memo, const Hints& hints);
    [[nodiscard]] bool is_last_will(const Node& leaf) const;
    void go_stale(const FieldMemo& memo);
    // True when the series already has a sample of this message: dealt with.
    bool handle_repeat(FieldMemo& memo, double value, const Hints& hints);
    FieldMemo& memo_of(uint64_t field, const Hints& hints);
    void set_in_band_unit(const FieldMemo& memo, std::string_view unit);
    void drop_field(std::string_view reason);
    [[nodiscard]] uint64_t field_hash(const Hints& hints) const;

    // series_maker.cc: names and labels of a new field
    FieldNames raw_names(const Hints& hints) const;
    FieldNames field_names(const Hints& hints) const;  // after rename
    std::string unit_of(const FieldPlan& plan) const;
    // What a series is for. One that has samples counts for good, one of texts as long as its topic
    // is known.
    enum class Holds : uint8_t { Samples, Texts };
    bool ensure_series(FieldMemo& memo, const Hints& hints, Holds what);
    bool is_within_limit(FieldMemo& memo, Holds what, bool is_new);
    bool make_labels(const FieldMemo& memo,
                     const Hints& hints,
                     std::string& db,
                     store::Labels& labels);
    std::string metric_name(const Hints& hints, bool& lost) const;
    void add_unit_suffix(const FieldPlan& plan, std::string& name) const;
    void add_generic_path(std::vector<store::Label>& labels, bool has_field) const;
    [[nodiscard]] bool is_covered() const;
    [[nodiscard]] TemplateInput input() const;
    [[nodiscard]] std::string path_text() const;

    MapState& state_;
    CompiledRule* rule_ = nullptr;
    const RuleCandidate* candidate_ = nullptr;
    NodeScope nodes_;
    std::vector<Step> steps_;
    std::vector<uint64_t> hashes_;  // of the path, at each step
    uint64_t scope_hash_ = 0;       // rule and labels that the payload gives
    Moment moment_;
    std::vector<const Node*> time_nodes_;   // what `timestamp` names: no values
    const CompiledValue* value_ = nullptr;  // of [[rule.value]], while it is at hand
    std::string_view key_;
    std::string scratch_;
    std::deque<std::string> numbers_;  // labels made of numbers; steps_ point here
    std::string state_word_;           // the value of `state` while a state series is made
};

}  // namespace cistern::collector
