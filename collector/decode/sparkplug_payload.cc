// SPDX-License-Identifier: MIT
#include "collector/decode/sparkplug_payload.h"

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>

namespace cistern::collector {
namespace {

using Reader = protozero::pbf_reader;
using Wire = protozero::pbf_wire_type;

// A field's number and wire type together: a field of another wire type than its number says is
// skipped like an unknown one.
constexpr uint32_t varint(uint32_t tag) {
    return protozero::tag_and_type(tag, Wire::varint);
}
constexpr uint32_t bytes(uint32_t tag) {
    return protozero::tag_and_type(tag, Wire::length_delimited);
}
constexpr uint32_t fixed32(uint32_t tag) {
    return protozero::tag_and_type(tag, Wire::fixed32);
}
constexpr uint32_t fixed64(uint32_t tag) {
    return protozero::tag_and_type(tag, Wire::fixed64);
}

std::string_view view_of(Reader& reader) {
    const auto view = reader.get_view();
    return {view.data(), view.size()};
}

class TooMuch {};  // thrown within this file only, beside protozero's own exceptions

using Member = SparkplugRaw::Member;

// The value oneof of metrics (first = 10), properties and parameters (first = 3), data set cells
// (first = 1): int, long, float, double, boolean, string in a row. True when taken.
bool take_value(Reader& reader, uint32_t first, SparkplugRaw& raw) {
    const uint32_t field = reader.tag_and_type();
    if (field == varint(first) || field == varint(first + 1)) {
        raw.member = field == varint(first) ? Member::Int : Member::Long;
        raw.bits = reader.get_uint64();
    } else if (field == fixed32(first + 2)) {
        raw.member = Member::Float;
        raw.bits = reader.get_fixed32();
    } else if (field == fixed64(first + 3)) {
        raw.member = Member::Double;
        raw.bits = reader.get_fixed64();
    } else if (field == varint(first + 4)) {
        raw.member = Member::Boolean;
        raw.bits = reader.get_uint64() != 0 ? 1 : 0;
    } else if (field == bytes(first + 5)) {
        raw.member = Member::String;
        raw.text = view_of(reader);
    } else {
        return false;
    }
    return true;
}

class PayloadParser {
  public:
    PayloadParser(const SparkplugLimits& limits, SparkplugPayload& into)
        : limits_(limits), into_(into) {}

    void parse(std::string_view payload) {
        Reader reader(payload.data(), payload.size());
        while (reader.next()) {
            switch (reader.tag_and_type()) {
                case varint(1):
                    into_.timestamp_ms = reader.get_uint64();
                    break;
                case bytes(2): {
                    Reader message = reader.get_message();
                    into_.metrics.push_back(parse_metric(message, 0));
                    break;
                }
                case varint(3):
                    into_.seq = reader.get_uint64();
                    break;
                case bytes(4):
                    into_.uuid = view_of(reader);
                    break;
                case bytes(5):
                    into_.body = view_of(reader);
                    break;
                default:
                    reader.skip();
            }
        }
    }

  private:
    void count_value() {
        if (++values_ > limits_.values) {
            throw TooMuch();
        }
    }

    SparkplugMetric parse_metric(Reader& reader, size_t depth) {
        if (++metrics_ > limits_.metrics || depth > limits_.depth) {
            throw TooMuch();
        }
        SparkplugMetric metric;
        while (reader.next()) {
            switch (reader.tag_and_type()) {
                case bytes(1):
                    metric.name = view_of(reader);
                    break;
                case varint(2):
                    metric.alias = reader.get_uint64();
                    break;
                case varint(3):
                    metric.timestamp_ms = reader.get_uint64();
                    break;
                case varint(4):
                    metric.datatype = reader.get_uint32();
                    break;
                case varint(5):
                    // Not get_bool(), which looks at a byte beyond a message that ends here.
                    metric.is_historical = reader.get_uint64() != 0;
                    break;
                case varint(6):
                    metric.is_transient = reader.get_uint64() != 0;
                    break;
                case varint(7):
                    metric.is_null = reader.get_uint64() != 0;
                    break;
                default:
                    parse_metric_part(reader, depth, metric);
            }
        }
        return metric;
    }

    void parse_metric_part(Reader& reader, size_t depth, SparkplugMetric& metric) {
        switch (reader.tag_and_type()) {
            case bytes(8):
                metric.description = parse_description(reader.get_message());
                break;
            case bytes(9):
                metric.properties = parse_properties(reader.get_message());
                break;
            case bytes(16):
                metric.value.member = Member::Bytes;
                metric.value.text = view_of(reader);
                break;
            case bytes(17):
                into_.datasets.push_back(parse_dataset(reader.get_message()));
                metric.dataset = static_cast<int>(into_.datasets.size()) - 1;
                break;
            case bytes(18): {
                // Inner templates come first, so the index is known only afterwards.
                SparkplugTemplate parsed = parse_template(reader.get_message(), depth + 1);
                into_.templates.push_back(std::move(parsed));
                metric.template_ = static_cast<int>(into_.templates.size()) - 1;
                break;
            }
            default:
                if (!take_value(reader, 10, metric.value)) {
                    reader.skip();
                }
        }
    }

    static std::string_view parse_description(Reader reader) {
        std::string_view found;
        while (reader.next()) {
            if (reader.tag_and_type() == bytes(8)) {
                found = view_of(reader);
            } else {
                reader.skip();
            }
        }
        return found;
    }

    std::vector<SparkplugProperty> parse_properties(Reader reader) {
        std::vector<std::string_view> keys;
        std::vector<SparkplugProperty> properties;
        while (reader.next()) {
            if (reader.tag_and_type() == bytes(1)) {
                count_value();
                keys.push_back(view_of(reader));
            } else if (reader.tag_and_type() == bytes(2)) {
                count_value();
                properties.push_back(parse_property(reader.get_message()));
            } else {
                reader.skip();
            }
        }
        properties.resize(std::min(keys.size(), properties.size()));
        for (size_t i = 0; i < properties.size(); ++i) {
            properties[i].key = keys[i];
        }
        return properties;
    }

    static SparkplugProperty parse_property(Reader reader) {
        SparkplugProperty property;
        while (reader.next()) {
            if (reader.tag_and_type() == varint(1)) {
                property.type = reader.get_uint32();
            } else if (reader.tag_and_type() == varint(2)) {
                property.is_null = reader.get_uint64() != 0;
            } else if (!take_value(reader, 3, property.value)) {
                reader.skip();
            }
        }
        return property;
    }

    SparkplugDataSet parse_dataset(Reader reader) {
        SparkplugDataSet set;
        while (reader.next()) {
            switch (reader.tag_and_type()) {
                case bytes(2):
                    count_value();
                    set.columns.push_back(view_of(reader));
                    break;
                case varint(3):
                    count_value();
                    set.types.push_back(reader.get_uint32());
                    break;
                case bytes(3):  // packed, as proto3 writers do
                    for (const uint32_t type : reader.get_packed_uint32()) {
                        count_value();
                        set.types.push_back(type);
                    }
                    break;
                case bytes(4):
                    set.rows.push_back(parse_row(reader.get_message()));
                    break;
                default:
                    reader.skip();
            }
        }
        return set;
    }

    std::vector<SparkplugRaw> parse_row(Reader reader) {
        std::vector<SparkplugRaw> row;
        count_value();
        while (reader.next()) {
            if (reader.tag_and_type() != bytes(1)) {
                reader.skip();
                continue;
            }
            count_value();
            Reader cell = reader.get_message();
            SparkplugRaw raw;
            while (cell.next()) {
                if (!take_value(cell, 1, raw)) {
                    cell.skip();
                }
            }
            row.push_back(raw);
        }
        return row;
    }

    SparkplugTemplate parse_template(Reader reader, size_t depth) {
        SparkplugTemplate found;
        while (reader.next()) {
            switch (reader.tag_and_type()) {
                case bytes(1):
                    found.version = view_of(reader);
                    break;
                case bytes(2): {
                    Reader message = reader.get_message();
                    found.metrics.push_back(parse_metric(message, depth));
                    break;
                }
                case bytes(3):
                    count_value();
                    found.parameters.push_back(parse_parameter(reader.get_message()));
                    break;
                case bytes(4):
                    found.reference = view_of(reader);
                    break;
                case varint(5):
                    found.is_definition = reader.get_uint64() != 0;
                    break;
                default:
                    reader.skip();
            }
        }
        return found;
    }

    static SparkplugProperty parse_parameter(Reader reader) {
        SparkplugProperty parameter;
        while (reader.next()) {
            if (reader.tag_and_type() == bytes(1)) {
                parameter.key = view_of(reader);
            } else if (reader.tag_and_type() == varint(2)) {
                parameter.type = reader.get_uint32();
            } else if (!take_value(reader, 3, parameter.value)) {
                reader.skip();
            }
        }
        return parameter;
    }

    const SparkplugLimits& limits_;
    SparkplugPayload& into_;
    size_t metrics_ = 0;
    size_t values_ = 0;
};

}  // namespace

const SparkplugProperty* SparkplugMetric::property(std::string_view key) const {
    for (const SparkplugProperty& property : properties) {
        if (property.key == key) {
            return &property;
        }
    }
    return nullptr;
}

void SparkplugPayload::clear() {
    timestamp_ms.reset();
    seq.reset();
    uuid = {};
    body = {};
    metrics.clear();
    datasets.clear();
    templates.clear();
}

Status parse_sparkplug(std::string_view payload,
                       const SparkplugLimits& limits,
                       SparkplugPayload& into) {
    into.clear();
    try {
        PayloadParser(limits, into).parse(payload);
    } catch (const protozero::exception& error) {
        return fail(ErrorCode::InvalidArgument, fmt::format("not Sparkplug B: {}", error.what()));
    } catch (const TooMuch&) {
        return fail(ErrorCode::ResourceExhausted, "more Sparkplug metrics than allowed");
    }
    return {};
}

}  // namespace cistern::collector
