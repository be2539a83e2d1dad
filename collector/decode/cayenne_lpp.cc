// SPDX-License-Identifier: MIT
// Cayenne LPP: repeated channel, type, big-endian value. Types are IPSO object numbers minus 3200;
// the extensions are those of the library ElectronicCats/CayenneLPP.
#include "collector/decode/binary_formats.h"
#include "collector/decode/byte_cursor.h"
#include "collector/decode/record_list.h"
#include "collector/decode/tree_builder.h"

#include <fmt/format.h>

namespace cistern::collector {
namespace {

struct Part {
    std::string_view suffix;  // appended to the type's name
    uint8_t bytes = 0;        // 0: there is no such part
    bool is_signed = false;
    double divisor = 1;
    std::string_view unit;
};

struct LppType {
    uint8_t number;
    std::string_view name;
    Part parts[3];
};

constexpr LppType kTypes[] = {
    {0, "digital_input", {{"", 1, false, 1, ""}}},
    {1, "digital_output", {{"", 1, false, 1, ""}}},
    {2, "analog_input", {{"", 2, true, 100, ""}}},
    {3, "analog_output", {{"", 2, true, 100, ""}}},
    {100, "generic", {{"", 4, false, 1, ""}}},
    {101, "illuminance", {{"", 2, false, 1, "lx"}}},
    {102, "presence", {{"", 1, false, 1, ""}}},
    {103, "temperature", {{"", 2, true, 10, "°C"}}},
    {104, "humidity", {{"", 1, false, 2, "%"}}},
    {113,
     "acceleration",
     {{"_x", 2, true, 1000, "g"}, {"_y", 2, true, 1000, "g"}, {"_z", 2, true, 1000, "g"}}},
    {115, "pressure", {{"", 2, false, 10, "hPa"}}},
    {116, "voltage", {{"", 2, false, 100, "V"}}},
    {117, "current", {{"", 2, false, 1000, "A"}}},
    {118, "frequency", {{"", 4, false, 1, "Hz"}}},
    {120, "percentage", {{"", 1, false, 1, "%"}}},
    {121, "altitude", {{"", 2, true, 1, "m"}}},
    {122, "load", {{"", 3, true, 1000, "kg"}}},
    {125, "concentration", {{"", 2, false, 1, "ppm"}}},
    {128, "power", {{"", 2, false, 1, "W"}}},
    {130, "distance", {{"", 4, false, 1000, "m"}}},
    {131, "energy", {{"", 4, false, 1000, "kWh"}}},
    {132, "direction", {{"", 2, false, 1, "°"}}},
    {133, "unixtime", {{"", 4, false, 1, "s"}}},
    {134,
     "angular_velocity",
     {{"_x", 2, true, 100, "°/s"}, {"_y", 2, true, 100, "°/s"}, {"_z", 2, true, 100, "°/s"}}},
    {135,
     "colour",
     {{"_red", 1, false, 1, ""}, {"_green", 1, false, 1, ""}, {"_blue", 1, false, 1, ""}}},
    {136,
     "",
     {{"latitude", 3, true, 10000, "°"},
      {"longitude", 3, true, 10000, "°"},
      {"altitude", 3, true, 100, "m"}}},
    {142, "switch", {{"", 1, false, 1, ""}}}};

const LppType* find_type(uint8_t number) {
    for (const LppType& type : kTypes) {
        if (type.number == number) {
            return &type;
        }
    }
    return nullptr;
}

// The bytes of hexadecimal text; empty when it is none.
std::string bytes_of_hex(std::string_view text) {
    std::string bytes;
    if (text.size() % 2 != 0) {
        return {};
    }
    int value = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = static_cast<char>(text[i] | 0x20);
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (!digit && (c < 'a' || c > 'f')) {
            return {};
        }
        value = value * 16 + (digit ? text[i] - '0' : c - 'a' + 10);
        if (i % 2 == 1) {
            bytes += static_cast<char>(value);
            value = 0;
        }
    }
    return bytes;
}

class CayenneDecoder final : public Decoder {
  public:
    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        auto root = parse(payload, arena);
        if (!root.has_value() && root.error().code == ErrorCode::InvalidArgument) {
            hex_ = bytes_of_hex(payload);
            if (!hex_.empty()) {
                root = parse(hex_, arena);
            }
        }
        Decoded out;
        out.root = TRY(std::move(root));
        return out;
    }

  private:
    static Result<const Node*> parse(std::string_view payload, NodeArena& arena) {
        ByteCursor cursor(payload);
        RecordList records(arena);
        TreeBuilder build(arena);
        if (payload.empty()) {
            return fail(ErrorCode::InvalidArgument, "not Cayenne LPP: empty");
        }
        while (!cursor.at_end()) {
            const uint8_t channel = cursor.u8();
            const uint8_t number = cursor.u8();
            const LppType* type = find_type(number);
            if (!cursor.ok() || type == nullptr) {
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("not Cayenne LPP: type {} at byte {} is unknown",
                                        number,
                                        cursor.position()));
            }
            RecordFields fields;
            fields.labels.emplace_back("channel", build.decimal(channel));
            for (const Part& part : type->parts) {
                if (part.bytes == 0) {
                    break;
                }
                const uint64_t bits = cursor.big_endian(part.bytes);
                const auto value = part.is_signed
                                       ? static_cast<double>(sign_extend(bits, part.bytes))
                                       : static_cast<double>(bits);
                fields.name = arena.copy(fmt::format("{}{}", type->name, part.suffix));
                fields.unit = part.unit;
                fields.value = build.number(value / part.divisor);
                records.add(fields);
            }
            if (!cursor.ok()) {
                return fail(ErrorCode::InvalidArgument, "not Cayenne LPP: a value is cut off");
            }
        }
        return records.finish();
    }

    std::string hex_;
};

}  // namespace

std::unique_ptr<Decoder> make_cayenne_lpp_decoder() {
    return std::make_unique<CayenneDecoder>();
}

}  // namespace cistern::collector
