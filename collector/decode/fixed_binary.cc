// SPDX-License-Identifier: MIT
#include "collector/decode/binary_formats.h"
#include "collector/decode/byte_cursor.h"
#include "collector/decode/record_list.h"
#include "collector/decode/tree_builder.h"

#include <fmt/format.h>

#include <optional>

namespace cistern::collector {
namespace {

enum class Shape : uint8_t { Unsigned, Signed, Float, Boolean };

struct BinaryType {
    std::string_view name;
    Shape shape;
    uint8_t bytes;
    bool little;
};

// u24 and i24 are common in LoRaWAN payloads; without a suffix the order is big-endian.
constexpr BinaryType kTypes[] = {
    {"u8", Shape::Unsigned, 1, false},     {"i8", Shape::Signed, 1, false},
    {"bool", Shape::Boolean, 1, false},    {"u16be", Shape::Unsigned, 2, false},
    {"u16le", Shape::Unsigned, 2, true},   {"i16be", Shape::Signed, 2, false},
    {"i16le", Shape::Signed, 2, true},     {"u24be", Shape::Unsigned, 3, false},
    {"u24le", Shape::Unsigned, 3, true},   {"i24be", Shape::Signed, 3, false},
    {"i24le", Shape::Signed, 3, true},     {"u32be", Shape::Unsigned, 4, false},
    {"u32le", Shape::Unsigned, 4, true},   {"i32be", Shape::Signed, 4, false},
    {"i32le", Shape::Signed, 4, true},     {"u64be", Shape::Unsigned, 8, false},
    {"u64le", Shape::Unsigned, 8, true},   {"i64be", Shape::Signed, 8, false},
    {"i64le", Shape::Signed, 8, true},     {"f16be", Shape::Float, 2, false},
    {"f16le", Shape::Float, 2, true},      {"f32be", Shape::Float, 4, false},
    {"f32le", Shape::Float, 4, true},      {"f64be", Shape::Float, 8, false},
    {"f64le", Shape::Float, 8, true},      {"u16", Shape::Unsigned, 2, false},
    {"i16", Shape::Signed, 2, false},      {"u32", Shape::Unsigned, 4, false},
    {"i32", Shape::Signed, 4, false},      {"u64", Shape::Unsigned, 8, false},
    {"i64", Shape::Signed, 8, false},      {"f32", Shape::Float, 4, false},
    {"f64", Shape::Float, 8, false},       {"float32le", Shape::Float, 4, true},
    {"float32be", Shape::Float, 4, false}, {"float64le", Shape::Float, 8, true},
    {"float64be", Shape::Float, 8, false}};

const BinaryType* find_type(std::string_view name) {
    for (const BinaryType& type : kTypes) {
        if (type.name == name) {
            return &type;
        }
    }
    return nullptr;
}

double float_value(uint64_t bits, size_t size) {
    if (size == 2) {
        return half_of_bits(bits);
    }
    return size == 4 ? float_of_bits(bits) : double_of_bits(bits);
}

// The value without scale; null when the arena is full.
Node* plain_value(const BinaryType& type, uint64_t bits, TreeBuilder& build) {
    switch (type.shape) {
        case Shape::Unsigned:
            return build.unsigned_integer(bits);
        case Shape::Signed:
            return build.integer(sign_extend(bits, type.bytes));
        case Shape::Boolean:
            return build.boolean(bits != 0);
        case Shape::Float:
            return build.number(float_value(bits, type.bytes));
    }
    return nullptr;
}

// 0.01 is no binary number: 2150 * 0.01 is 21.5, but 4820 * 0.01 is 48.2 only by luck. Dividing by
// the exact inverse rounds once and gives the decimal that was meant.
double scaled(double value, double scale) {
    const double inverse = 1 / scale;
    const double whole = static_cast<double>(static_cast<int64_t>(inverse + 0.5));
    const bool reciprocal = scale < 1 && scale >= 1e-9 && 1 / whole == scale;
    return reciprocal ? value / whole : value * scale;
}

struct Layout {
    BinaryField field;
    const BinaryType* type;
    size_t offset;
};

uint64_t bits_at(std::string_view payload, const Layout& layout) {
    ByteCursor cursor(payload.substr(layout.offset));
    const uint64_t all = layout.type->little ? cursor.little_endian(layout.type->bytes)
                                             : cursor.big_endian(layout.type->bytes);
    if (layout.field.bit < 0) {
        return all;
    }
    constexpr int kAllBits = 64;
    const uint64_t mask =
        layout.field.bits >= kAllBits ? UINT64_MAX : (uint64_t{1} << layout.field.bits) - 1;
    return all >> layout.field.bit & mask;
}

class BinaryDecoder final : public Decoder {
  public:
    explicit BinaryDecoder(std::vector<Layout> layout) : layout_(std::move(layout)) {}

    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        TreeBuilder build(arena);
        RecordList records(arena);
        for (const Layout& one : layout_) {
            if (one.offset + one.type->bytes > payload.size()) {
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("{} bytes are too few: '{}' needs bytes {} to {}",
                                        payload.size(),
                                        one.field.name,
                                        one.offset,
                                        one.offset + one.type->bytes - 1));
            }
            RecordFields fields;
            fields.name = one.field.name;
            fields.unit = one.field.unit;
            fields.value = plain_value(*one.type, bits_at(payload, one), build);
            if (fields.value != nullptr && fields.value->kind != NodeKind::Null &&
                (one.field.scale != 1 || one.field.offset != 0)) {
                fields.value = build.number(scaled(fields.value->as_double(), one.field.scale) +
                                            one.field.offset);
            }
            records.add(fields);
        }
        Decoded out;
        out.root = TRY(records.finish());
        return out;
    }

  private:
    std::vector<Layout> layout_;  // record names point into it
};

class SingleBinaryDecoder final : public Decoder {
  public:
    explicit SingleBinaryDecoder(const BinaryType& type) : layout_{{}, &type, 0} {}

    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        if (payload.size() != layout_.type->bytes) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("{} bytes are no {}", payload.size(), layout_.type->name));
        }
        TreeBuilder build(arena);
        Decoded out;
        out.root = plain_value(*layout_.type, bits_at(payload, layout_), build);
        if (out.root == nullptr) {
            return TreeBuilder::full();
        }
        return out;
    }

  private:
    Layout layout_;
};

}  // namespace

bool is_binary_type(std::string_view type) {
    return find_type(type) != nullptr;
}

Result<std::unique_ptr<Decoder>> make_binary_decoder(const DecoderSpec& spec) {
    constexpr long kOffsetMax = 1 << 20;
    if (spec.binary.empty()) {
        return fail(ErrorCode::InvalidArgument, "decode = { binary = [ … ] } lists no field");
    }
    std::vector<Layout> layout;
    size_t next = 0;
    for (const BinaryField& field : spec.binary) {
        const BinaryType* type = find_type(field.type);
        if (type == nullptr) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("binary field '{}': type '{}' is unknown (u8, i16be, f32le, …)",
                                    field.name,
                                    field.type));
        }
        if (field.name.empty() || field.offset_at > kOffsetMax || field.offset_at < -1) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("binary field '{}' needs a name and an offset_at of 0 to {}",
                                    field.name,
                                    kOffsetMax));
        }
        constexpr int kBitsPerByte = 8;
        const bool bad_bits =
            field.bit >= 0 && (type->shape != Shape::Unsigned || field.bits < 1 ||
                               field.bit + field.bits > type->bytes * kBitsPerByte);
        if (bad_bits) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("binary field '{}': bit = {} and bits = {} do not fit {} (an "
                                    "unsigned type has bits)",
                                    field.name,
                                    field.bit,
                                    field.bits,
                                    field.type));
        }
        const size_t offset = field.offset_at < 0 ? next : static_cast<size_t>(field.offset_at);
        layout.push_back({field, type, offset});
        next = offset + type->bytes;
    }
    return std::unique_ptr<Decoder>(std::make_unique<BinaryDecoder>(std::move(layout)));
}

Result<std::unique_ptr<Decoder>> make_single_binary_decoder(const std::string& type) {
    const BinaryType* found = find_type(type);
    if (found == nullptr) {
        return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is no binary type", type));
    }
    return std::unique_ptr<Decoder>(std::make_unique<SingleBinaryDecoder>(*found));
}

}  // namespace cistern::collector
