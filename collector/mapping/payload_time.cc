// SPDX-License-Identifier: MIT
#include "collector/mapping/payload_time.h"

#include "collector/decode/text_scalar.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <ctime>

namespace cistern::collector {
namespace {

// Clocks that were never set say 1970 or 2000: no time at all.
constexpr int64_t kEarliestSeconds = 978307200;    // 2001-01-01
constexpr int64_t kLatestSeconds = 9'223'372'036;  // 2262, the end of int64 ns

std::optional<int64_t> from_units(int64_t value, int64_t per_second) {
    const int64_t seconds = value / per_second;
    if (seconds < kEarliestSeconds || seconds >= kLatestSeconds) {
        return std::nullopt;
    }
    return value * (kNsPerSecond / per_second);
}

std::optional<int64_t> from_double_units(double value, double per_second) {
    const double seconds = value / per_second;
    if (!(seconds >= static_cast<double>(kEarliestSeconds)) ||
        !(seconds < static_cast<double>(kLatestSeconds))) {
        return std::nullopt;
    }
    // A double of seconds resolves about 0.2 us today: take what is there, not noise below it.
    const double whole = std::floor(seconds);
    return static_cast<int64_t>(whole) * kNsPerSecond +
           std::llround((seconds - whole) * 1e6) * 1000;
}

int64_t units_of_magnitude(double magnitude) {
    if (magnitude < 1e11) {
        return 1;
    }
    if (magnitude < 1e14) {
        return 1'000;
    }
    return magnitude < 1e17 ? 1'000'000 : kNsPerSecond;
}

bool take_digits(std::string_view& text, size_t count, int& value) {
    if (text.size() < count) {
        return false;
    }
    value = 0;
    for (size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        value = value * 10 + text[i] - '0';
    }
    text.remove_prefix(count);
    return true;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text[0] != c) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

// .123 -> ns; any number of digits.
bool take_fraction(std::string_view& text, int64_t& ns) {
    int64_t scale = kNsPerSecond / 10;
    size_t i = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        ns += (text[i] - '0') * scale;
        scale /= 10;
    }
    text.remove_prefix(i);
    return i > 0;
}

// Z, UTC, +01:00, +0100, +01. False when something else is left.
bool take_zone(std::string_view text, std::optional<int64_t>& offset) {
    while (!text.empty() && text[0] == ' ') {
        text.remove_prefix(1);
    }
    if (text.empty()) {
        return true;
    }
    if (text == "Z" || text == "z" || text == "UTC" || text == "GMT") {
        offset = 0;
        return true;
    }
    const int64_t sign = text[0] == '-' ? -1 : 1;
    int hours = 0;
    int minutes = 0;
    if (text[0] != '+' && text[0] != '-') {
        return false;
    }
    text.remove_prefix(1);
    if (!take_digits(text, 2, hours)) {
        return false;
    }
    take(text, ':');
    if (!text.empty() && !take_digits(text, 2, minutes)) {
        return false;
    }
    if (!text.empty() || hours > 15 || minutes > 59) {
        return false;
    }
    offset = sign * (hours * 3600 + minutes * 60);
    return true;
}

std::optional<int64_t> to_ns(const CivilTime& t,
                             std::optional<int64_t> offset,
                             const TimeZone* zone,
                             int64_t near_ns) {
    if (!is_valid(t) || (!offset.has_value() && zone == nullptr)) {
        return std::nullopt;
    }
    const int64_t local = seconds_of(t);
    const int64_t utc =
        offset.has_value() ? local - *offset : zone->to_utc(local, near_ns / kNsPerSecond);
    if (utc < kEarliestSeconds || utc >= kLatestSeconds) {
        return std::nullopt;
    }
    return utc * kNsPerSecond + t.nanosecond;
}

// As strptime, which knows no fractions: %f takes the digits of one.
std::optional<int64_t> parse_pattern(std::string_view text,
                                     std::string_view pattern,
                                     const TimeZone* zone,
                                     int64_t near_ns) {
    std::tm tm{};
    tm.tm_mday = 1;
    constexpr long kNoOffset = 1L << 30;
    tm.tm_gmtoff = kNoOffset;
    int64_t fraction_ns = 0;
    const std::string copy(text);
    const char* rest = copy.c_str();
    for (bool more = true; more;) {
        const size_t fraction = pattern.find("%f");
        more = fraction != std::string_view::npos;
        rest = ::strptime(rest, std::string(pattern.substr(0, fraction)).c_str(), &tm);
        if (rest == nullptr) {
            return std::nullopt;
        }
        if (more) {
            std::string_view digits(rest);
            const size_t before = digits.size();
            if (!take_fraction(digits, fraction_ns)) {
                return std::nullopt;
            }
            rest += before - digits.size();
            pattern.remove_prefix(fraction + 2);
        }
    }
    std::string_view left(rest);
    CivilTime t{tm.tm_year + 1900,
                tm.tm_mon + 1,
                tm.tm_mday,
                tm.tm_hour,
                tm.tm_min,
                tm.tm_sec,
                fraction_ns};
    if (take(left, '.') && !take_fraction(left, t.nanosecond)) {
        return std::nullopt;
    }
    std::optional<int64_t> offset;
    if (!take_zone(left, offset)) {
        return std::nullopt;
    }
    if (tm.tm_gmtoff != kNoOffset) {
        offset = tm.tm_gmtoff;
    }
    return to_ns(t, offset, zone, near_ns);
}

// The first conversion that cannot be used; empty = all can.
std::string_view bad_conversion(std::string_view pattern) {
    constexpr std::string_view kKnown = "aAbBcCdDeFfGgHhIjklmMnprRStTuUVwWxXyYzZ%";
    for (size_t at = pattern.find('%'); at != std::string_view::npos;
         at = pattern.find('%', at + 2)) {
        const size_t end = at + (pattern.substr(at + 1, 1).find_first_of("EO") == 0 ? 2 : 1);
        if (end >= pattern.size() || kKnown.find(pattern[end]) == std::string_view::npos) {
            return pattern.substr(at, end + 1 - at);
        }
    }
    return {};
}

std::optional<int64_t> integer_of(std::string_view text) {
    int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::optional<int64_t> epoch_by_magnitude(int64_t value) {
    return value <= 0 ? std::nullopt
                      : from_units(value, units_of_magnitude(static_cast<double>(value)));
}

std::optional<int64_t> parse_rfc3339(std::string_view text, const TimeZone* zone, int64_t near_ns) {
    CivilTime t;
    const bool date = take_digits(text, 4, t.year) && take(text, '-') &&
                      take_digits(text, 2, t.month) && take(text, '-') &&
                      take_digits(text, 2, t.day);
    if (!date || (!take(text, 'T') && !take(text, ' ') && !take(text, 't'))) {
        return std::nullopt;
    }
    if (!take_digits(text, 2, t.hour) || !take(text, ':') || !take_digits(text, 2, t.minute)) {
        return std::nullopt;
    }
    if (take(text, ':') && !take_digits(text, 2, t.second)) {
        return std::nullopt;
    }
    if ((take(text, '.') || take(text, ',')) && !take_fraction(text, t.nanosecond)) {
        return std::nullopt;
    }
    std::optional<int64_t> offset;
    if (!take_zone(text, offset)) {
        return std::nullopt;
    }
    return to_ns(t, offset, zone, near_ns);
}

bool is_time_key(std::string_view key) {
    switch (key.size()) {
        case 2:
            return equals_ignoring_case(key, "ts");
        case 3:
            return equals_ignoring_case(key, "tst");
        case 4:
            return equals_ignoring_case(key, "time");
        case 8:
            return equals_ignoring_case(key, "unixtime");
        case 9:
            return equals_ignoring_case(key, "timestamp") || equals_ignoring_case(key, "last_seen");
        case 12:
            return equals_ignoring_case(key, "timestamp_ms");
        default:
            return false;
    }
}

Result<TimeFormat> TimeFormat::create(const TimestampOptions& options) {
    TimeFormat format;
    const std::string_view name = options.format;
    constexpr std::pair<std::string_view, Kind> kNames[] = {{"", Kind::Auto},
                                                            {"auto", Kind::Auto},
                                                            {"rfc3339", Kind::Rfc3339},
                                                            {"iso8601", Kind::Rfc3339},
                                                            {"iso", Kind::Rfc3339},
                                                            {"unix", Kind::Unix},
                                                            {"unix_s", Kind::Unix},
                                                            {"unix_ms", Kind::UnixMs},
                                                            {"unix_us", Kind::UnixUs},
                                                            {"unix_ns", Kind::UnixNs}};
    bool known = false;
    for (const auto& [text, kind] : kNames) {
        if (name == text) {
            format.kind_ = kind;
            known = true;
        }
    }
    if (!known) {
        if (name.find('%') == std::string_view::npos) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("timestamp.format '{}' is none of auto, rfc3339, unix, "
                                    "unix_ms, unix_us, unix_ns "
                                    "or a pattern such as %Y-%m-%d %H:%M:%S",
                                    name));
        }
        if (const std::string_view bad = bad_conversion(name); !bad.empty()) {
            return fail(
                ErrorCode::InvalidArgument,
                fmt::format("timestamp.format '{}': {} is not known (seconds since 1970 are "
                            "\"unix\", fractions %f)",
                            name,
                            bad));
        }
        format.kind_ = Kind::Pattern;
        format.pattern_ = name;
    }
    if (!options.tz.empty()) {
        format.zone_ = TRY(TimeZone::load(options.tz).with_context("timestamp.tz"));
    }
    return format;
}

std::optional<int64_t> TimeFormat::parse_text(std::string_view text, int64_t near_ns) const {
    text = trim_scalar(text);
    if (kind_ == Kind::Pattern) {
        return parse_pattern(text, pattern_, zone_.get(), near_ns);
    }
    if (const auto integer = integer_of(text); integer.has_value() && kind_ != Kind::Rfc3339) {
        Node node;
        node.kind = NodeKind::Int;
        node.integer = *integer;
        return parse(node);
    }
    if (kind_ == Kind::Auto || kind_ == Kind::Rfc3339) {
        if (const auto time = parse_rfc3339(text, zone_.get(), near_ns); time.has_value()) {
            return time;
        }
    }
    ScalarSyntax syntax;
    syntax.units = syntax.words = false;
    const Scalar scalar = parse_scalar(text, syntax);
    if (scalar.kind != ScalarKind::Number || kind_ == Kind::Rfc3339) {
        return std::nullopt;
    }
    Node node;
    node.kind = NodeKind::Double;
    node.number = scalar.value;
    return parse(node);
}

std::optional<int64_t> TimeFormat::parse(const Node& node, int64_t near_ns) const {
    if (node.is_string()) {
        return parse_text(node.text(), near_ns);
    }
    if (!node.is_number() || kind_ == Kind::Rfc3339 || kind_ == Kind::Pattern) {
        return std::nullopt;
    }
    int64_t per_second = 1;
    switch (kind_) {
        case Kind::UnixMs:
            per_second = 1'000;
            break;
        case Kind::UnixUs:
            per_second = 1'000'000;
            break;
        case Kind::UnixNs:
            per_second = kNsPerSecond;
            break;
        case Kind::Auto:
            per_second = units_of_magnitude(std::fabs(node.as_double()));
            break;
        default:
            break;
    }
    if (node.kind == NodeKind::Int) {
        return from_units(node.integer, per_second);
    }
    return from_double_units(node.as_double(), static_cast<double>(per_second));
}

}  // namespace cistern::collector
