// SPDX-License-Identifier: MIT
#include "collector/mapping/time_zone.h"

#include "store/base/file_system.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {
namespace {

int64_t big_endian(std::string_view bytes, size_t at, size_t size) {
    uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80) != 0 ? ~uint64_t{0} : 0;
    for (size_t i = 0; i < size; ++i) {
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return static_cast<int64_t>(value);
}

struct Header {
    size_t isut, isstd, leap, times, types, chars;
    [[nodiscard]] size_t data_size(size_t time_size) const {
        return times * (time_size + 1) + types * 6 + chars + leap * (time_size + 4) + isstd + isut;
    }
};

constexpr size_t kHeaderBytes = 44;

bool read_header(std::string_view bytes, size_t at, Header& header) {
    if (bytes.size() < at + kHeaderBytes || bytes.substr(at, 4) != "TZif") {
        return false;
    }
    size_t* fields[] = {
        &header.isut, &header.isstd, &header.leap, &header.times, &header.types, &header.chars};
    for (size_t i = 0; i < 6; ++i) {
        const int64_t value = big_endian(bytes, at + 20 + 4 * i, 4);
        if (value < 0 || value > 100000) {
            return false;
        }
        *fields[i] = static_cast<size_t>(value);
    }
    return header.types > 0;
}

// Readers of the POSIX TZ rule; each takes what it reads off `rest`.
bool skip_abbreviation(std::string_view& rest) {
    size_t end = 0;
    if (!rest.empty() && rest[0] == '<') {
        end = rest.find('>');
        end = end == std::string_view::npos ? 0 : end + 1;
    } else {
        while (end < rest.size() && ((rest[end] | 0x20) >= 'a' && (rest[end] | 0x20) <= 'z')) {
            ++end;
        }
    }
    rest.remove_prefix(end);
    return end > 0;
}

bool take_int(std::string_view& rest, int& value) {
    size_t i = 0;
    value = 0;
    while (i < rest.size() && i < 4 && rest[i] >= '0' && rest[i] <= '9') {
        value = value * 10 + rest[i++] - '0';
    }
    rest.remove_prefix(i);
    return i > 0;
}

// [+-]hh[:mm[:ss]]
bool take_seconds(std::string_view& rest, int32_t& seconds) {
    int sign = 1;
    if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
        sign = rest[0] == '-' ? -1 : 1;
        rest.remove_prefix(1);
    }
    int part = 0;
    if (!take_int(rest, part)) {
        return false;
    }
    seconds = part * 3600;
    for (int unit = 60; unit >= 1 && !rest.empty() && rest[0] == ':'; unit /= 60) {
        rest.remove_prefix(1);
        if (!take_int(rest, part)) {
            return false;
        }
        seconds += part * unit;
    }
    seconds *= sign;
    return true;
}

bool take_char(std::string_view& rest, char c) {
    if (rest.empty() || rest[0] != c) {
        return false;
    }
    rest.remove_prefix(1);
    return true;
}

// Day of the week of a date, Sunday = 0.
int weekday_of(int64_t days) {
    return static_cast<int>(((days + 4) % 7 + 7) % 7);
}

int64_t date_seconds(int year, int month, int week, int weekday, int32_t seconds) {
    int64_t day = days_from_civil(year, month, 1);
    day += (weekday - weekday_of(day) + 7) % 7 + 7 * (week - 1);
    const int64_t next_month =
        month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
    while (day >= next_month) {
        day -= 7;
    }
    return day * 86400 + seconds;
}

int year_of(int64_t seconds) {
    int year = static_cast<int>(1970 + seconds / 31556952);
    while (days_from_civil(year, 1, 1) * 86400 > seconds) {
        --year;
    }
    while (days_from_civil(year + 1, 1, 1) * 86400 <= seconds) {
        ++year;
    }
    return year;
}

bool is_safe_name(std::string_view name) {
    return !name.empty() && name[0] != '/' && name.find("..") == std::string_view::npos &&
           name.size() < 64;
}

}  // namespace

bool TimeZone::parse_rule(std::string_view rest, Rule& rule) {
    int32_t west = 0;
    if (!skip_abbreviation(rest) || !take_seconds(rest, west)) {
        return false;
    }
    rule.standard_offset = -west;
    if (rest.empty()) {
        return true;
    }
    rule.daylight_offset = rule.standard_offset + 3600;
    if (!skip_abbreviation(rest)) {
        return false;
    }
    if (!rest.empty() && rest[0] != ',') {
        if (!take_seconds(rest, west)) {
            return false;
        }
        rule.daylight_offset = -west;
    }
    for (Rule::Date* date : {&rule.begin, &rule.end}) {
        const bool m_form = take_char(rest, ',') && take_char(rest, 'M') &&
                            take_int(rest, date->month) && take_char(rest, '.') &&
                            take_int(rest, date->week) && take_char(rest, '.') &&
                            take_int(rest, date->weekday);
        const bool in_range = date->month >= 1 && date->month <= 12 && date->week >= 1 &&
                              date->week <= 5 && date->weekday <= 6;
        if (!m_form || !in_range || (take_char(rest, '/') && !take_seconds(rest, date->seconds))) {
            return false;
        }
    }
    rule.daylight = true;
    return true;
}

Result<std::shared_ptr<const TimeZone>> TimeZone::parse(std::string_view bytes) {
    const Error broken{ErrorCode::Corruption, "not a time zone file"};
    Header header{};
    if (!read_header(bytes, 0, header)) {
        return tl::unexpected(broken);
    }
    size_t at = kHeaderBytes;
    size_t time_size = 4;
    if (bytes[4] >= '2') {  // the second half repeats everything with 64-bit times
        at += header.data_size(4);
        if (!read_header(bytes, at, header)) {
            return tl::unexpected(broken);
        }
        at += kHeaderBytes;
        time_size = 8;
    }
    if (bytes.size() < at + header.data_size(time_size)) {
        return tl::unexpected(broken);
    }
    auto zone = std::make_shared<TimeZone>();
    const size_t indexes = at + header.times * time_size;
    const size_t types = indexes + header.times;
    zone->first_offset_ = static_cast<int32_t>(big_endian(bytes, types, 4));
    for (size_t i = 0; i < header.times; ++i) {
        const auto type = static_cast<unsigned char>(bytes[indexes + i]);
        if (type >= header.types) {
            return tl::unexpected(broken);
        }
        zone->transitions_.push_back(
            {big_endian(bytes, at + i * time_size, time_size),
             static_cast<int32_t>(big_endian(bytes, types + type * 6, 4))});
    }
    const size_t footer = at + header.data_size(time_size);
    if (time_size == 8 && bytes.size() > footer + 2) {
        const std::string_view rest = bytes.substr(footer + 1);
        zone->rule_.standard_offset =
            zone->transitions_.empty() ? zone->first_offset_ : zone->transitions_.back().offset;
        Rule rule;
        if (parse_rule(rest.substr(0, rest.find('\n')), rule)) {
            zone->rule_ = rule;
        }
    } else {
        zone->rule_.standard_offset =
            zone->transitions_.empty() ? zone->first_offset_ : zone->transitions_.back().offset;
    }
    return zone;
}

Result<std::shared_ptr<const TimeZone>> TimeZone::load(std::string_view name) {
    std::string_view rest = name;
    int32_t fixed = 0;
    if (!name.empty() && (name[0] == '+' || name[0] == '-') && take_seconds(rest, fixed) &&
        rest.empty()) {
        auto zone = std::make_shared<TimeZone>();
        zone->first_offset_ = zone->rule_.standard_offset = fixed;
        return zone;
    }
    if (name == "UTC" || name == "Z") {
        return std::make_shared<TimeZone>();
    }
    const std::string path = "/usr/share/zoneinfo/" + std::string(name);
    auto bytes = is_safe_name(name)
                     ? read_file(posix_file_system(), path)
                     : Result<std::string>(fail(ErrorCode::InvalidArgument, "not a zone name"));
    if (!bytes.has_value()) {
        return fail(
            ErrorCode::NotFound,
            fmt::format(
                "time zone '{}' is unknown (sought in /usr/share/zoneinfo; is tzdata installed?)",
                name));
    }
    return parse(*bytes).with_context(path);
}

int64_t TimeZone::rule_offset(int64_t utc) const {
    if (!rule_.daylight) {
        return rule_.standard_offset;
    }
    const int year = year_of(utc + rule_.standard_offset);
    const auto at = [year](const Rule::Date& date, int32_t offset) {
        return date_seconds(year, date.month, date.week, date.weekday, date.seconds) - offset;
    };
    const int64_t begin = at(rule_.begin, rule_.standard_offset);
    const int64_t end = at(rule_.end, rule_.daylight_offset);
    const bool daylight = begin < end ? utc >= begin && utc < end : utc >= begin || utc < end;
    return daylight ? rule_.daylight_offset : rule_.standard_offset;
}

int64_t TimeZone::offset_at(int64_t utc) const {
    if (transitions_.empty() || utc >= transitions_.back().at) {
        return rule_offset(utc);
    }
    const auto after = std::upper_bound(
        transitions_.begin(), transitions_.end(), utc, [](int64_t t, const Transition& x) {
            return t < x.at;
        });
    return after == transitions_.begin() ? first_offset_ : std::prev(after)->offset;
}

int64_t TimeZone::to_utc(int64_t local, int64_t near_s) const {
    constexpr int64_t kDay = 86400;
    const int64_t before = offset_at(local - kDay);
    const int64_t after = offset_at(local + kDay);
    const int64_t with_before = local - before;
    const int64_t with_after = local - after;
    const bool first = offset_at(with_before) == before;
    const bool second = offset_at(with_after) == after;
    if (first && second && near_s > 0) {
        const int64_t middle = with_before + (with_after - with_before) / 2;
        return near_s > middle ? std::max(with_before, with_after)
                               : std::min(with_before, with_after);
    }
    return first || !second ? with_before : with_after;
}

}  // namespace cistern::collector
