// SPDX-License-Identifier: MIT
#include "store/model/line_protocol.h"

#include "store/model/number_text.h"
#include "store/model/series_key.h"
#include "store/model/time_text.h"
#include "store/model/trim.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>

namespace cistern::store {
namespace {

std::string_view word(std::string_view text) {
    size_t at = 0;
    while (at < text.size() && !is_blank(text[at])) {
        ++at;
    }
    return text.substr(0, at);
}

// 19 digits as a program writes unix ns: the one form worth a short cut.
bool parse_unix_ns(std::string_view text, TimestampNs& time) {
    if (text.empty() || text.size() > 18 + 1) {
        return false;
    }
    uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + static_cast<uint64_t>(c - '0');
    }
    time = static_cast<TimestampNs>(value);
    return value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
}

}  // namespace

LineParser::Step LineParser::bad(std::string reason) {
    reason_ = std::move(reason);
    return Step::BadLine;
}

LineParser::Step LineParser::next() {
    while (!left_.empty()) {
        const void* newline = std::memchr(left_.data(), '\n', left_.size());
        const size_t size =
            newline == nullptr
                ? left_.size()
                : static_cast<size_t>(static_cast<const char*>(newline) - left_.data());
        const std::string_view line = trim_front(trim_back(left_.substr(0, size)));
        left_.remove_prefix(newline == nullptr ? size : size + 1);
        ++number_;
        if (!line.empty() && line[0] != '#') {
            return parse(line);
        }
    }
    return Step::End;
}

LineParser::Step LineParser::parse(std::string_view line) {
    line_.number = number_;
    line_.database = {};
    const size_t end = series_key_end(line);
    if (end == std::string_view::npos) {
        return bad("the label braces or quotes are not closed");
    }
    line_.key = line.substr(0, end);
    const size_t slash = line_.key.find_first_of("/{");
    if (slash != std::string_view::npos && line_.key[slash] == '/') {
        line_.database = line_.key.substr(0, slash);
        line_.key.remove_prefix(slash + 1);
        if (line_.database.empty()) {
            return bad("the database's name before '/' is empty");
        }
    }
    if (line_.key.empty()) {
        return bad("the metric name is missing");
    }
    const std::string_view rest = trim_front(line.substr(end));
    const std::string_view value = word(rest);
    if (value.empty()) {
        return bad("the value is missing");
    }
    if (end < line.size() && !is_blank(line[end])) {
        return bad("a blank is missing before the value");
    }
    const auto number = parse_number_text(value);
    if (!number) {
        return bad(fmt::format("invalid numeric value \"{}\"", value.substr(0, 60)));
    }
    line_.type = number->type;
    line_.value = number->value;
    const std::string_view time = trim_front(rest.substr(value.size()));
    line_.has_timestamp = !time.empty();
    if (line_.has_timestamp && !parse_unix_ns(time, line_.timestamp)) {
        auto parsed = parse_line_time(time, now_ns_);
        if (!parsed.has_value()) {
            return bad(std::move(parsed.error().message));
        }
        line_.timestamp = *parsed;
    }
    return Step::Line;
}

LinePrinter::LinePrinter(std::string_view database,
                         const Labels& labels,
                         ValueType type,
                         TimeStyle style)
    : type_(type), style_(style) {
    if (!database.empty()) {
        prefix_ = database;
        prefix_ += '/';
    }
    append_series_key(prefix_, labels);
    prefix_ += ' ';
}

void LinePrinter::append(std::string& out, TimestampNs timestamp, ValueBits value) const {
    out += prefix_;
    append_number_text(out, type_, value);
    out += ' ';
    if (style_ == TimeStyle::Text) {
        append_time(out, timestamp);
    } else {
        fmt::format_to(std::back_inserter(out), "{}", timestamp);
    }
    out += '\n';
}

}  // namespace cistern::store
