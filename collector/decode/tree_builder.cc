// SPDX-License-Identifier: MIT
#include "collector/decode/tree_builder.h"

#include "collector/decode/byte_cursor.h"
#include "store/model/labels.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace cistern::collector {

double half_of_bits(uint64_t bits) {
    const auto fraction = static_cast<double>(bits & 0x3ff);
    const int exponent = static_cast<int>(bits >> 10 & 0x1f);
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if (exponent == 31) {
        return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::quiet_NaN();
    }
    return exponent == 0 ? sign * std::ldexp(fraction, -24)
                         : sign * std::ldexp(fraction + 1024, exponent - 25);
}

Node* TreeBuilder::boolean(bool value) {
    Node* node = arena_.make(NodeKind::Bool);
    if (node != nullptr) {
        node->boolean = value;
    }
    return node;
}

Node* TreeBuilder::unsigned_integer(uint64_t value) {
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        return integer(static_cast<int64_t>(value));
    }
    Node* node = arena_.make(NodeKind::UInt);
    if (node != nullptr) {
        node->unsigned_integer = value;
    }
    return node;
}

Node* TreeBuilder::number(double value) {
    return std::isnan(value) ? null() : make_double(arena_, value);
}

Node* TreeBuilder::text(std::string_view text) {
    return store::is_valid_utf8(text) ? make_text(arena_, text) : bytes(text);
}

Node* TreeBuilder::bytes(std::string_view bytes) {
    Node* node = make_text(arena_, bytes);
    if (node != nullptr) {
        node->kind = NodeKind::Bytes;
    }
    return node;
}

std::string_view TreeBuilder::decimal(int64_t value) {
    constexpr size_t kDigitsMax = 24;
    char* out = arena_.bytes(kDigitsMax);
    const auto [end, error] = std::to_chars(out, out + kDigitsMax, value);
    return {out, static_cast<size_t>(end - out)};
}

}  // namespace cistern::collector
