// SPDX-License-Identifier: MIT
#include "store/model/influx_line.h"

#include "store/model/number_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

namespace cistern::store {
namespace {

enum Stop : uint8_t { kComma = 1, kEquals = 2, kBlank = 4, kLineEnd = 8, kBackslash = 16 };
constexpr uint8_t kEscapable = kComma | kEquals | kBlank | kBackslash;

constexpr std::array<uint8_t, 256> make_stops() {
    std::array<uint8_t, 256> table{};
    table[','] = kComma;
    table['='] = kEquals;
    table[' '] = kBlank;
    table['\n'] = kLineEnd;
    table['\r'] = kLineEnd;
    table['\\'] = kBackslash;
    return table;
}
constexpr auto kStops = make_stops();

bool is_one_of(char c, unsigned stops) {
    return (kStops[static_cast<unsigned char>(c)] & stops) != 0;
}
bool is_line_end(char c) {
    return is_one_of(c, kLineEnd);
}

// From `at` to the next unescaped character of `stops` or the line's end.
size_t find_stop(std::string_view text, size_t at, unsigned stops) {
    while (at < text.size()) {
        if (!is_one_of(text[at], stops | kLineEnd | kBackslash)) {
            ++at;
        } else if (text[at] != '\\') {
            break;
        } else {
            at += at + 1 < text.size() && is_one_of(text[at + 1], kEscapable) ? 2 : 1;
        }
    }
    return at;
}

int parse_boolean(std::string_view text) {
    for (const std::string_view word : {"t", "T", "true", "True", "TRUE"}) {
        if (text == word) {
            return 1;
        }
    }
    for (const std::string_view word : {"f", "F", "false", "False", "FALSE"}) {
        if (text == word) {
            return 0;
        }
    }
    return -1;
}

bool parse_unsigned(std::string_view text, InfluxField& field) {
    uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) {
        return false;
    }
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
        field.type = ValueType::Int;
        field.value = ValueBits::of_int(static_cast<int64_t>(value));
    } else {
        field.type = ValueType::Float;
        field.value = ValueBits::of(static_cast<double>(value));
    }
    return true;
}

bool parse_number(std::string_view text, InfluxField& field) {
    if (const int boolean = parse_boolean(text); boolean >= 0) {
        field.type = ValueType::Float;
        field.value = ValueBits::of(static_cast<double>(boolean));
        return true;
    }
    // No words such as NaN, which the protocol does not know.
    const size_t digit = text[0] == '-' || text[0] == '+' ? 1 : 0;
    if (digit == text.size() ||
        !((text[digit] >= '0' && text[digit] <= '9') || text[digit] == '.')) {
        return false;
    }
    if (text.back() == 'u') {
        return parse_unsigned(text.substr(0, text.size() - 1), field);
    }
    const auto number = parse_number_text(text);
    if (!number) {
        return false;
    }
    const bool marked = text.back() == 'i';
    field.type = marked ? ValueType::Int : ValueType::Float;
    field.value = marked ? number->value : ValueBits::of(number->value.number(number->type));
    return true;
}

}  // namespace

bool InfluxParser::at_line_end(size_t at) const {
    return at >= left_.size() || is_line_end(left_[at]);
}

InfluxParser::Step InfluxParser::next() {
    for (;;) {
        number_ += newlines_;
        newlines_ = 0;
        size_t at = left_.find_first_not_of(" \t\r");
        if (at == std::string_view::npos) {
            left_ = {};
            return Step::End;
        }
        if (left_[at] == '\n') {
            left_.remove_prefix(at + 1);
            ++number_;
            continue;
        }
        left_.remove_prefix(at);
        at = 0;
        const bool comment = left_[0] == '#';
        const Step step = comment ? Step::End : parse(at);
        const size_t newline = left_.find('\n', at);
        newlines_ += newline == std::string_view::npos ? 0 : 1;
        left_.remove_prefix(newline == std::string_view::npos ? left_.size() : newline + 1);
        if (!comment) {
            return step;
        }
    }
}

InfluxParser::Step InfluxParser::parse(size_t& at) {
    line_.fields.clear();
    line_.strings_skipped = 0;
    reason_ = parse_key(at);
    if (reason_.empty()) {
        reason_ = parse_fields(at);
    }
    if (reason_.empty()) {
        reason_ = parse_timestamp(at);
    }
    return reason_.empty() ? Step::Line : Step::BadLine;
}

std::string InfluxParser::parse_key(size_t& at) {
    at = find_stop(left_, 0, kComma | kBlank);
    if (at == 0) {
        return "the measurement is missing";
    }
    while (at < left_.size() && left_[at] == ',') {
        const size_t name = at + 1;
        at = find_stop(left_, name, kEquals | kComma | kBlank);
        if (at == name || at_line_end(at) || left_[at] != '=') {
            return fmt::format("'=' is missing after tag '{}'",
                               left_.substr(name, std::min<size_t>(at - name, 60)));
        }
        const size_t value = at + 1;
        at = find_stop(left_, value, kComma | kBlank);
        if (at == value) {
            return fmt::format("tag '{}' has no value",
                               left_.substr(name, std::min<size_t>(value - 1 - name, 60)));
        }
    }
    line_.key = left_.substr(0, at);
    if (at_line_end(at)) {
        return "the fields are missing";
    }
    return {};
}

std::string InfluxParser::parse_fields(size_t& at) {
    at = std::min(left_.find_first_not_of(' ', at), left_.size());
    for (;;) {
        const size_t name = at;
        at = find_stop(left_, name, kEquals | kComma | kBlank);
        if (at == name) {
            return "a field's name is missing";
        }
        if (at_line_end(at) || left_[at] != '=') {
            return fmt::format("'=' is missing after field '{}'",
                               left_.substr(name, std::min<size_t>(at - name, 60)));
        }
        line_.fields.push_back({left_.substr(name, at - name), ValueType::Float, {}});
        ++at;
        if (std::string reason = parse_value(at); !reason.empty()) {
            return reason;
        }
        if (at_line_end(at) || left_[at] != ',') {
            return {};
        }
        ++at;
    }
}

std::string InfluxParser::parse_value(size_t& at) {
    if (at < left_.size() && left_[at] == '"') {
        line_.fields.pop_back();
        return parse_string(at);
    }
    InfluxField& field = line_.fields.back();
    const size_t begin = at;
    while (!at_line_end(at) && left_[at] != ',' && left_[at] != ' ') {
        ++at;
    }
    const std::string_view text = left_.substr(begin, at - begin);
    if (text.empty() || !parse_number(text, field)) {
        return fmt::format("field '{}' has the invalid value \"{}\"",
                           field.name.substr(0, 60),
                           text.substr(0, 60));
    }
    return {};
}

std::string InfluxParser::parse_string(size_t& at) {
    size_t newlines = 0;
    size_t end = at + 1;
    while (end < left_.size() && left_[end] != '"') {
        newlines += left_[end] == '\n' ? 1 : 0;
        end += left_[end] == '\\' && end + 1 < left_.size() && left_[end + 1] != '\n' ? 2 : 1;
    }
    if (end >= left_.size()) {
        return "the quotes of a text field are not closed";
    }
    at = end + 1;
    newlines_ += newlines;
    ++line_.strings_skipped;
    if (!at_line_end(at) && left_[at] != ',' && left_[at] != ' ') {
        return "unexpected text after a quoted field";
    }
    return {};
}

std::string InfluxParser::parse_timestamp(size_t& at) {
    at = std::min(left_.find_first_not_of(' ', at), left_.size());
    line_.has_timestamp = !at_line_end(at);
    if (!line_.has_timestamp) {
        return {};
    }
    const size_t begin = at;
    while (!at_line_end(at)) {
        ++at;
    }
    std::string_view text = left_.substr(begin, at - begin);
    text = text.substr(0, text.find_last_not_of(" \t") + 1);
    int64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end ||
        __builtin_mul_overflow(value, precision_ns_, &line_.timestamp)) {
        return fmt::format("invalid timestamp \"{}\"", text.substr(0, 60));
    }
    return {};
}

Result<int64_t> parse_influx_precision(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, int64_t>, 10> kUnits = {
        {{"", 1},
         {"n", 1},
         {"ns", 1},
         {"u", 1'000},
         {"us", 1'000},
         {"\xc2\xb5", 1'000},
         {"ms", 1'000'000},
         {"s", 1'000'000'000},
         {"m", 60'000'000'000},
         {"h", 3'600'000'000'000}}};
    for (const auto& [name, ns] : kUnits) {
        if (name == text) {
            return ns;
        }
    }
    return fail(ErrorCode::InvalidArgument,
                fmt::format("'{}' is no precision (ns, us, ms, s, m, h)", text.substr(0, 20)));
}

std::string unescape_influx(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    for (size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '\\' && i + 1 < raw.size() && is_one_of(raw[i + 1], kEscapable)) {
            ++i;
        }
        out += raw[i];
    }
    return out;
}

Result<InfluxKey> parse_influx_key(std::string_view key) {
    InfluxKey found;
    size_t at = find_stop(key, 0, kComma);
    found.measurement = unescape_influx(key.substr(0, at));
    if (found.measurement.empty()) {
        return fail(ErrorCode::InvalidArgument, "the measurement is missing");
    }
    while (at < key.size() && key[at] == ',') {
        const size_t name = at + 1;
        const size_t equals = find_stop(key, name, kEquals | kComma);
        if (equals >= key.size() || key[equals] != '=') {
            return fail(ErrorCode::InvalidArgument, "'=' is missing after a tag");
        }
        at = find_stop(key, equals + 1, kComma);
        found.tags.push_back({unescape_influx(key.substr(name, equals - name)),
                              unescape_influx(key.substr(equals + 1, at - equals - 1))});
    }
    return found;
}

}  // namespace cistern::store
