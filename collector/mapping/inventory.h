// SPDX-License-Identifier: MIT
// Retained inventories that tell the units of other topics' fields: the named hooks of presets.
// Internal.
#pragma once

#include "collector/decode/node.h"
#include "collector/mapping/map_state.h"

#include <string_view>

namespace cistern::collector {

// zigbee2mqtt/bridge/devices: [{friendly_name, definition: {exposes: [{property, unit,
// features}]}}]. Units go under zigbee2mqtt/<device>/<property>. True when anything was news.
bool learn_zigbee_devices(const Node& devices, LearnedUnits& units);
// homie/5/<device>/$description: {nodes: {n: {properties: {p: {unit}}}}}.
// Units go under homie/<device>/<node>/<property>.
bool learn_homie_description(std::string_view device, const Node& description, LearnedUnits& units);

}  // namespace cistern::collector
