// SPDX-License-Identifier: MIT
#include "collector/decode/sparkplug_payload.h"

#include <protozero/pbf_writer.hpp>

namespace cistern::collector {
namespace {

using Writer = protozero::pbf_writer;

void write_value(Writer& writer, const SparkplugOutMetric& metric) {
    // The oneof's member follows the datatype: int_value up to 32 bits, long_value above.
    const bool narrow = metric.type >= SparkplugType::Int8 &&
                        metric.type <= SparkplugType::UInt32 && metric.type != SparkplugType::Int64;
    const auto write_integer = [&](uint64_t bits) {
        if (narrow) {
            writer.add_uint32(10, static_cast<uint32_t>(bits));
        } else {
            writer.add_uint64(11, bits);
        }
    };
    if (const auto* integer = std::get_if<int64_t>(&metric.value)) {
        write_integer(static_cast<uint64_t>(*integer));
    } else if (const auto* natural = std::get_if<uint64_t>(&metric.value)) {
        write_integer(*natural);
    } else if (const auto* number = std::get_if<double>(&metric.value)) {
        if (metric.type == SparkplugType::Float) {
            writer.add_float(12, static_cast<float>(*number));
        } else {
            writer.add_double(13, *number);
        }
    } else if (const auto* flag = std::get_if<bool>(&metric.value)) {
        writer.add_bool(14, *flag);
    } else {
        writer.add_string(15, std::get<std::string>(metric.value));
    }
}

void write_unit(Writer& writer, const std::string& unit) {
    Writer properties(writer, 9);
    properties.add_string(1, "engUnit");
    Writer value(properties, 2);
    value.add_uint32(1, static_cast<uint32_t>(SparkplugType::String));
    value.add_string(8, unit);
}

void write_metric(Writer& payload, const SparkplugOutMetric& metric) {
    Writer writer(payload, 2);
    if (!metric.name.empty()) {
        writer.add_string(1, metric.name);
    }
    if (metric.alias) {
        writer.add_uint64(2, *metric.alias);
    }
    writer.add_uint64(3, metric.timestamp_ms);
    if (metric.type != SparkplugType::Unknown) {
        writer.add_uint32(4, static_cast<uint32_t>(metric.type));
    }
    if (metric.is_historical) {
        writer.add_bool(5, true);
    }
    if (metric.is_null) {
        writer.add_bool(7, true);
    }
    if (!metric.unit.empty()) {
        write_unit(writer, metric.unit);
    }
    if (!metric.is_null) {
        write_value(writer, metric);
    }
}

}  // namespace

std::string encode_sparkplug(uint64_t timestamp_ms,
                             std::optional<uint64_t> seq,
                             const std::vector<SparkplugOutMetric>& metrics) {
    std::string bytes;
    Writer writer(bytes);
    writer.add_uint64(1, timestamp_ms);
    for (const SparkplugOutMetric& metric : metrics) {
        write_metric(writer, metric);
    }
    if (seq) {
        writer.add_uint64(3, *seq);
    }
    return bytes;
}

std::string encode_rebirth_command(uint64_t timestamp_ms) {
    SparkplugOutMetric rebirth;
    rebirth.name = "Node Control/Rebirth";
    rebirth.timestamp_ms = timestamp_ms;
    rebirth.type = SparkplugType::Boolean;
    rebirth.value = true;
    return encode_sparkplug(timestamp_ms, std::nullopt, {rebirth});
}

}  // namespace cistern::collector
