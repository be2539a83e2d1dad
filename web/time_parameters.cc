// SPDX-License-Identifier: MIT
#include "web/time_parameters.h"

#include "store/base/time_units.h"
#include "store/model/time_text.h"
#include "store/promql/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cistern::web {
namespace {

std::optional<double> parse_decimal(std::string_view text) {
    double value = 0;
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || std::isnan(value)) {
        return std::nullopt;
    }
    return value;
}

int64_t floor_to_ms(int64_t ns) {
    const int64_t ms = ns / kNsPerMs;
    return ns % kNsPerMs < 0 ? ms - 1 : ms;
}

int64_t seconds_to_ms(double seconds) {
    const double ms = std::round(seconds * 1000);
    return static_cast<int64_t>(
        std::clamp(ms, static_cast<double>(kTimeMsMin), static_cast<double>(kTimeMsMax)));
}

}  // namespace

Result<int64_t> parse_time_ms(std::string_view text, int64_t now_ms) {
    if (const auto seconds = parse_decimal(text)) return seconds_to_ms(*seconds);
    // What Go prints for its smallest and largest time; Grafana and others send them back.
    if (text == "-292273086-05-16T16:47:06Z") return kTimeMsMin;
    if (text == "292277025-08-18T07:12:54.999999999Z") return kTimeMsMax;
    const auto time = store::parse_time(text, now_ms * kNsPerMs, store::NumberUnit::Seconds);
    if (!time) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("cannot parse \"{}\" to a valid timestamp", text));
    }
    return floor_to_ms(*time);
}

Result<int64_t> parse_duration_ms(std::string_view text) {
    if (const auto seconds = parse_decimal(text)) {
        if (std::abs(*seconds) > 9'223'372'036.854775) {
            return fail(
                ErrorCode::InvalidArgument,
                fmt::format("cannot parse \"{}\" to a valid duration. It overflows int64", text));
        }
        const auto ms = static_cast<int64_t>(std::round(*seconds * 1000));
        return *seconds > 0 ? std::max<int64_t>(ms, 1) : ms;
    }
    auto duration = promql::parse_duration(text);
    if (!duration) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("cannot parse \"{}\" to a valid duration", text));
    }
    return *duration;
}

Result<int64_t> time_parameter(const Parameters& parameters,
                               std::string_view name,
                               int64_t now_ms,
                               std::optional<int64_t> otherwise) {
    const std::string_view text = parameters.get(name);
    if (text.empty() && otherwise) return *otherwise;
    auto time = parse_time_ms(text, now_ms);
    if (time) return *time;
    const std::string again = otherwise ? fmt::format("Invalid time value for '{}': ", name) : "";
    return fail(ErrorCode::InvalidArgument,
                fmt::format("invalid parameter \"{}\": {}{}", name, again, time.error().message));
}

Result<std::optional<int64_t>> duration_parameter(const Parameters& parameters,
                                                  std::string_view name) {
    const std::string_view text = parameters.get(name);
    if (text.empty()) return std::optional<int64_t>{};
    auto duration = parse_duration_ms(text);
    if (duration) return std::optional<int64_t>{*duration};
    return fail(ErrorCode::InvalidArgument,
                fmt::format("invalid parameter \"{}\": {}", name, duration.error().message));
}

Result<size_t> limit_parameter(const Parameters& parameters, std::string_view name) {
    const std::string_view text = parameters.get(name);
    if (text.empty()) return size_t{0};
    size_t limit = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
        return fail(ErrorCode::InvalidArgument, fmt::format("{} must be a number", name));
    }
    return limit;
}

store::TimeRange closed_range(int64_t start_ms, int64_t end_ms) {
    const int64_t start = std::clamp(start_ms, kTimeMsMin, kTimeMsMax);
    const int64_t end = std::clamp(end_ms, kTimeMsMin, kTimeMsMax - 1) + 1;
    store::TimeRange range;
    if (start_ms > kTimeMsMin) range.begin = start * kNsPerMs;
    if (end_ms < kTimeMsMax) range.end = end * kNsPerMs;
    return range;
}

Result<store::TimeRange> range_parameters(const Parameters& parameters, int64_t now_ms) {
    const int64_t start = TRY(time_parameter(parameters, "start", now_ms, kTimeMsMin));
    const int64_t end = TRY(time_parameter(parameters, "end", now_ms, kTimeMsMax));
    if (end < start) {
        return fail(ErrorCode::InvalidArgument,
                    "invalid parameter \"end\": end timestamp must not be before start time");
    }
    return closed_range(start, end);
}

}  // namespace cistern::web
