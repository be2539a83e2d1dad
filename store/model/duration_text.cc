// SPDX-License-Identifier: MIT
#include "store/model/duration_text.h"

#include "store/model/digits.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace cistern::store {
namespace {

constexpr int64_t kNs = 1'000'000'000;

struct Unit {
    std::string_view name;
    int64_t ns;
};
// Longest first among equal beginnings.
constexpr std::array<Unit, 10> kUnits = {{{"ns", 1},
                                          {"us", 1'000},
                                          {"\xc2\xb5s", 1'000},
                                          {"\xce\xbcs", 1'000},
                                          {"ms", 1'000'000},
                                          {"s", kNs},
                                          {"m", 60 * kNs},
                                          {"h", 3600 * kNs},
                                          {"d", 86'400 * kNs},
                                          {"w", 7 * 86'400 * kNs}}};

// The fraction of a duration's term in units of 1e-15, enough for ns of a week.
constexpr int64_t kFractionScale = 1'000'000'000'000'000;

// One "1.5h" off the front, or nothing.
std::optional<Wide> take_term(std::string_view& text) {
    uint64_t whole = 0;
    size_t digits = 0;
    if (!take_digits(text, 18, whole, digits) && (digits > 0 || text.empty() || text[0] != '.')) {
        return std::nullopt;
    }
    int64_t fraction = 0;
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        size_t fraction_digits = 0;
        fraction = take_fraction(text, kFractionScale, fraction_digits);
        if (digits + fraction_digits == 0) {
            return std::nullopt;
        }
    }
    for (const Unit& unit : kUnits) {
        if (text.substr(0, unit.name.size()) == unit.name) {
            text.remove_prefix(unit.name.size());
            return static_cast<Wide>(whole) * unit.ns +
                   static_cast<Wide>(fraction) * unit.ns / kFractionScale;
        }
    }
    return std::nullopt;
}

tl::unexpected<Error> bad_duration(std::string_view text) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("'{}' is no duration (write 90s, 5m, 1h30m or 7d)", text.substr(0, 60)));
}

}  // namespace

Result<int64_t> parse_duration(std::string_view text) {
    std::string_view left = text;
    bool negative = false;
    if (!left.empty() && (left[0] == '-' || left[0] == '+')) {
        negative = left[0] == '-';
        left.remove_prefix(1);
    }
    if (left == "0") {
        return 0;
    }
    Wide total = 0;
    if (left.empty()) {
        return bad_duration(text);
    }
    while (!left.empty()) {
        const auto term = take_term(left);
        if (!term) {
            return bad_duration(text);
        }
        total += *term;
        if (!narrow(total)) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("duration '{}' is too long", text.substr(0, 60)));
        }
    }
    return static_cast<int64_t>(negative ? -total : total);
}

std::string format_duration(int64_t ns) {
    if (ns == 0) {
        return "0s";
    }
    const uint64_t size = ns < 0 ? 0 - static_cast<uint64_t>(ns) : static_cast<uint64_t>(ns);
    const auto decimal = [](uint64_t value, uint64_t scale, int places) {
        std::string text = fmt::format("{}.{:0{}}", value / scale, value % scale, places);
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') {
            text.pop_back();
        }
        return text;
    };
    std::string out = ns < 0 ? "-" : "";
    if (size < 1'000) {
        return out + fmt::format("{}ns", size);
    }
    if (size < 1'000'000) {
        return out + decimal(size, 1'000, 3) + "\xc2\xb5s";
    }
    if (size < static_cast<uint64_t>(kNs)) {
        return out + decimal(size, 1'000'000, 6) + "ms";
    }
    const uint64_t minutes = size / (60 * kNs);
    if (minutes >= 60) {
        out += fmt::format("{}h", minutes / 60);
    }
    if (minutes > 0) {
        out += fmt::format("{}m", minutes % 60);
    }
    return out + decimal(size % (60 * kNs), kNs, 9) + "s";
}

}  // namespace cistern::store
