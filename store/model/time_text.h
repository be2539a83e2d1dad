// SPDX-License-Identifier: MIT
// Times as people write them: settings, command line, HTTP parameters, import files.
// All times are UTC. Numbers are read digit by digit, so no nanosecond is lost on the way.
#pragma once

#include "store/base/result.h"
#include "store/model/duration_text.h"
#include "store/model/sample.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cistern::store {

// What a bare number means.
enum class NumberUnit : uint8_t {
    Guess,  // by magnitude: below 1e11 seconds, below 1e14 ms, below 1e17 us, else ns
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
};
// "s", "ms", "us" or "ns"; empty is Guess.
Result<NumberUnit> parse_number_unit(std::string_view text);

// Command line and HTTP: "now", "-6h" and "+10m" (relative to now_ns), RFC 3339 with any offset,
// "YYYY-MM-DD[ HH[:MM[:SS[.n]]]]", and numbers, with a fraction if wanted.
Result<TimestampNs> parse_time(std::string_view text,
                               TimestampNs now_ns,
                               NumberUnit unit = NumberUnit::Guess);
// Line protocol: the same, but a bare integer is always ns and other numbers are refused.
Result<TimestampNs> parse_line_time(std::string_view text, TimestampNs now_ns);

// A number alone, "[-]digits[.digits]"; nothing when it is none or out of range.
std::optional<TimestampNs> parse_unix_time(std::string_view text, NumberUnit unit);

// "2026-02-01 03:04:05.000000006": what the line protocol and the seed's tools write.
void append_time(std::string& out, TimestampNs time);
std::string format_time(TimestampNs time);
// "2026-02-01T03:04:05.6Z", the fraction only as long as needed.
std::string format_rfc3339(TimestampNs time);

}  // namespace cistern::store
