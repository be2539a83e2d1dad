// SPDX-License-Identifier: MIT
// decode = "sparkplug": one payload without a session.
#include "collector/decode/binary_formats.h"
#include "collector/decode/record_list.h"
#include "collector/decode/sparkplug_payload.h"
#include "collector/decode/tree_builder.h"

#include <fmt/format.h>

namespace cistern::collector {
namespace {

class SparkplugDecoder final : public Decoder {
  public:
    explicit SparkplugDecoder(const DecodeLimits& limits) {
        limits_.metrics = limits.nodes;
        limits_.values = limits.nodes;
    }

    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        TRY(parse_sparkplug(payload, limits_, payload_));
        RecordList records(arena);
        for (const SparkplugMetric& metric : payload_.metrics) {
            add(metric, metric.name, arena, records);
        }
        Decoded out;
        out.root = TRY(records.finish());
        return out;
    }

  private:
    void add(const SparkplugMetric& metric,
             std::string_view name,
             NodeArena& arena,
             RecordList& records) {
        if (name.empty()) {
            return;
        }
        if (metric.template_ >= 0) {
            for (const SparkplugMetric& member :
                 payload_.templates[static_cast<size_t>(metric.template_)].metrics) {
                add(member, arena.copy(fmt::format("{}/{}", name, member.name)), arena, records);
            }
            return;
        }
        TreeBuilder build(arena);
        RecordFields fields;
        fields.name = name;
        const auto time = metric.timestamp_ms ? metric.timestamp_ms : payload_.timestamp_ms;
        fields.has_time = time.has_value() && *time < kMillisecondsMax;
        fields.time_ns = fields.has_time ? static_cast<int64_t>(*time) * 1'000'000 : 0;
        if (const SparkplugProperty* unit = metric.property("engUnit")) {
            fields.unit = unit->value.text;
        }
        if (metric.is_null) {
            fields.value = build.null();
        } else if (!interpret_sparkplug(metric.value, metric.datatype, value_)) {
            return;
        } else if (value_.kind == SparkplugValue::Kind::Text) {
            fields.value = build.text(value_.text);
        } else if (value_.kind == SparkplugValue::Kind::Array) {
            fields.value = arena.make(NodeKind::Array);
            Node* tail = nullptr;
            for (const double number : value_.numbers) {
                Node* element = build.number(number);
                if (element == nullptr || fields.value == nullptr) {
                    fields.value = nullptr;
                    break;
                }
                NodeArena::append(*fields.value, tail, element);
            }
        } else if (value_.kind != SparkplugValue::Kind::Texts) {
            fields.value = build.number(value_.number);
        } else {
            return;
        }
        records.add(fields);
    }

    static constexpr uint64_t kMillisecondsMax = 9'000'000'000'000;
    SparkplugLimits limits_;
    SparkplugPayload payload_;
    SparkplugValue value_;
};

}  // namespace

std::unique_ptr<Decoder> make_sparkplug_decoder(const DecodeLimits& limits) {
    return std::make_unique<SparkplugDecoder>(limits);
}

}  // namespace cistern::collector
