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

constexpr int kShortDecimalExponentMax = 11;

// What sensors send: up to four decimals. With at most 15 digits the first decimal that divides
// back to the value is the shortest that round trips, and finding it is ten times as fast.
bool append_short_decimal(std::string& out, double magnitude) {
    constexpr std::array<double, 5> kPowers{1, 10, 100, 1e3, 1e4};
    if (!(magnitude < 1e11)) {
        return false;
    }
    for (size_t decimals = 0; decimals < kPowers.size(); ++decimals) {
        const auto digits = static_cast<uint64_t>(magnitude * kPowers[decimals] + 0.5);
        if (static_cast<double>(digits) / kPowers[decimals] != magnitude) {
            continue;
        }
        std::array<char, 24> text{};
        const char* end = std::to_chars(text.data(), text.data() + text.size(), digits).ptr;
        const auto count = static_cast<size_t>(end - text.data());
        if (count <= decimals) {
            out += "0.";
            out.append(decimals - count, '0');
            out.append(text.data(), count);
            return true;
        }
        out.append(text.data(), count - decimals);
        if (decimals > 0) {
            out += '.';
            out.append(end - decimals, decimals);
        }
        return true;
    }
    return false;
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
    if (highest > kShortDecimalExponentMax && append_short_decimal(out, magnitude)) {
        return;
    }
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
    append_number(out, value, -6, 21);
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
