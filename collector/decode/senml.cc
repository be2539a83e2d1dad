// SPDX-License-Identifier: MIT
#include "collector/decode/binary_formats.h"
#include "collector/decode/json.h"
#include "collector/decode/record_list.h"
#include "collector/decode/text_scalar.h"
#include "collector/decode/tree_builder.h"

#include <fmt/format.h>

#include <cmath>

namespace cistern::collector {
namespace {

// A field's name in JSON and its number in CBOR (RFC 8428, "CBOR Representation").
struct FieldName {
    std::string_view json;
    std::string_view cbor;
};
constexpr FieldName kBaseName{"bn", "-2"};
constexpr FieldName kBaseTime{"bt", "-3"};
constexpr FieldName kBaseUnit{"bu", "-4"};
constexpr FieldName kBaseValue{"bv", "-5"};
constexpr FieldName kBaseSum{"bs", "-6"};
constexpr FieldName kBaseVersion{"bver", "-1"};
constexpr FieldName kName{"n", "0"};
constexpr FieldName kUnit{"u", "1"};
constexpr FieldName kValue{"v", "2"};
constexpr FieldName kString{"vs", "3"};
constexpr FieldName kBoolean{"vb", "4"};
constexpr FieldName kSum{"s", "5"};
constexpr FieldName kTime{"t", "6"};
constexpr FieldName kData{"vd", "8"};

// Smaller times are relative to now (RFC 8428, "Requirements and Design Goals").
constexpr double kRelativeBelow = 268435456;  // 2^28
constexpr double kSecondsMax = 9.2e9;         // what ns in 64 bits can hold
constexpr int64_t kVersionMax = 10;

struct Base {
    std::string_view name;
    std::string_view unit;
    double time = 0;
    double value = 0;
    double sum = 0;
    bool has_sum = false;
};

const Node* find(const Node& record, FieldName field) {
    const Node* found = record.find(field.json);
    return found != nullptr ? found : record.find(field.cbor);
}

double number_of(const Node& record, FieldName field) {
    const Node* found = find(record, field);
    return found != nullptr && found->is_number() ? found->as_double() : 0;
}

std::string_view text_of(const Node& record, FieldName field) {
    const Node* found = find(record, field);
    return found != nullptr && found->is_string() ? found->text() : std::string_view();
}

// Units of the SenML registry that people write differently.
std::string_view readable_unit(std::string_view unit) {
    constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
        {"Cel", "°C"}, {"%RH", "%"}, {"%EL", "%"}, {"lx", "lx"}, {"m3", "m³"}, {"m2", "m²"}};
    for (const auto& [senml, readable] : kUnits) {
        if (unit == senml) {
            return readable;
        }
    }
    return unit;
}

std::string_view without_separator(std::string_view name) {
    while (!name.empty() && std::string_view(":/.-_").find(name.back()) != std::string_view::npos) {
        name.remove_suffix(1);
    }
    return name;
}

class SenmlDecoder final : public Decoder {
  public:
    explicit SenmlDecoder(const DecodeLimits& limits)
        : json_(make_json_decoder(limits)), cbor_(make_cbor_decoder(limits)) {}

    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        const std::string_view text = trim_scalar(payload);
        const bool is_json = !text.empty() && (text[0] == '[' || text[0] == '{');
        const Decoded pack =
            TRY(is_json ? json_->decode(text, arena) : cbor_->decode(payload, arena));
        if (!pack.root->is_array()) {
            return fail(ErrorCode::InvalidArgument, "not SenML: no array of records");
        }
        RecordList records(arena);
        Base base;
        for (const Node& record : children(*pack.root)) {
            if (!record.is_object()) {
                return fail(ErrorCode::InvalidArgument, "not SenML: a record is no object");
            }
            TRY(update(base, record));
            TRY(add(base, record, arena, records));
        }
        Decoded out = pack;
        out.root = TRY(records.finish());
        return out;
    }

  private:
    static Status update(Base& base, const Node& record) {
        const Node* version = find(record, kBaseVersion);
        if (version != nullptr && version->kind == NodeKind::Int &&
            version->integer > kVersionMax) {
            return fail(
                ErrorCode::Unsupported,
                fmt::format("SenML version {} is newer than {}", version->integer, kVersionMax));
        }
        if (find(record, kBaseName) != nullptr) {
            base.name = text_of(record, kBaseName);
        }
        if (find(record, kBaseUnit) != nullptr) {
            base.unit = text_of(record, kBaseUnit);
        }
        if (find(record, kBaseTime) != nullptr) {
            base.time = number_of(record, kBaseTime);
        }
        if (find(record, kBaseValue) != nullptr) {
            base.value = number_of(record, kBaseValue);
        }
        if (find(record, kBaseSum) != nullptr) {
            base.sum = number_of(record, kBaseSum);
            base.has_sum = true;
        }
        return {};
    }

    static std::string_view joined(std::string_view a, std::string_view b, NodeArena& arena) {
        if (a.empty() || b.empty()) {
            return a.empty() ? b : a;
        }
        char* out = arena.bytes(a.size() + b.size());
        std::memcpy(out, a.data(), a.size());
        std::memcpy(out + a.size(), b.data(), b.size());
        return {out, a.size() + b.size()};
    }

    static Status add(const Base& base, const Node& record, NodeArena& arena, RecordList& records) {
        RecordFields fields;
        const std::string_view name = text_of(record, kName);
        const std::string_view device = without_separator(base.name);
        fields.name = name.empty() ? device : name;
        if (!name.empty() && !device.empty()) {
            fields.labels.emplace_back("device", device);
        }
        if (fields.name.empty()) {
            return fail(ErrorCode::InvalidArgument, "not SenML: a record has no name");
        }
        const std::string_view unit = text_of(record, kUnit);
        fields.unit = readable_unit(unit.empty() ? base.unit : unit);
        set_time(base.time + number_of(record, kTime), fields);

        TreeBuilder build(arena);
        const Node* value = find(record, kValue);
        if (value != nullptr && value->is_number()) {
            fields.value = build.number(base.value + value->as_double());
            records.add(fields);
        } else if (const Node* flag = find(record, kBoolean); flag != nullptr) {
            fields.value = build.boolean(flag->kind == NodeKind::Bool && flag->boolean);
            records.add(fields);
        } else if (const Node* text = find(record, kString); text != nullptr && text->is_string()) {
            fields.value = build.text(text->text());
            records.add(fields);
        } else if (find(record, kData) == nullptr && base.value != 0 &&
                   find(record, kSum) == nullptr && !name.empty()) {
            fields.value = build.number(base.value);
            records.add(fields);
        }
        if (const Node* sum = find(record, kSum); sum != nullptr && sum->is_number()) {
            fields.name = joined(fields.name, "_sum", arena);
            fields.value = build.number(base.sum + sum->as_double());
            records.add(fields);
        }
        return {};
    }

    static void set_time(double seconds, RecordFields& fields) {
        if (!std::isfinite(seconds) || std::fabs(seconds) > kSecondsMax) {
            return;
        }
        // Whole seconds and the rest apart, so that a double's 53 bits do for microseconds.
        const double whole = std::floor(seconds);
        const auto ns = static_cast<int64_t>(whole) * 1'000'000'000 +
                        static_cast<int64_t>(std::llround((seconds - whole) * 1e6)) * 1'000;
        if (seconds >= kRelativeBelow) {
            fields.has_time = true;
            fields.time_ns = ns;
        } else {
            fields.time_offset_ns = ns;
        }
    }

    std::unique_ptr<Decoder> json_;
    std::unique_ptr<Decoder> cbor_;
};

}  // namespace

std::unique_ptr<Decoder> make_senml_decoder(const DecodeLimits& limits) {
    return std::make_unique<SenmlDecoder>(limits);
}

}  // namespace cistern::collector
