// SPDX-License-Identifier: MIT
// Rules as the TOML that a user would write: presets to read and copy, suggestions for topics that
// nothing matches.
#pragma once

#include "collector/mapping/options.h"

#include <string>
#include <string_view>

namespace cistern::collector {

// As a TOML basic string.
std::string toml_quoted(std::string_view text);

// One [[rule]] table. What only presets use is a comment.
std::string rule_to_toml(const RuleOptions& rule);
// All rules of a preset family; empty when there is none of that name.
std::string preset_to_toml(std::string_view family);

// A [[rule]] for a topic and its payload: levels that look like names of places or devices become
// captures and labels; numbers and words of the payload become values; with a [[test]] that holds
// it.
std::string suggest_rule(std::string_view topic, std::string_view payload);

}  // namespace cistern::collector
