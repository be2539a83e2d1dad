// SPDX-License-Identifier: MIT
// Decimal digits off the front of a text: what times and durations are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace cistern::store {

__extension__ using Wide = __int128;

inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

inline std::optional<int64_t> narrow(Wide value) {
    if (value < std::numeric_limits<int64_t>::min() ||
        value > std::numeric_limits<int64_t>::max()) {
        return std::nullopt;
    }
    return static_cast<int64_t>(value);
}

// Takes digits off the front; false when there is none or more than `digits_max`.
inline bool take_digits(std::string_view& text,
                        size_t digits_max,
                        uint64_t& value,
                        size_t& digits) {
    value = 0;
    digits = 0;
    while (digits < text.size() && is_digit(text[digits])) {
        if (digits == digits_max) {
            return false;
        }
        value = value * 10 + static_cast<uint64_t>(text[digits] - '0');
        ++digits;
    }
    text.remove_prefix(digits);
    return digits > 0;
}

// Digits after a decimal point as a count of 1/scale; further digits are cut off.
inline int64_t take_fraction(std::string_view& text, int64_t scale, size_t& digits) {
    int64_t value = 0;
    for (digits = 0; !text.empty() && is_digit(text[0]); ++digits, text.remove_prefix(1)) {
        if (scale > 1) {
            scale /= 10;
            value += (text[0] - '0') * scale;
        }
    }
    return value;
}

}  // namespace cistern::store
