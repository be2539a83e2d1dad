// SPDX-License-Identifier: MIT
#include "store/model/number_text.h"

#include <fast_float/fast_float.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace cistern::store {
namespace {

constexpr uint64_t kPlainNanBits = 0x7ff8000000000000ULL;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equal_ignoring_case(std::string_view text, std::string_view lower_case) {
    if (text.size() != lower_case.size()) {
        return false;
    }
    for (size_t i = 0; i < text.size(); ++i) {
        if (lower(text[i]) != lower_case[i]) {
            return false;
        }
    }
    return true;
}

std::optional<uint64_t> parse_nan_bits(std::string_view text) {
    constexpr std::string_view kBegin = "nan(0x";
    if (text.size() < kBegin.size() + 2 ||
        !equal_ignoring_case(text.substr(0, kBegin.size()), kBegin) || text.back() != ')') {
        return std::nullopt;
    }
    uint64_t bits = 0;
    const char* begin = text.data() + kBegin.size();
    const char* end = text.data() + text.size() - 1;
    const auto [stop, error] = std::from_chars(begin, end, bits, 16);
    if (error != std::errc() || stop != end || !std::isnan(std::bit_cast<double>(bits))) {
        return std::nullopt;
    }
    return bits;
}

// Inf and NaN in all spellings; `text` has no sign. Signs of NaN are in its bits.
std::optional<uint64_t> parse_word(std::string_view text, bool negative) {
    if (equal_ignoring_case(text, "inf") || equal_ignoring_case(text, "infinity")) {
        const double infinity = std::numeric_limits<double>::infinity();
        return std::bit_cast<uint64_t>(negative ? -infinity : infinity);
    }
    if (equal_ignoring_case(text, "nan")) {
        return kPlainNanBits;
    }
    if (text == "stale" && !negative) {
        return kStaleMarkerBits;
    }
    return negative ? std::nullopt : parse_nan_bits(text);
}

// Not an integer; `text` keeps its sign.
std::optional<double> parse_decimal(std::string_view text) {
    if (!text.empty() && text[0] == '+') {
        text.remove_prefix(1);
        if (text.empty() || text[0] == '-') {
            return std::nullopt;
        }
    }
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = fast_float::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::optional<NumberText> parse_number_text(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    const bool negative = text[0] == '-';
    const size_t first = negative || text[0] == '+' ? 1 : 0;
    uint64_t value = 0;
    size_t at = first;
    // 18 digits cannot overflow.
    while (at < text.size() && at < first + 18 && text[at] >= '0' && text[at] <= '9') {
        value = value * 10 + static_cast<uint64_t>(text[at] - '0');
        ++at;
    }
    if (at > first && (at == text.size() || (text[at] == 'i' && at + 1 == text.size()))) {
        const auto integer = static_cast<int64_t>(value);
        return NumberText{ValueType::Int, ValueBits::of_int(negative ? -integer : integer)};
    }
    if (at == first + 18) {  // up to 20 digits: int64 if it fits
        const bool marked = text.back() == 'i';
        int64_t integer = 0;
        const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
        const char* end = text.data() + text.size() - (marked ? 1 : 0);
        const auto [stop, error] = std::from_chars(begin, end, integer);
        if (error == std::errc() && stop == end) {
            return NumberText{ValueType::Int, ValueBits::of_int(integer)};
        }
    }
    const char begin = first < text.size() ? text[first] : '\0';
    if ((begin >= '0' && begin <= '9') || begin == '.') {
        const auto decimal = parse_decimal(text);
        return decimal ? std::optional(NumberText{ValueType::Float, ValueBits::of(*decimal)})
                       : std::nullopt;
    }
    const auto bits = parse_word(text.substr(first), negative);
    return bits ? std::optional(NumberText{ValueType::Float, ValueBits::from_bits(*bits)})
                : std::nullopt;
}

std::optional<double> parse_float_text(std::string_view text) {
    const auto number = parse_number_text(text);
    // Our own spellings are no numbers elsewhere.
    if (!number || text.back() == 'i' || text.back() == ')' || text[0] == 's') {
        return std::nullopt;
    }
    // -0 is an Int without a sign.
    if (number->type == ValueType::Int && number->value.as_int() == 0 && text[0] == '-') {
        return -0.0;
    }
    return number->value.number(number->type);
}

void append_number_text(std::string& out, ValueType type, ValueBits value) {
    std::array<char, 40> buffer{};
    if (type == ValueType::Int) {
        const auto [end, error] =
            std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.as_int());
        out.append(buffer.data(), end);
        out += 'i';
        return;
    }
    const double number = value.as_double();
    if (std::isnan(number)) {
        if (value.bits() == kPlainNanBits) {
            out += "NaN";
        } else if (value.bits() == kStaleMarkerBits) {
            out += "stale";
        } else {
            fmt::format_to(std::back_inserter(out), "NaN(0x{:016x})", value.bits());
        }
        return;
    }
    if (std::isinf(number)) {
        out += number > 0 ? "Inf" : "-Inf";
        return;
    }
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    const std::string_view text(buffer.data(), static_cast<size_t>(end - buffer.data()));
    out += text;
    if (text.find_first_of(".e") == std::string_view::npos) {
        out += ".0";
    }
}

}  // namespace cistern::store
