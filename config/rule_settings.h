// SPDX-License-Identifier: MIT
// [[rule]], [[ignore]], [[sparkplug]], [ha_discovery], [[test]] and [defaults] of engine.toml: the
// rule language of docs/rules.md as the mapper's options.
#pragma once

#include "collector/mapping/options.h"
#include "config/table_reader.h"

namespace cistern::config {

void read_mapping_settings(TableReader& root, collector::MappingOptions& options);

// The mapper's keys of [defaults]; the table has keys for others too, so it is not finished here.
void read_mapping_defaults(TableReader& table, collector::MappingDefaults& defaults);

// One [[rule]]; also used for a rule that stands alone in a document.
collector::RuleOptions read_rule(TableReader table);

}  // namespace cistern::config
