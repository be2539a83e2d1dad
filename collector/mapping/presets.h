// SPDX-License-Identifier: MIT
// Rules that ship with the program, one family per function. They are ordinary rules: rule_toml.h
// prints them as a user would write them. A user rule that matches first replaces them.
#pragma once

#include "collector/mapping/options.h"

#include <string>
#include <vector>

namespace cistern::collector {

struct Preset {
    std::string family;
    std::vector<IgnoreOptions> ignores;
    std::vector<RuleOptions> rules;  // named "preset:<family>"
};

// In the order in which they are tried.
const std::vector<Preset>& all_presets();
// The generic mapper as a rule.
RuleOptions generic_rule();

}  // namespace cistern::collector
