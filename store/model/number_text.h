// SPDX-License-Identifier: MIT
// Numbers as text <-> bits, without loss and without locale. Any 64-bit pattern of a double can be
// written and read back: NaN payloads as NaN(0x...), the stale marker as `stale`.
#pragma once

#include "store/model/sample.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cistern::store {

struct NumberText {
    ValueType type = ValueType::Float;
    ValueBits value;
};

// "42", "-7", "256i" are Int; "3.14", "1e-3", "Inf", "-Inf", "NaN", "stale" and integers beyond
// int64 (without the i) are Float. Nothing when it is no number or beyond the range of a double.
std::optional<NumberText> parse_number_text(std::string_view text);
// Always as a double, as Go's ParseFloat reads decimal numbers: without "256i", "stale", "NaN(0x...)".
std::optional<double> parse_float_text(std::string_view text);

// Shortest text that reads back as the same bits and the same type: "42.0" for a Float, "42i" for
// an Int.
void append_number_text(std::string& out, ValueType type, ValueBits value);

}  // namespace cistern::store
