// SPDX-License-Identifier: MIT
#include "store/promql/format.h"

#include <fmt/format.h>

#include <array>
#include <limits>

namespace cistern::promql {
namespace {

struct Unit {
    std::string_view name;
    int64_t ms;
    bool only_exact;  // printed only when nothing remains
};

constexpr int64_t kDayMs = 86'400'000;
constexpr std::array kUnits = {
    Unit{"y", 365 * kDayMs, true},
    Unit{"w", 7 * kDayMs, true},
    Unit{"d", kDayMs, false},
    Unit{"h", 3'600'000, false},
    Unit{"m", 60'000, false},
    Unit{"s", 1000, false},
    Unit{"ms", 1, false},
};
// Go's time.Duration ends here.
constexpr int64_t kDurationMsMax = std::numeric_limits<int64_t>::max() / 1'000'000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The index of the unit at the front of text, or kUnits.size(). Letters up to the next digit count.
size_t unit_at(std::string_view text) {
    size_t letters = 0;
    while (letters < text.size() && !is_digit(text[letters])) {
        ++letters;
    }
    size_t index = 0;
    while (index < kUnits.size() && kUnits[index].name != text.substr(0, letters)) {
        ++index;
    }
    return index;
}

}  // namespace

std::string format_duration(int64_t ms) {
    if (ms == 0) {
        return "0s";
    }
    std::string out;
    for (const Unit& unit : kUnits) {
        const int64_t count = ms / unit.ms;
        if (count == 0 || (unit.only_exact && ms % unit.ms != 0)) {
            continue;
        }
        out += fmt::format("{}{}", count, unit.name);
        ms -= count * unit.ms;
    }
    return out;
}

Result<int64_t> parse_duration(std::string_view text) {
    if (text == "0") {
        return 0;
    }
    if (text.empty()) {
        return fail(ErrorCode::InvalidArgument, "empty duration string");
    }
    const auto bad = [text] {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("not a valid duration string: {}", quote(text)));
    };
    const auto too_long = [] { return fail(ErrorCode::InvalidArgument, "duration out of range"); };
    int64_t total = 0;
    size_t next_unit = 0;  // each unit once, the larger first
    for (std::string_view rest = text; !rest.empty();) {
        int64_t count = 0;
        size_t digits = 0;
        bool overflow = false;
        for (; digits < rest.size() && is_digit(rest[digits]); ++digits) {
            overflow = overflow || __builtin_mul_overflow(count, 10, &count) ||
                       __builtin_add_overflow(count, rest[digits] - '0', &count);
        }
        rest.remove_prefix(digits);
        const size_t unit = unit_at(rest);
        if (digits == 0 || unit >= kUnits.size() || unit < next_unit) {
            return bad();
        }
        rest.remove_prefix(kUnits[unit].name.size());
        next_unit = unit + 1;
        int64_t part = 0;
        if (overflow || __builtin_mul_overflow(count, kUnits[unit].ms, &part) ||
            __builtin_add_overflow(total, part, &total) || total > kDurationMsMax) {
            return too_long();
        }
    }
    return total;
}

}  // namespace cistern::promql
