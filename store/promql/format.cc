// SPDX-License-Identifier: MIT
#include "store/promql/format.h"

#include "store/model/labels.h"

#include <fast_float/fast_float.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace cistern::promql {
namespace {

// value = 0.digits x 10^point, shortest digits that round trip.
struct Decimal {
    std::array<char, 24> digits{};
    int count = 0;
    int point = 0;
};

Decimal shortest(double magnitude) {
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(
            text.data(), text.data() + text.size(), magnitude, std::chars_format::scientific)
            .ptr;
    Decimal decimal;
    const char* at = text.data();
    for (; at != end && *at != 'e'; ++at) {
        if (*at != '.') {
            decimal.digits[static_cast<size_t>(decimal.count++)] = *at;
        }
    }
    int exponent = 0;
    const char* begin = at + 1;
    if (*begin == '+') {
        ++begin;
    }
    std::from_chars(begin, end, exponent);
    decimal.point = exponent + 1;
    return decimal;
}

constexpr size_t kPlainBytesMax = 32;  // 17 digits, five zeros, point and sign

// What sensors send: up to four decimals. With at most 15 digits a decimal that divides back to the
// value, less its trailing zeros, is the shortest that round trips, and finding it is ten times as
// fast. Null when there is none.
char* write_short_decimal(char* to, double magnitude) {
    constexpr size_t kDecimals = 4;
    constexpr double kPower = 1e4;
    if (!(magnitude < 1e11)) {
        return nullptr;
    }
    auto digits = static_cast<uint64_t>(magnitude * kPower + 0.5);
    if (static_cast<double>(digits) / kPower != magnitude) {
        return nullptr;
    }
    size_t decimals = kDecimals;
    while (decimals > 0 && digits % 10 == 0) {
        digits /= 10;
        --decimals;
    }
    std::array<char, 24> text;
    char* const end = std::to_chars(text.data(), text.data() + text.size(), digits).ptr;
    const auto count = static_cast<size_t>(end - text.data());
    if (count <= decimals) {
        *to++ = '0';
        *to++ = '.';
        to = std::fill_n(to, decimals - count, '0');
        return std::copy(text.data(), end, to);
    }
    to = std::copy(text.data(), end - decimals, to);
    if (decimals > 0) {
        *to++ = '.';
        to = std::copy(end - decimals, end, to);
    }
    return to;
}

// The values that nearly all points have; null for the others.
char* write_plain_value(char* to, double value) {
    const double magnitude = std::fabs(value);
    if (!(magnitude >= 1e-6 && magnitude < 1e15)) {
        return nullptr;
    }
    if (value < 0) {
        *to++ = '-';
    }
    if (char* const end = write_short_decimal(to, magnitude)) {
        return end;
    }
    return std::to_chars(to, to + kPlainBytesMax, magnitude, std::chars_format::fixed).ptr;
}

char* write_time_ms(char* to, int64_t ms) {
    const uint64_t magnitude = ms < 0 ? ~static_cast<uint64_t>(ms) + 1 : static_cast<uint64_t>(ms);
    if (ms < 0) {
        *to++ = '-';
    }
    to = std::to_chars(to, to + 20, magnitude / 1000).ptr;
    const auto fraction = static_cast<unsigned>(magnitude % 1000);
    if (fraction != 0) {
        *to++ = '.';
        *to++ = static_cast<char>('0' + fraction / 100);
        *to++ = static_cast<char>('0' + fraction / 10 % 10);
        *to++ = static_cast<char>('0' + fraction % 10);
    }
    return to;
}

void append_fixed(std::string& out, const Decimal& decimal) {
    const std::string_view digits(decimal.digits.data(), static_cast<size_t>(decimal.count));
    if (decimal.point <= 0) {
        out += "0.";
        out.append(static_cast<size_t>(-decimal.point), '0');
        out += digits;
        return;
    }
    const auto point = static_cast<size_t>(decimal.point);
    if (point >= digits.size()) {
        out += digits;
        out.append(point - digits.size(), '0');
        return;
    }
    out += digits.substr(0, point);
    out += '.';
    out += digits.substr(point);
}

void append_exponent(std::string& out, const Decimal& decimal) {
    out += decimal.digits[0];
    if (decimal.count > 1) {
        out += '.';
        out.append(decimal.digits.data() + 1, static_cast<size_t>(decimal.count - 1));
    }
    const int exponent = decimal.point - 1;
    out += exponent < 0 ? "e-" : "e+";
    out += fmt::format("{:02d}", std::abs(exponent));
}

// True when the value was one of those without digits.
bool append_special(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "NaN";
    } else if (std::isinf(value)) {
        out += value > 0 ? "+Inf" : "-Inf";
    } else if (value == 0) {
        out += std::signbit(value) ? "-0" : "0";
    } else {
        return false;
    }
    return true;
}

// Plain where the exponent of ten is in [lowest, highest).
void append_number(std::string& out, double value, int lowest, int highest) {
    if (append_special(out, value)) {
        return;
    }
    if (value < 0) {
        out += '-';
    }
    const double magnitude = std::fabs(value);
    const Decimal decimal = shortest(magnitude);
    if (decimal.point - 1 >= lowest && decimal.point - 1 < highest) {
        append_fixed(out, decimal);
    } else {
        append_exponent(out, decimal);
    }
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_ignoring_case(std::string_view text, std::string_view word) {
    return text.size() == word.size() &&
           std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
               return lower(a) == b;
           });
}

}  // namespace

std::string format_plain(double value) {
    std::string out;
    if (append_special(out, value)) {
        return out;
    }
    if (value < 0) {
        out += '-';
    }
    append_fixed(out, shortest(std::fabs(value)));
    return out;
}

void append_value(std::string& out, double value) {
    std::array<char, kPlainBytesMax> text;
    if (const char* const end = write_plain_value(text.data(), value)) {
        out.append(text.data(), static_cast<size_t>(end - text.data()));
        return;
    }
    append_number(out, value, -6, 21);
}

void append_point(std::string& out, int64_t time_ms, double value) {
    std::array<char, 32 + kPlainBytesMax> text;
    char* to = text.data();
    *to++ = '[';
    to = write_time_ms(to, time_ms);
    *to++ = ',';
    *to++ = '"';
    if (char* const end = write_plain_value(to, value)) {
        *end = '"';
        *(end + 1) = ']';
        out.append(text.data(), static_cast<size_t>(end + 2 - text.data()));
        return;
    }
    out.append(text.data(), static_cast<size_t>(to - text.data()));
    append_number(out, value, -6, 21);
    out += "\"]";
}

std::string format_value(double value) {
    std::string out;
    append_value(out, value);
    return out;
}

std::string format_literal(double value) {
    std::string out;
    append_number(out, value, -4, 6);
    return out;
}

Result<double> parse_float(std::string_view text) {
    std::string_view digits = text;
    bool negative = false;
    if (!digits.empty() && (digits[0] == '+' || digits[0] == '-')) {
        negative = digits[0] == '-';
        digits.remove_prefix(1);
    }
    double value = 0;
    if (equals_ignoring_case(digits, "inf") || equals_ignoring_case(digits, "infinity")) {
        value = std::numeric_limits<double>::infinity();
    } else if (equals_ignoring_case(digits, "nan")) {
        value = std::numeric_limits<double>::quiet_NaN();
    } else {
        const bool starts_well =
            !digits.empty() && (digits[0] == '.' || (digits[0] >= '0' && digits[0] <= '9'));
        const auto parsed =
            fast_float::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (!starts_well || parsed.ec == std::errc::invalid_argument ||
            parsed.ptr != digits.data() + digits.size()) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("parsing {}: invalid syntax", quote(text)));
        }
        if (std::isinf(value)) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("parsing {}: value out of range", quote(text)));
        }
    }
    return negative ? -value : value;
}

Result<double> parse_number(std::string_view text) {
    const bool hex = text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x';
    const bool octal = !hex && text.size() > 1 && text[0] == '0';
    const std::string_view digits = text.substr(hex ? 2 : 0);
    int64_t integer = 0;
    const int base = hex ? 16 : (octal ? 8 : 10);
    const auto parsed =
        std::from_chars(digits.data(), digits.data() + digits.size(), integer, base);
    if (parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size()) {
        return static_cast<double>(integer);
    }
    auto value = hex ? Result<double>(fail(ErrorCode::InvalidArgument,
                                           fmt::format("parsing {}: invalid syntax", quote(text))))
                     : parse_float(text);
    return std::move(value).with_context("error parsing number: strconv.ParseFloat");
}

}  // namespace cistern::promql
