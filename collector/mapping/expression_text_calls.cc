// SPDX-License-Identifier: MIT
// What expressions do with text: cases, parts, patterns, formats, times.
#include "collector/decode/text_scalar.h"
#include "collector/mapping/expression_functions.h"
#include "collector/mapping/payload_time.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace cistern::collector {
namespace {

using Kind = ExprValue::Kind;
using Args = ExprArgs;
constexpr size_t kTextMax = 1 << 16;

ExprValue text_case(const Args& args, char first, char last, int delta) {
    if (args.empty() || args[0].is_undefined()) {
        return ExprValue::undefined();
    }
    std::string text = args[0].to_text();
    for (char& c : text) {
        c = c >= first && c <= last ? static_cast<char>(c + delta) : c;
    }
    return ExprValue::of_text(text);
}

// Capital letters at the start, or at the start of each word.
ExprValue capitals(const Args& args, bool each_word) {
    ExprValue lower = text_case(args, 'A', 'Z', 32);
    bool start = true;
    for (char& c : lower.text) {
        const bool letter = c >= 'a' && c <= 'z';
        c = start && letter ? static_cast<char>(c - 32) : c;
        start = each_word && !letter && (c < 'A' || c > 'Z');
    }
    return lower;
}

ExprValue replace(const Args& args) {
    if (args.size() < 3 || args[0].is_undefined()) {
        return ExprValue::undefined();
    }
    std::string text = args[0].to_text();
    const std::string from = args[1].to_text();
    const std::string to = args[2].to_text();
    for (size_t at = text.find(from);
         !from.empty() && at != std::string::npos && text.size() < kTextMax;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return ExprValue::of_text(text);
}

ExprValue split(const Args& args) {
    ExprValue list;
    if (args.empty() || args[0].kind != Kind::Text) {
        return list;
    }
    list.kind = Kind::List;
    const bool at_spaces = args.size() < 2 || args[1].kind == Kind::None;
    const std::string separator = at_spaces ? " " : args[1].to_text();
    std::string_view rest = at_spaces ? trim_scalar(args[0].text) : args[0].text;
    const ExprValue limit = expr_argument(args, 2);
    constexpr size_t kPartsMax = 1000;
    const size_t parts_max = limit.kind == Kind::Int && limit.integer >= 0 && limit.integer < 999
                                 ? static_cast<size_t>(limit.integer) + 1
                                 : kPartsMax;
    while (!separator.empty() && list.list.size() < kPartsMax) {
        const size_t at =
            list.list.size() + 1 == parts_max ? std::string_view::npos : rest.find(separator);
        list.list.push_back(ExprValue::of_text(rest.substr(0, at)));
        if (at == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(at + separator.size());
        while (at_spaces && !rest.empty() && rest[0] == ' ') {
            rest.remove_prefix(1);
        }
    }
    return list;
}

ExprValue strip(const Args& args, bool left, bool right) {
    if (args.empty() || args[0].is_undefined()) {
        return ExprValue::undefined();
    }
    const std::string text = args[0].to_text();
    const std::string given = args.size() > 1 ? args[1].to_text() : "";
    const std::string_view taken = given.empty() ? std::string_view(" \t\r\n\v\f") : given;
    std::string_view rest = text;
    while (left && !rest.empty() && taken.find(rest.front()) != std::string_view::npos) {
        rest.remove_prefix(1);
    }
    while (right && !rest.empty() && taken.find(rest.back()) != std::string_view::npos) {
        rest.remove_suffix(1);
    }
    return ExprValue::of_text(rest);
}

bool starts_with(const Args& args) {
    return args.size() > 1 && args[0].to_text().rfind(args[1].to_text(), 0) == 0;
}
bool ends_with(const Args& args) {
    return args.size() > 1 && std::string_view(args[0].to_text()).ends_with(args[1].to_text());
}
bool contains(const Args& args) {
    return args.size() > 1 && expr_contains(args[0], args[1]);
}
ExprValue find(const Args& args) {
    const size_t at = expr_argument(args, 0).to_text().find(expr_argument(args, 1).to_text());
    return ExprValue::of_int(at == std::string::npos ? -1 : static_cast<int64_t>(at));
}

RE2::Options pattern_options() {
    RE2::Options options;
    options.set_log_errors(false);
    constexpr int64_t kPatternBytesMax = 1 << 20;
    options.set_max_mem(kPatternBytesMax);
    return options;
}

ExprValue matches(const Args& args, bool at_start) {
    if (args.size() < 2 || args[0].is_undefined()) {
        return ExprValue::of_bool(false);
    }
    const RE2 pattern(args[1].to_text(), pattern_options());
    const std::string text = args[0].to_text();
    return ExprValue::of_bool(
        pattern.ok() &&
        pattern.Match(
            text, 0, text.size(), at_start ? RE2::ANCHOR_START : RE2::UNANCHORED, nullptr, 0));
}

// As Python's re.findall: the first group of each match, or all of it where there is none.
ExprValue find_all(const Args& args) {
    ExprValue found;
    const RE2 pattern(expr_argument(args, 1).to_text(), pattern_options());
    if (args.size() < 2 || args[0].is_undefined() || !pattern.ok()) {
        return found;
    }
    found.kind = Kind::List;
    const std::string text = args[0].to_text();
    re2::StringPiece parts[2];
    constexpr size_t kFoundMax = 1000;
    const int groups = pattern.NumberOfCapturingGroups() > 0 ? 2 : 1;
    for (size_t at = 0; at <= text.size() && found.list.size() < kFoundMax;) {
        if (!pattern.Match(text, at, text.size(), RE2::UNANCHORED, parts, groups)) {
            break;
        }
        const re2::StringPiece& part = parts[groups - 1];
        found.list.push_back(ExprValue::of_text(
            part.data() == nullptr ? "" : std::string_view(part.data(), part.size())));
        const auto end = static_cast<size_t>(parts[0].data() - text.data()) + parts[0].size();
        at = parts[0].empty() ? end + 1 : end;
    }
    return found;
}

ExprValue find_all_index(const Args& args) {
    const ExprValue index = expr_argument(args, 2);
    return expr_member(find_all(args), index.kind == Kind::Int ? index : ExprValue::of_int(0));
}

ExprValue regex_replace(const Args& args) {
    const RE2 pattern(expr_argument(args, 1).to_text(), pattern_options());
    if (args.size() < 2 || args[0].is_undefined() || !pattern.ok()) {
        return ExprValue::undefined();
    }
    std::string text = args[0].to_text();
    const std::string put = expr_argument(args, 2).to_text();
    constexpr size_t kGrowthMax = 1 << 24;
    if ((text.size() + 1) * (put.size() + 1) > kGrowthMax) {
        return ExprValue::undefined();
    }
    RE2::GlobalReplace(&text, pattern, put);
    return ExprValue::of_text(std::string_view(text).substr(0, kTextMax));
}

// One conversion, of printf's or str.format's; empty when it is not understood.
std::string format_one(std::string_view spec, const ExprValue& value) {
    constexpr size_t kSpecMax = 8;
    if (spec.empty() || spec.size() > kSpecMax ||
        spec.substr(0, spec.size() - 1).find_first_not_of("0123456789.+-") != std::string::npos) {
        return {};
    }
    const char type = spec.back();
    double number = 0;
    const bool is_number = value.to_number(number) && std::isfinite(number);
    const bool whole = is_number && std::fabs(number) < 9.2e18;
    try {
        if (type == 's') {
            return value.to_text();
        }
        if (std::string_view("dixXob").find(type) != std::string_view::npos && whole) {
            const std::string pattern =
                fmt::format("{{:{}{}}}", spec.substr(0, spec.size() - 1), type == 'i' ? 'd' : type);
            return fmt::format(fmt::runtime(pattern), static_cast<int64_t>(number));
        }
        if (std::string_view("fFeEgG").find(type) != std::string_view::npos && is_number) {
            return fmt::format(fmt::runtime(fmt::format("{{:{}}}", spec)), number);
        }
    } catch (const fmt::format_error&) {
        return {};
    }
    return {};
}

// "{:.1f} and {}".format(a, b)
ExprValue format_braces(std::string_view format, const Args& args) {
    std::string out;
    size_t next = 0;
    while (!format.empty() && out.size() < kTextMax) {
        const size_t open = format.find('{');
        out += format.substr(0, open);
        if (open == std::string_view::npos) {
            break;
        }
        const size_t close = format.find('}', open);
        if (close == std::string_view::npos) {
            return ExprValue::undefined();
        }
        const std::string_view inside = format.substr(open + 1, close - open - 1);
        const size_t colon = inside.find(':');
        const std::string_view place = inside.substr(0, colon);
        const bool numbered = place.size() == 1 && place[0] >= '0' && place[0] <= '9';
        const size_t index = numbered ? static_cast<size_t>(place[0] - '0') : next++;
        const ExprValue value = expr_argument(args, index);
        const std::string_view spec =
            colon == std::string_view::npos ? std::string_view("s") : inside.substr(colon + 1);
        const std::string text = format_one(spec, value);
        if (value.is_undefined() || (!place.empty() && !numbered) || text.empty()) {
            return ExprValue::undefined();
        }
        out += text;
        format.remove_prefix(close + 1);
    }
    return ExprValue::of_text(out);
}

// '%.1f' | format(x), and "{:.1f}".format(x)
ExprValue format(const Args& args) {
    const std::string pattern = expr_argument(args, 0).to_text();
    const Args values(args.empty() ? args.begin() : args.begin() + 1, args.end());
    return pattern.find('{') != std::string::npos ? format_braces(pattern, values)
                                                  : expr_format_percent(pattern, values);
}

// Seconds since 1970 of a number or of a full date; nothing else.
bool to_seconds(const ExprValue& value, double& seconds) {
    if (value.to_number(seconds)) {
        constexpr double kSecondsMax = 1e11;
        return std::fabs(seconds) < kSecondsMax;
    }
    const auto date = value.kind == Kind::Text ? parse_rfc3339(value.text) : std::nullopt;
    seconds = date.has_value() ? static_cast<double>(*date) / 1e9 : 0;
    return date.has_value();
}

std::string time_text(double seconds, const char* format, bool local) {
    const auto whole = static_cast<std::time_t>(std::floor(seconds));
    std::tm fields{};
    if ((local ? ::localtime_r(&whole, &fields) : ::gmtime_r(&whole, &fields)) == nullptr) {
        return {};
    }
    char text[256];
    return {text, std::strftime(text, sizeof(text), format, &fields)};
}

ExprValue timestamp_iso(const Args& args) {
    double seconds = 0;
    if (!to_seconds(expr_argument(args, 0), seconds)) {
        return expr_argument(args, 1);
    }
    return ExprValue::of_text(time_text(seconds, "%Y-%m-%dT%H:%M:%S+00:00", false));
}

// The zone is the machine's, as Home Assistant's is its own.
ExprValue timestamp_custom(const Args& args) {
    double seconds = 0;
    if (args.size() < 2 || !to_seconds(args[0], seconds)) {
        return expr_argument(args, 3);
    }
    const bool local = args.size() < 3 || args[2].truthy();
    return ExprValue::of_text(time_text(seconds, args[1].to_text().c_str(), local));
}

}  // namespace

ExprValue expr_format_percent(std::string_view format, const ExprArgs& args) {
    std::string out;
    size_t next = 0;
    while (!format.empty() && out.size() < kTextMax) {
        const size_t percent = format.find('%');
        out += format.substr(0, percent);
        if (percent == std::string_view::npos) {
            break;
        }
        format.remove_prefix(percent + 1);
        const size_t type = format.find_first_not_of("0123456789.+-");
        if (type == std::string_view::npos) {
            return ExprValue::undefined();
        }
        if (format[type] == '%') {
            out += '%';
        } else {
            const std::string text =
                format_one(format.substr(0, type + 1), expr_argument(args, next++));
            if (text.empty()) {
                return ExprValue::undefined();
            }
            out += text;
        }
        format.remove_prefix(type + 1);
    }
    return ExprValue::of_text(out);
}

std::string expr_pattern_error(std::string_view pattern) {
    const RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), pattern_options());
    return compiled.ok() ? std::string() : compiled.error();
}

void add_text_functions(ExprFunctions& into) {
    into.insert({
        {"replace", replace},
        {"split", split},
        {"format", format},
        {"find", find},
        {"string", [](const Args& a) { return ExprValue::of_text(expr_argument(a, 0).to_text()); }},
        {"lower", [](const Args& a) { return text_case(a, 'A', 'Z', 32); }},
        {"upper", [](const Args& a) { return text_case(a, 'a', 'z', -32); }},
        {"title", [](const Args& a) { return capitals(a, true); }},
        {"capitalize", [](const Args& a) { return capitals(a, false); }},
        {"trim", [](const Args& a) { return strip(a, true, true); }},
        {"strip", [](const Args& a) { return strip(a, true, true); }},
        {"lstrip", [](const Args& a) { return strip(a, true, false); }},
        {"rstrip", [](const Args& a) { return strip(a, false, true); }},
        {"startswith", [](const Args& a) { return ExprValue::of_bool(starts_with(a)); }},
        {"endswith", [](const Args& a) { return ExprValue::of_bool(ends_with(a)); }},
        {"contains", [](const Args& a) { return ExprValue::of_bool(contains(a)); }},
        {"regex_match", [](const Args& a) { return matches(a, true); }},
        {"regex_search", [](const Args& a) { return matches(a, false); }},
        {"regex_findall", find_all},
        {"regex_findall_index", find_all_index},
        {"regex_replace", regex_replace},
        {"timestamp_custom", timestamp_custom},
        {"timestamp_local", timestamp_iso},
        {"timestamp_utc", timestamp_iso},
        {"as_datetime", timestamp_iso},
    });
}

}  // namespace cistern::collector
