// SPDX-License-Identifier: MIT
#include "collector/mapping/presets.h"

#include "collector/mapping/preset_builder.h"

namespace cistern::collector {

RuleOptions generic_rule() {
    RuleOptions rule;
    rule.name = "generic";
    rule.topics = {"#"};
    return rule;
}

const std::vector<Preset>& all_presets() {
    static const std::vector<Preset> kPresets = [] {
        std::vector<Preset> all;
        for (auto* const family : {home_presets,
                                   shelly_presets,
                                   hub_presets,
                                   radio_presets,
                                   energy_presets,
                                   host_presets,
                                   industry_presets,
                                   shelly_gen2_presets,
                                   esphome_presets}) {
            for (Preset& preset : family()) {
                all.push_back(std::move(preset));
            }
        }
        return all;
    }();
    return kPresets;
}

}  // namespace cistern::collector
