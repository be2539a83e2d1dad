// SPDX-License-Identifier: MIT
// Times, durations and limits as Prometheus' routes take them.
// Source: prometheus 2.42, web/api/v1/api.go, parseTime and parseDuration.
#pragma once

#include "store/base/result.h"
#include "store/model/sample.h"
#include "web/parameters.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace cistern::web {

// Decimal seconds (rounded to ms) or RFC 3339; also now, -6h and dates, which Prometheus does not
// know. Times beyond the range of int64 ns are cut to it. Milliseconds.
Result<int64_t> parse_time_ms(std::string_view text, int64_t now_ms);
// Decimal seconds or 1h30m. Milliseconds.
Result<int64_t> parse_duration_ms(std::string_view text);

// The parameter's time, or `otherwise` when it is absent or empty. The error names the parameter.
Result<int64_t> time_parameter(const Parameters& parameters,
                               std::string_view name,
                               int64_t now_ms,
                               std::optional<int64_t> otherwise);
// Nothing when absent. The error names the parameter.
Result<std::optional<int64_t>> duration_parameter(const Parameters& parameters,
                                                  std::string_view name);
// A count: 0 and absent mean no limit.
Result<size_t> limit_parameter(const Parameters& parameters, std::string_view name = "limit");

inline constexpr int64_t kTimeMsMin = INT64_MIN / 1'000'000;
inline constexpr int64_t kTimeMsMax = INT64_MAX / 1'000'000;

// Both ends included, as Prometheus counts, to the store's half-open range in ns.
store::TimeRange closed_range(int64_t start_ms, int64_t end_ms);
// start and end, each optional.
Result<store::TimeRange> range_parameters(const Parameters& parameters, int64_t now_ms);

}  // namespace cistern::web
