// SPDX-License-Identifier: MIT
// Numbers, durations and strings as Prometheus writes and reads them: its HTTP answers, label
// values, messages and printed queries.
// Source: Go strconv.FormatFloat and Quote, prometheus/common model.Duration.
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::promql {

// Shortest digits that read back the same, never an exponent: 0.0000001, +Inf, NaN. The values of
// instant scalars and of labels made by count_values.
std::string format_plain(double value);
// The values of points: plain from 1e-6 up to 1e21, else 1e-07, 1.7e+308.
std::string format_value(double value);
// A number in a printed query: plain from 1e-4 up to 1e6, else 1e+06.
std::string format_literal(double value);
void append_value(std::string& out, double value);
// A point of an answer: [1700000000.500,"21.5"], the time in seconds with three decimals or none.
void append_point(std::string& out, int64_t time_ms, double value);

// 1h30m, 90d, 0s. Not negative.
std::string format_duration(int64_t ms);
// [Ny][Nw][Nd][Nh][Nm][Ns][Nms], ms. Fails with Prometheus' wording.
Result<int64_t> parse_duration(std::string_view text);
// A Go-like number: 12, 0x1F, 017 (octal), 1e3, .5, Inf, NaN; no sign.
Result<double> parse_number(std::string_view text);
// strconv.ParseFloat for labels such as le: a sign, Inf, Infinity and NaN in any case.
Result<double> parse_float(std::string_view text);

// In double quotes with Go's escapes.
std::string quote(std::string_view text);
// The content of a "..", '..' or `..` literal.
Result<std::string> unquote(std::string_view literal);
void append_utf8(std::string& out, uint32_t rune);

// [a-zA-Z_][a-zA-Z0-9_]*
bool is_label_name(std::string_view name);

}  // namespace cistern::promql
