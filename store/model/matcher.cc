// SPDX-License-Identifier: MIT
#include "store/model/matcher.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

namespace cistern::store {
namespace {

constexpr size_t kRegexBytesMax = 16 * 1024;
constexpr int64_t kRegexMemoryBytesMax = 8 << 20;

// a|b|c with no other operator, as dashboards write it.
std::vector<std::string> literal_alternatives(std::string_view regex) {
    if (regex.empty() || regex.find_first_of("\\.+*?()[]{}^$") != std::string_view::npos) {
        return {};
    }
    std::vector<std::string> found;
    for (size_t begin = 0;;) {
        const size_t end = regex.find('|', begin);
        found.emplace_back(regex.substr(begin, end - begin));
        if (end == std::string_view::npos) {
            return found;
        }
        begin = end + 1;
    }
}

std::string_view op_text(MatchOp op) {
    switch (op) {
        case MatchOp::Equal: return "=";
        case MatchOp::NotEqual: return "!=";
        case MatchOp::Regex: return "=~";
        case MatchOp::NotRegex: return "!~";
    }
    return "=";
}

}  // namespace

Matcher::Matcher(std::string label, MatchOp op, std::string value)
    : label_(std::move(label)), op_(op), value_(std::move(value)) {}

Matcher Matcher::equal(std::string label, std::string value) {
    return {std::move(label), MatchOp::Equal, std::move(value)};
}

Result<Matcher> Matcher::create(std::string label, MatchOp op, std::string value) {
    Matcher matcher(std::move(label), op, std::move(value));
    if (op == MatchOp::Equal || op == MatchOp::NotEqual) {
        return matcher;
    }
    if (matcher.value_.size() > kRegexBytesMax) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("regular expression is longer than {} bytes", kRegexBytesMax));
    }
    matcher.alternatives_ = literal_alternatives(matcher.value_);
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    options.set_max_mem(kRegexMemoryBytesMax);
    auto regex = std::make_shared<const re2::RE2>("^(?:" + matcher.value_ + ")$", options);
    if (!regex->ok()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("error parsing regexp: {}: `{}`", regex->error(), regex->error_arg()));
    }
    matcher.regex_ = std::move(regex);
    return matcher;
}

bool Matcher::matches(std::string_view value) const {
    switch (op_) {
        case MatchOp::Equal: return value == value_;
        case MatchOp::NotEqual: return value != value_;
        case MatchOp::Regex:
        case MatchOp::NotRegex: break;
    }
    bool found = false;
    if (!alternatives_.empty()) {
        found = std::find(alternatives_.begin(), alternatives_.end(), value) != alternatives_.end();
    } else {
        found = re2::RE2::FullMatch({value.data(), value.size()}, *regex_);
    }
    return found == (op_ == MatchOp::Regex);
}

std::string Matcher::to_string() const {
    std::string quoted;
    for (const char c : value_) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return fmt::format("{}{}\"{}\"", label_, op_text(op_), quoted);
}

}  // namespace cistern::store
