// SPDX-License-Identifier: MIT
#include "store/model/time_text.h"

#include "store/model/digits.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <limits>
#include <optional>

namespace cistern::store {
namespace {

constexpr int64_t kNs = 1'000'000'000;

tl::unexpected<Error> bad_time(std::string_view text) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format(
            "'{}' is no time (write 2026-02-01T03:04:05Z, '2026-02-01 03:04', unix time or -6h)",
            text.substr(0, 60)));
}

tl::unexpected<Error> time_out_of_range(std::string_view text) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("time '{}' is outside of 1677-09-21 to 2262-04-11", text.substr(0, 60)));
}

// The part after the date: "HH[:MM[:SS[.n]]]". False on a syntax error.
bool take_clock(std::string_view& text, int64_t& ns) {
    constexpr std::array<int64_t, 3> kPlace = {3600 * kNs, 60 * kNs, kNs};
    constexpr std::array<uint64_t, 3> kLimit = {24, 60, 60};
    ns = 0;
    for (size_t i = 0; i < kPlace.size(); ++i) {
        if (i > 0) {
            if (text.empty() || text[0] != ':') {
                return true;
            }
            text.remove_prefix(1);
        }
        uint64_t value = 0;
        size_t digits = 0;
        if (!take_digits(text, 2, value, digits) || value >= kLimit[i]) {
            return false;
        }
        ns += static_cast<int64_t>(value) * kPlace[i];
    }
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        size_t digits = 0;
        ns += take_fraction(text, kNs, digits);
        return digits > 0 && digits <= 9;
    }
    return true;
}

// "Z", "+01:00", "-0530"; nothing means UTC.
bool take_offset(std::string_view& text, int64_t& ns) {
    ns = 0;
    if (text.empty()) {
        return true;
    }
    const char sign = text[0];
    text.remove_prefix(1);
    if (sign == 'Z' || sign == 'z') {
        return true;
    }
    uint64_t hours = 0;
    uint64_t minutes = 0;
    size_t digits = 0;
    if ((sign != '+' && sign != '-') || text.size() < 2) {
        return false;
    }
    std::string_view head = text.substr(0, 2);
    text.remove_prefix(2);
    if (!take_digits(head, 2, hours, digits) || digits != 2 || hours > 23) {
        return false;
    }
    if (!text.empty() && text[0] == ':') {
        text.remove_prefix(1);
    }
    if (!take_digits(text, 2, minutes, digits) || digits != 2 || minutes > 59) {
        return false;
    }
    ns = static_cast<int64_t>(hours * 60 + minutes) * 60 * kNs * (sign == '-' ? -1 : 1);
    return true;
}

// Looks like a date, so that errors speak of dates.
bool is_date_like(std::string_view text) {
    return text.size() >= 8 && is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]) &&
           is_digit(text[3]) && text[4] == '-';
}

Result<TimestampNs> parse_date(std::string_view whole) {
    std::string_view text = whole;
    std::array<uint64_t, 3> part{};
    for (size_t i = 0; i < part.size(); ++i) {
        size_t digits = 0;
        if (i > 0) {
            if (text.empty() || text[0] != '-') {
                return bad_time(whole);
            }
            text.remove_prefix(1);
        }
        if (!take_digits(text, i == 0 ? 4 : 2, part[i], digits) || digits != (i == 0 ? 4U : 2U)) {
            return bad_time(whole);
        }
    }
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(part[0])),
                                           std::chrono::month(static_cast<unsigned>(part[1])),
                                           std::chrono::day(static_cast<unsigned>(part[2]))};
    if (!date.ok()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' is no day of the calendar", whole.substr(0, 60)));
    }
    int64_t clock_ns = 0;
    int64_t offset_ns = 0;
    if (!text.empty()) {
        const char separator = text[0];
        text.remove_prefix(1);
        const bool good = (separator == ' ' || separator == 'T' || separator == 't') &&
                          take_clock(text, clock_ns) && take_offset(text, offset_ns) &&
                          text.empty();
        if (!good) {
            return bad_time(whole);
        }
    }
    const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    const auto time = narrow(static_cast<Wide>(days) * 86'400 * kNs + clock_ns - offset_ns);
    if (!time) {
        return time_out_of_range(whole);
    }
    return *time;
}

int64_t unit_ns(NumberUnit unit, uint64_t whole) {
    switch (unit) {
        case NumberUnit::Seconds:
            return kNs;
        case NumberUnit::Milliseconds:
            return 1'000'000;
        case NumberUnit::Microseconds:
            return 1'000;
        case NumberUnit::Nanoseconds:
            return 1;
        case NumberUnit::Guess:
            break;
    }
    if (whole < 100'000'000'000ULL) {
        return kNs;
    }
    if (whole < 100'000'000'000'000ULL) {
        return 1'000'000;
    }
    return whole < 100'000'000'000'000'000ULL ? 1'000 : 1;
}

// "[-]digits[.digits]" in the given unit. Nothing when it is not of that form.
std::optional<Result<TimestampNs>> parse_number(std::string_view whole, NumberUnit unit) {
    std::string_view text = whole;
    const bool negative = !text.empty() && text[0] == '-';
    if (negative) {
        text.remove_prefix(1);
    }
    uint64_t value = 0;
    size_t digits = 0;
    if (!take_digits(text, 19, value, digits)) {
        return std::nullopt;
    }
    const int64_t scale = unit_ns(unit, value);
    Wide ns = static_cast<Wide>(value) * scale;
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        ns += take_fraction(text, scale, digits);
    }
    if (!text.empty() || digits == 0) {
        return std::nullopt;
    }
    const auto time = narrow(negative ? -ns : ns);
    if (!time) {
        return time_out_of_range(whole);
    }
    return *time;
}

// "-6h": a sign and a duration.
Result<TimestampNs> parse_relative(std::string_view text, TimestampNs now_ns) {
    const auto duration = parse_duration(text);
    if (!duration.has_value()) {
        return bad_time(text);
    }
    const auto time = narrow(static_cast<Wide>(now_ns) + *duration);
    if (!time) {
        return time_out_of_range(text);
    }
    return *time;
}

// Days and ns within the day, rounding down for times before 1970.
void split_day(TimestampNs time, std::chrono::year_month_day& date, int64_t& ns) {
    constexpr int64_t kDay = 86'400 * kNs;
    const int64_t days = time / kDay - (time % kDay < 0 ? 1 : 0);
    ns = time % kDay + (time % kDay < 0 ? kDay : 0);
    date = std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(days)));
}

}  // namespace

Result<NumberUnit> parse_number_unit(std::string_view text) {
    if (text.empty()) {
        return NumberUnit::Guess;
    }
    constexpr std::array<std::pair<std::string_view, NumberUnit>, 4> kNames = {
        {{"s", NumberUnit::Seconds},
         {"ms", NumberUnit::Milliseconds},
         {"us", NumberUnit::Microseconds},
         {"ns", NumberUnit::Nanoseconds}}};
    for (const auto& [name, unit] : kNames) {
        if (name == text) {
            return unit;
        }
    }
    return fail(ErrorCode::InvalidArgument,
                fmt::format("'{}' is no time unit (s, ms, us or ns)", text.substr(0, 20)));
}

Result<TimestampNs> parse_time(std::string_view text, TimestampNs now_ns, NumberUnit unit) {
    if (text == "now") {
        return now_ns;
    }
    if (is_date_like(text)) {
        return parse_date(text);
    }
    if (auto number = parse_number(text, unit)) {
        return *number;
    }
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        return parse_relative(text, now_ns);
    }
    return bad_time(text);
}

std::optional<TimestampNs> parse_unix_time(std::string_view text, NumberUnit unit) {
    const auto number = parse_number(text, unit);
    return number && number->has_value() ? std::optional(**number) : std::nullopt;
}

Result<TimestampNs> parse_line_time(std::string_view text, TimestampNs now_ns) {
    if (is_date_like(text)) {
        return parse_date(text);
    }
    if (text.find('.') == std::string_view::npos) {
        if (auto number = parse_number(text, NumberUnit::Nanoseconds)) {
            return *number;
        }
    }
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        return parse_relative(text, now_ns);
    }
    return fail(ErrorCode::InvalidArgument,
                fmt::format("'{}' is no timestamp (unix ns, YYYY-MM-DD HH:MM:SS.nnnnnnnnn or -5m)",
                            text.substr(0, 60)));
}

void append_time(std::string& out, TimestampNs time) {
    std::chrono::year_month_day date;
    int64_t ns = 0;
    split_day(time, date, ns);
    const int64_t seconds = ns / kNs;
    fmt::format_to(std::back_inserter(out),
                   "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:09}",
                   static_cast<int>(date.year()),
                   static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()),
                   seconds / 3600,
                   seconds / 60 % 60,
                   seconds % 60,
                   ns % kNs);
}

std::string format_time(TimestampNs time) {
    std::string out;
    append_time(out, time);
    return out;
}

std::string format_rfc3339(TimestampNs time) {
    std::string out = format_time(time);
    out[10] = 'T';
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') {
        out.pop_back();
    }
    return out + 'Z';
}

}  // namespace cistern::store
