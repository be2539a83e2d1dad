// SPDX-License-Identifier: MIT
// The text scalar table: what one piece of text is worth. The same for plain payloads and for
// strings inside JSON. Times, dates, addresses, versions and codes are text, never numbers.
#pragma once

#include <cstdint>
#include <string_view>

namespace cistern::collector {

enum class ScalarKind : uint8_t {
    Number,    // value, perhaps unit
    Word,      // value from the word table: on, off, open, …
    Absent,    // "", null, none, nan, unavailable, unknown, undefined, -
    Rejected,  // infinity or a number beyond double
    Text,
};

struct Scalar {
    ScalarKind kind = ScalarKind::Text;
    double value = 0;
    std::string_view unit;  // within the input or static
    bool inexact = false;   // an integer that a double cannot hold
    std::string_view text;  // the input, trimmed
};

struct ScalarSyntax {
    bool units = true;
    bool words = true;
    char decimal = '.';
};

Scalar parse_scalar(std::string_view text, const ScalarSyntax& syntax = {});

// Without ASCII white space, CR, LF, NULs at the end and a byte order mark at the start.
std::string_view trim_scalar(std::string_view text);
// True for the units of the white list: "°C", "kWh", "seconds", …
bool is_known_unit(std::string_view unit);
bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace cistern::collector
