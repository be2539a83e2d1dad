// SPDX-License-Identifier: MIT
// What a Sparkplug value means under its datatype.
#include "collector/decode/byte_cursor.h"
#include "collector/decode/sparkplug_payload.h"
#include "store/model/labels.h"

namespace cistern::collector {
namespace {

using Type = SparkplugType;
using Member = SparkplugRaw::Member;
using Kind = SparkplugValue::Kind;

// Bytes of an integer type; 0 for the others.
size_t integer_width(Type type) {
    switch (type) {
        case Type::Int8:
        case Type::UInt8:
            return 1;
        case Type::Int16:
        case Type::UInt16:
            return 2;
        case Type::Int32:
        case Type::UInt32:
            return 4;
        case Type::Int64:
        case Type::UInt64:
        case Type::DateTime:
            return 8;
        default:
            return 0;
    }
}

bool is_signed(Type type) {
    return type >= Type::Int8 && type <= Type::Int64;
}

bool is_integer_member(Member member) {
    return member == Member::Int || member == Member::Long || member == Member::Boolean;
}

double number_of_member(const SparkplugRaw& raw) {
    switch (raw.member) {
        case Member::Float:
            return float_of_bits(raw.bits);
        case Member::Double:
            return double_of_bits(raw.bits);
        default:
            return static_cast<double>(raw.bits);
    }
}

bool is_inexact(uint64_t magnitude) {
    const auto back = static_cast<double>(magnitude);
    return back >= 18446744073709551616.0 || static_cast<uint64_t>(back) != magnitude;
}

void set_integer(uint64_t bits, size_t width, bool with_sign, SparkplugValue& into) {
    if (with_sign) {
        const int64_t value = sign_extend(bits, width);
        into.number = static_cast<double>(value);
        into.inexact =
            is_inexact(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
    } else {
        const uint64_t value = width == 8 ? bits : bits & ((uint64_t{1} << (width * 8)) - 1);
        into.number = static_cast<double>(value);
        into.inexact = is_inexact(value);
    }
}

bool interpret_number(const SparkplugRaw& raw, Type type, SparkplugValue& into) {
    into.kind = Kind::Number;
    const size_t width = integer_width(type);
    if (width == 0 || !is_integer_member(raw.member)) {
        // A float in place of an integer, or the reverse: some senders do.
        into.number = number_of_member(raw);
        return raw.member != Member::None && raw.member < Member::String;
    }
    // int_value holds 32 bits: an Int64 that came in it is extended from there.
    const size_t sent = raw.member == Member::Int && raw.bits <= UINT32_MAX ? 4 : 8;
    set_integer(raw.bits, std::min(width, sent), is_signed(type), into);
    if (type == Type::DateTime) {
        into.number /= 1000;
    }
    return true;
}

bool interpret_text(const SparkplugRaw& raw, SparkplugValue& into) {
    into.kind = Kind::Text;
    into.text = raw.text;
    return (raw.member == Member::String || raw.member == Member::Bytes) &&
           store::is_valid_utf8(raw.text);
}

bool interpret_packed_booleans(std::string_view bytes, SparkplugValue& into) {
    ByteCursor cursor(bytes);
    const uint64_t count = cursor.little_endian(4);
    if (!cursor.ok() || count > cursor.left() * 8) {
        return false;
    }
    const std::string_view bits = cursor.take((count + 7) / 8);
    for (uint64_t i = 0; i < count; ++i) {
        into.numbers.push_back((static_cast<unsigned char>(bits[i / 8]) >> (7 - i % 8)) & 1);
    }
    return true;
}

bool interpret_texts(std::string_view bytes, SparkplugValue& into) {
    into.kind = Kind::Texts;
    while (!bytes.empty()) {
        const size_t end = std::min(bytes.find('\0'), bytes.size());
        into.texts.push_back(bytes.substr(0, end));
        if (!store::is_valid_utf8(into.texts.back())) {
            return false;
        }
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    return true;
}

// Arrays as Tahu writes them: little-endian, although examples of the specification are not.
bool interpret_array(std::string_view bytes, Type type, SparkplugValue& into) {
    into.kind = Kind::Array;
    if (type == Type::BooleanArray) {
        return interpret_packed_booleans(bytes, into);
    }
    if (type == Type::StringArray) {
        return interpret_texts(bytes, into);
    }
    const unsigned offset = static_cast<unsigned>(type) - static_cast<unsigned>(Type::Int8Array);
    // Int8..Int64, UInt8..UInt64, float, double; then DateTime.
    constexpr size_t kWidths[] = {1, 2, 4, 8, 1, 2, 4, 8, 4, 8};
    const size_t width = type == Type::DateTimeArray ? 8 : kWidths[offset];
    if (bytes.size() % width != 0) {
        return false;
    }
    ByteCursor cursor(bytes);
    while (!cursor.at_end()) {
        const uint64_t bits = cursor.little_endian(width);
        SparkplugValue element;
        if (type == Type::FloatArray || type == Type::DoubleArray) {
            element.number = width == 4 ? float_of_bits(bits) : double_of_bits(bits);
        } else {
            set_integer(bits, width, offset < 4, element);
        }
        into.numbers.push_back(type == Type::DateTimeArray ? element.number / 1000
                                                           : element.number);
        into.inexact = into.inexact || element.inexact;
    }
    return true;
}

bool interpret_by_member(const SparkplugRaw& raw, SparkplugValue& into) {
    switch (raw.member) {
        case Member::None:
        case Member::Bytes:
            return false;
        case Member::String:
            return interpret_text(raw, into);
        case Member::Boolean:
            into.kind = Kind::Boolean;
            into.number = static_cast<double>(raw.bits);
            return true;
        default:
            into.kind = Kind::Number;
            into.number = number_of_member(raw);
            into.inexact = is_integer_member(raw.member) && is_inexact(raw.bits);
            return true;
    }
}

}  // namespace

bool interpret_sparkplug(const SparkplugRaw& raw, uint32_t datatype, SparkplugValue& into) {
    into = SparkplugValue();
    const auto type = datatype <= static_cast<uint32_t>(Type::DateTimeArray)
                          ? static_cast<Type>(datatype)
                          : Type::Unknown;
    if (type == Type::Unknown) {
        return interpret_by_member(raw, into);
    }
    if (type >= Type::Int8Array) {
        return raw.member == Member::Bytes && interpret_array(raw.text, type, into);
    }
    switch (type) {
        case Type::String:
        case Type::Text:
        case Type::Uuid:
            return interpret_text(raw, into);
        case Type::Boolean:
            into.kind = Kind::Boolean;
            into.number = number_of_member(raw) != 0 ? 1 : 0;
            return raw.member != Member::None && raw.member < Member::String;
        case Type::DataSet:
        case Type::Bytes:
        case Type::File:
        case Type::Template:
        case Type::PropertySet:
        case Type::PropertySetList:
            return false;
        default:
            return interpret_number(raw, type, into);
    }
}

}  // namespace cistern::collector
