// SPDX-License-Identifier: MIT
#include "collector/mapping/discovery_config.h"

#include <algorithm>
#include <utility>

namespace cistern::collector {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// The part of abbreviations.py that concerns values; sorted.
constexpr Pair kNames[] = {
    {"act_t", "action_topic"},
    {"act_tpl", "action_template"},
    {"avty", "availability"},
    {"avty_mode", "availability_mode"},
    {"avty_t", "availability_topic"},
    {"avty_tpl", "availability_template"},
    {"bri_scl", "brightness_scale"},
    {"bri_stat_t", "brightness_state_topic"},
    {"bri_val_tpl", "brightness_value_template"},
    {"cmps", "components"},
    {"curr_hum_t", "current_humidity_topic"},
    {"curr_hum_tpl", "current_humidity_template"},
    {"curr_temp_t", "current_temperature_topic"},
    {"curr_temp_tpl", "current_temperature_template"},
    {"def_ent_id", "default_entity_id"},
    {"dev", "device"},
    {"dev_cla", "device_class"},
    {"e", "encoding"},
    {"en", "enabled_by_default"},
    {"ent_cat", "entity_category"},
    {"exp_aft", "expire_after"},
    {"frc_upd", "force_update"},
    {"hum_stat_t", "target_humidity_state_topic"},
    {"hum_state_tpl", "target_humidity_state_template"},
    {"json_attr_t", "json_attributes_topic"},
    {"json_attr_tpl", "json_attributes_template"},
    {"lrst_t", "last_reset_topic"},
    {"lrst_val_tpl", "last_reset_value_template"},
    {"mode_stat_t", "mode_state_topic"},
    {"mode_stat_tpl", "mode_state_template"},
    {"o", "origin"},
    {"obj_id", "object_id"},
    {"ops", "options"},
    {"p", "platform"},
    {"pct_stat_t", "percentage_state_topic"},
    {"pct_val_tpl", "percentage_value_template"},
    {"pl_avail", "payload_available"},
    {"pl_not_avail", "payload_not_available"},
    {"pl_off", "payload_off"},
    {"pl_on", "payload_on"},
    {"pos_t", "position_topic"},
    {"pos_tpl", "position_template"},
    {"sug_dsp_prc", "suggested_display_precision"},
    {"stat_cla", "state_class"},
    {"stat_locked", "state_locked"},
    {"stat_off", "state_off"},
    {"stat_on", "state_on"},
    {"stat_t", "state_topic"},
    {"stat_tpl", "state_template"},
    {"stat_unlocked", "state_unlocked"},
    {"stat_val_tpl", "state_value_template"},
    {"t", "topic"},
    {"temp_stat_t", "temperature_state_topic"},
    {"temp_stat_tpl", "temperature_state_template"},
    {"temp_unit", "temperature_unit"},
    {"uniq_id", "unique_id"},
    {"unit_of_meas", "unit_of_measurement"},
    {"val_tpl", "value_template"},
};

constexpr Pair kDeviceNames[] = {
    {"cns", "connections"},
    {"cu", "configuration_url"},
    {"hw", "hw_version"},
    {"ids", "identifiers"},
    {"mdl", "model"},
    {"mdl_id", "model_id"},
    {"mf", "manufacturer"},
    {"sa", "suggested_area"},
    {"sn", "serial_number"},
    {"sw", "sw_version"},
};

template <size_t N>
std::string_view expand(const Pair (&table)[N], std::string_view name) {
    for (const auto& [short_name, long_name] : table) {
        if (short_name == name) {
            return long_name;
        }
    }
    return name;
}

}  // namespace

std::string_view expand_abbreviation(std::string_view name) {
    return expand(kNames, name);
}
std::string_view expand_device_abbreviation(std::string_view name) {
    return expand(kDeviceNames, name);
}

}  // namespace cistern::collector
