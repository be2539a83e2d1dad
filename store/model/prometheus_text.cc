// SPDX-License-Identifier: MIT
#include "store/model/prometheus_text.h"

#include "store/model/number_text.h"
#include "store/model/series_key.h"
#include "store/model/time_text.h"
#include "store/model/trim.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace cistern::store {
namespace {

constexpr std::array<std::string_view, 9> kTypes = {"counter",
                                                    "gauge",
                                                    "histogram",
                                                    "summary",
                                                    "untyped",
                                                    "unknown",
                                                    "gaugehistogram",
                                                    "stateset",
                                                    "info"};

// The next blank-separated word, removed from `text` together with the blanks after it.
std::string_view take_word(std::string_view& text) {
    size_t at = 0;
    while (at < text.size() && !is_blank(text[at])) {
        ++at;
    }
    const std::string_view word = text.substr(0, at);
    text = trim_front(text.substr(at));
    return word;
}

// Milliseconds as programs write them, when they are not beyond what ns can hold.
bool parse_milliseconds(std::string_view text, TimestampNs& time) {
    if (text.empty() || text.size() > 12 + 1) {
        return false;
    }
    int64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    return !__builtin_mul_overflow(value, int64_t{1'000'000}, &time);
}

}  // namespace

PrometheusParser::Step PrometheusParser::bad(std::string reason) {
    reason_ = std::move(reason);
    return Step::BadLine;
}

PrometheusParser::Step PrometheusParser::next() {
    while (!left_.empty()) {
        const void* newline = std::memchr(left_.data(), '\n', left_.size());
        const size_t size =
            newline == nullptr
                ? left_.size()
                : static_cast<size_t>(static_cast<const char*>(newline) - left_.data());
        const std::string_view line = trim_front(trim_back(left_.substr(0, size)));
        left_.remove_prefix(newline == nullptr ? size : size + 1);
        ++number_;
        if (line.empty()) {
            continue;
        }
        if (line[0] != '#') {
            return parse_sample(line);
        }
        Step step = Step::Metadata;
        if (parse_comment(line, step)) {
            return step;
        }
    }
    return Step::End;
}

bool PrometheusParser::parse_comment(std::string_view line, Step& step) {
    std::string_view rest = trim_front(line.substr(1));
    const std::string_view word = take_word(rest);
    if (word == "TYPE") {
        metadata_.kind = PrometheusMetadata::Kind::Type;
    } else if (word == "HELP") {
        metadata_.kind = PrometheusMetadata::Kind::Help;
    } else if (word == "UNIT") {
        metadata_.kind = PrometheusMetadata::Kind::Unit;
    } else {
        return false;
    }
    metadata_.metric = take_word(rest);
    if (metadata_.metric.size() > 2 && metadata_.metric.front() == '"' &&
        metadata_.metric.back() == '"') {
        metadata_.metric = metadata_.metric.substr(1, metadata_.metric.size() - 2);
    }
    metadata_.text = rest;
    step = Step::Metadata;
    if (metadata_.metric.empty()) {
        step = bad(fmt::format("# {} names no metric", word));
    } else if (metadata_.kind == PrometheusMetadata::Kind::Type &&
               std::find(kTypes.begin(), kTypes.end(), rest) == kTypes.end()) {
        step = bad(fmt::format("invalid metric type \"{}\"", rest.substr(0, 60)));
    }
    return true;
}

PrometheusParser::Step PrometheusParser::parse_sample(std::string_view line) {
    const size_t end = series_key_end(line);
    if (end == std::string_view::npos) {
        return bad("the label braces or quotes are not closed");
    }
    if (end == 0) {
        return bad("the metric name is missing");
    }
    sample_.key = line.substr(0, end);
    std::string_view rest = trim_front(line.substr(end));
    const std::string_view value = take_word(rest);
    if (value.empty()) {
        return bad("the value is missing");
    }
    const auto number = parse_float_text(value);
    if (!number) {
        return bad(fmt::format("invalid numeric value \"{}\"", value.substr(0, 60)));
    }
    sample_.value = *number;
    const std::string_view time =
        rest.empty() || rest[0] == '#' ? std::string_view() : take_word(rest);
    if (!rest.empty() && rest[0] != '#') {
        return bad("unexpected text after the timestamp");
    }
    sample_.has_timestamp = !time.empty();
    const bool in_milliseconds = timestamps_ == Timestamps::Milliseconds;
    if (time.empty() || (in_milliseconds && parse_milliseconds(time, sample_.timestamp))) {
        return Step::Sample;
    }
    const bool whole = time.find('.') == std::string_view::npos;
    const auto parsed = parse_unix_time(
        time, in_milliseconds && whole ? NumberUnit::Milliseconds : NumberUnit::Seconds);
    if (!parsed) {
        return bad(fmt::format("invalid timestamp \"{}\"", time.substr(0, 60)));
    }
    sample_.timestamp = *parsed;
    return Step::Sample;
}

std::string unescape_help(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const char after = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
        if (after == 'n' || after == '\\') {
            out += after == 'n' ? '\n' : '\\';
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace cistern::store
