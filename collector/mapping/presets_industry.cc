// SPDX-License-Identifier: MIT
// Unified namespaces, Kepware, cameras, brokers' own topics, cloud shadows, meters read by camera.
#include "collector/mapping/preset_builder.h"

namespace cistern::collector {
namespace {

Preset uns() {
    const std::string family = "uns";
    Preset preset{family, {}, {}};
    const RuleBuilder::Texts levels = {"enterprise", "site", "area", "line", "workcell", "origin"};
    std::string topic = "umh/v1";
    for (size_t depth = 0; depth < levels.size(); ++depth) {
        topic += "/{" + levels[depth] + "}";
        const RuleBuilder::Texts labels(levels.begin(),
                                        levels.begin() + static_cast<long>(depth) + 1);
        preset.rules.push_back(RuleBuilder(family, {topic + "/_historian/{tag...}"})
                                   .metric("{tag}_{field}")
                                   .capture_labels(labels));
        preset.rules.push_back(RuleBuilder(family, {topic + "/_historian"}).capture_labels(labels));
    }
    return preset;
}

Preset kepware() {
    const std::string family = "kepware";
    Preset preset{family, {}, {}};
    const auto rule = [&](const std::string& when, const RuleBuilder::Pairs& more) {
        RuleBuilder::Pairs labels = {{"id", "$.id"}};
        labels.insert(labels.end(), more.begin(), more.end());
        return RuleBuilder(family, {"#"})
            .match(
                "$.values[0].q is defined and $.values[0].id is defined and $.values[0].v is "
                "defined")
            .each("$.values[*]")
            .value("$.v")
            .metric("{$.id}")
            .labels(labels)
            .time("$.t|$$.timestamp", "unix_ms")
            .when(when);
    };
    preset.rules.push_back(rule("$.q != false and $.q != 0", {}).go_on());
    preset.rules.push_back(rule("$.q == false or $.q == 0", {{"quality", "bad"}}));
    return preset;
}

Preset onvif() {
    const std::string family = "onvif";
    Preset preset{family, {}, {}};
    preset.rules.push_back(RuleBuilder(family, {"{_}/{camera}/onvif-ej/{_...}"})
                               .match("$.Data is mapping")
                               .root("$.Data")
                               .labels({{"camera", "{camera}"}, {"rule", "$$.Source.Rule"}})
                               .time("$$.UtcTime"));
    return preset;
}

Preset sys() {
    const std::string family = "sys";
    Preset preset{family, {{{"cistern/doctor/#"}}}, {}};  // what `cistern doctor --probe` sends
    preset.rules.push_back(RuleBuilder(family, {"$SYS/broker/{path...}"})
                               .metric("sys_{path}")
                               .stale_after(24 * kHour)  // most are told only when they change
                               .text({"version", "timestamp"}));
    preset.rules.push_back(RuleBuilder(family, {"$SYS/brokers/{node}/{path...}"})
                               .metric("sys_{path}")
                               .stale_after(24 * kHour)  // most are told only when they change
                               .capture_labels({"node"})
                               .text({"version", "sysdescr", "datetime"}));
    return preset;
}

Preset aws_shadow() {
    const std::string family = "aws_shadow";
    Preset preset{
        family, {{{"$aws/{_...}/delta", "$aws/{_...}/get", "$aws/{_...}/documents"}}}, {}};
    preset.rules.push_back(RuleBuilder(family, {"$aws/things/{thing}/shadow/{_...}"})
                               .match("$.state.reported is mapping")
                               .root("$.state.reported")
                               .capture_labels({"thing"})
                               .time("$$.timestamp"));
    preset.rules.push_back(RuleBuilder(family, {"$aws/#"}).drop());
    return preset;
}

// AI-on-the-edge-device reads meters by camera; all its numbers are strings.
Preset ai_on_the_edge() {
    const std::string family = "ai_on_the_edge";
    Preset preset{family, {}, {}};
    preset.rules.push_back(
        RuleBuilder(family, {"{_...}/json"})
            .match("$.raw is defined and $.error is defined and $.value is defined")
            .exclude({"raw", "error"})
            .unit({{"value", "m³"}, {"pre", "m³"}, {"rate", "m³/min"}}));
    return preset;
}

Preset measuring() {
    const std::string family = "measuring";
    Preset preset{family, {}, {}};
    preset.rules.push_back(RuleBuilder(family, {"measuring/{site}/{what}"})
                               .metric("{what}_{field}")
                               .capture_labels({"site"}));
    return preset;
}

}  // namespace

std::vector<Preset> industry_presets() {
    return {uns(), kepware(), onvif(), sys(), aws_shadow(), ai_on_the_edge(), measuring()};
}

}  // namespace cistern::collector
