// SPDX-License-Identifier: MIT
#include "collector/mapping/discovery_config.h"

#include <algorithm>
#include <utility>

namespace cistern::collector {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// The part of abbreviations.py that concerns values; sorted.
constexpr Pair kNames[] = {
    {"act_stat_t", "activity_state_topic"},
    {"act_t", "action_topic"},
    {"act_tpl", "action_template"},
    {"act_val_tpl", "activity_value_template"},
    {"aux_stat_t", "aux_state_topic"},
    {"aux_stat_tpl", "aux_state_template"},
    {"avty", "availability"},
    {"avty_mode", "availability_mode"},
    {"avty_t", "availability_topic"},
    {"avty_tpl", "availability_template"},
    {"b_tpl", "blue_template"},
    {"bri_scl", "brightness_scale"},
    {"bri_stat_t", "brightness_state_topic"},
    {"bri_tpl", "brightness_template"},
    {"bri_val_tpl", "brightness_value_template"},
    {"clr_temp_k", "color_temp_kelvin"},
    {"clr_temp_stat_t", "color_temp_state_topic"},
    {"clr_temp_tpl", "color_temp_template"},
    {"clr_temp_val_tpl", "color_temp_value_template"},
    {"clrm_stat_t", "color_mode_state_topic"},
    {"clrm_val_tpl", "color_mode_value_template"},
    {"cmps", "components"},
    {"curr_hum_t", "current_humidity_topic"},
    {"curr_hum_tpl", "current_humidity_template"},
    {"curr_temp_t", "current_temperature_topic"},
    {"curr_temp_tpl", "current_temperature_template"},
    {"def_ent_id", "default_entity_id"},
    {"dev", "device"},
    {"dev_cla", "device_class"},
    {"dir_stat_t", "direction_state_topic"},
    {"dir_val_tpl", "direction_value_template"},
    {"e", "encoding"},
    {"en", "enabled_by_default"},
    {"ent_cat", "entity_category"},
    {"exp_aft", "expire_after"},
    {"fan_mode_stat_t", "fan_mode_state_topic"},
    {"fan_mode_stat_tpl", "fan_mode_state_template"},
    {"frc_upd", "force_update"},
    {"fx_stat_t", "effect_state_topic"},
    {"fx_tpl", "effect_template"},
    {"fx_val_tpl", "effect_value_template"},
    {"g_tpl", "green_template"},
    {"hs_stat_t", "hs_state_topic"},
    {"hs_val_tpl", "hs_value_template"},
    {"hum_stat_t", "target_humidity_state_topic"},
    {"hum_stat_tpl", "target_humidity_state_template"},
    {"hum_state_tpl", "target_humidity_state_template"},
    {"json_attr", "json_attributes"},
    {"json_attr_t", "json_attributes_topic"},
    {"json_attr_tpl", "json_attributes_template"},
    {"lrst_t", "last_reset_topic"},
    {"lrst_val_tpl", "last_reset_value_template"},
    {"mode_stat_t", "mode_state_topic"},
    {"mode_stat_tpl", "mode_state_template"},
    {"o", "origin"},
    {"obj_id", "object_id"},
    {"ops", "options"},
    {"osc_stat_t", "oscillation_state_topic"},
    {"osc_val_tpl", "oscillation_value_template"},
    {"p", "platform"},
    {"pct_stat_t", "percentage_state_topic"},
    {"pct_val_tpl", "percentage_value_template"},
    {"pl_avail", "payload_available"},
    {"pl_home", "payload_home"},
    {"pl_not_avail", "payload_not_available"},
    {"pl_not_home", "payload_not_home"},
    {"pl_off", "payload_off"},
    {"pl_on", "payload_on"},
    {"pl_osc_off", "payload_oscillation_off"},
    {"pl_osc_on", "payload_oscillation_on"},
    {"pos", "reports_position"},
    {"pos_clsd", "position_closed"},
    {"pos_open", "position_open"},
    {"pos_t", "position_topic"},
    {"pos_tpl", "position_template"},
    {"pow_stat_t", "power_state_topic"},
    {"pow_stat_tpl", "power_state_template"},
    {"pr_mode_stat_t", "preset_mode_state_topic"},
    {"pr_mode_val_tpl", "preset_mode_value_template"},
    {"r_tpl", "red_template"},
    {"rgb_stat_t", "rgb_state_topic"},
    {"rgb_val_tpl", "rgb_value_template"},
    {"spd_rng_max", "speed_range_max"},
    {"spd_rng_min", "speed_range_min"},
    {"stat_cla", "state_class"},
    {"stat_closing", "state_closing"},
    {"stat_clsd", "state_closed"},
    {"stat_locked", "state_locked"},
    {"stat_off", "state_off"},
    {"stat_on", "state_on"},
    {"stat_open", "state_open"},
    {"stat_opening", "state_opening"},
    {"stat_stopped", "state_stopped"},
    {"stat_t", "state_topic"},
    {"stat_tpl", "state_template"},
    {"stat_unlocked", "state_unlocked"},
    {"stat_val_tpl", "state_value_template"},
    {"sug_dsp_prc", "suggested_display_precision"},
    {"swing_mode_stat_t", "swing_mode_state_topic"},
    {"swing_mode_stat_tpl", "swing_mode_state_template"},
    {"t", "topic"},
    {"temp_hi_stat_t", "temperature_high_state_topic"},
    {"temp_hi_stat_tpl", "temperature_high_state_template"},
    {"temp_lo_stat_t", "temperature_low_state_topic"},
    {"temp_lo_stat_tpl", "temperature_low_state_template"},
    {"temp_stat_t", "temperature_state_topic"},
    {"temp_stat_tpl", "temperature_state_template"},
    {"temp_unit", "temperature_unit"},
    {"tilt_status_t", "tilt_status_topic"},
    {"tilt_status_tpl", "tilt_status_template"},
    {"uniq_id", "unique_id"},
    {"unit_of_meas", "unit_of_measurement"},
    {"val_tpl", "value_template"},
    {"xy_stat_t", "xy_state_topic"},
    {"xy_val_tpl", "xy_value_template"},
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
