// SPDX-License-Identifier: MIT
// A rule made ready to run. User rules, presets and the generic mapper are all of these.
#pragma once

#include "collector/decode/decoder.h"
#include "collector/decode/text_scalar.h"
#include "collector/mapping/expression.h"
#include "collector/mapping/field_path.h"
#include "collector/mapping/options.h"
#include "collector/mapping/payload_time.h"
#include "collector/mapping/template_text.h"
#include "collector/mapping/topic_pattern.h"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace cistern::collector {

struct CompiledLabel {
    std::string name;
    TemplateText value;
};

struct CompiledValue {
    ValueOptions options;
    FieldPath path;
    TemplateText metric;
    std::vector<CompiledLabel> labels;
    Expression expr;
};

// What happens to one field of a rule; equal fields share one.
struct FieldPlan {
    bool drop = false;
    bool text = false;
    bool monotonic = false;
    const ValueMap* map = nullptr;
    const std::vector<double>* sentinel = nullptr;
    const OnChangeOptions* on_change = nullptr;
    const CompiledValue* value = nullptr;
    double scale = 1;
    double offset = 0;
    OnUnmapped on_unmapped = OnUnmapped::Scalar;
    std::string unit;
    std::string type;

    bool operator==(const FieldPlan&) const = default;
};

// The names a field is known by when globs are matched: "a.b.c", "c", "a_b_c", and its metric.
struct FieldNames {
    std::string dotted;
    std::string leaf;
    std::string snaked;
    std::string metric;    // as it will be called
    std::string original;  // dotted, before rename
    std::string full;      // dotted, with the keys that became labels
};

class CompiledRule {
  public:
    // Appends every problem found to `problems`.
    static std::unique_ptr<CompiledRule> compile(const RuleOptions& options,
                                                 const MappingDefaults& defaults,
                                                 std::vector<std::string>& problems);

    // The plan of a field; lives as long as the rule.
    const FieldPlan* plan(const FieldNames& names, const CompiledValue* value);
    // The name a rename gives, or empty.
    [[nodiscard]] std::string_view renamed(const FieldNames& names) const;

    RuleOptions options;
    std::string shown_name;  // in MappedMessage::rule
    bool is_preset = false;
    bool is_raw_only = false;  // raw = … and nothing that names a value
    bool is_generic = false;
    std::vector<TopicPattern> patterns;
    size_t decoder = 0;  // index into the mapper's decoders
    Expression match;
    std::string match_key;  // a member without which `match` cannot hold: a cheap first look
    Expression when;
    FieldPath root;
    FieldPath each;
    FieldPath value;
    TemplateText db;
    TemplateText metric;
    TemplateText learn_unit;
    TemplateText unit_key;
    std::vector<CompiledLabel> labels;
    bool labels_dynamic = false;
    std::vector<CompiledValue> values;
    FlattenOptions flatten;
    ScalarSyntax scalar;
    TimeFormat time;
    std::vector<FieldPath> time_fields;  // the first that is there
    FieldPath labels_from;
    struct KeyPattern {
        TopicPattern pattern;
        std::string name;
    };
    std::vector<KeyPattern> key_patterns;
    enum class TimeSource : uint8_t { Auto, Receive, Field } time_source = TimeSource::Auto;
    int64_t max_past_ns = 0;
    int64_t max_future_ns = 0;
    int64_t stale_after_ns = 0;
    size_t series_max = 0;

  private:
    std::deque<FieldPlan> plans_;
};

}  // namespace cistern::collector
