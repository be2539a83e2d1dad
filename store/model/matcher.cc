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

// In the words of Go's regexp package, which Prometheus' users know.
std::string_view reason_of(const re2::RE2& regex) {
    switch (regex.error_code()) {
        case re2::RE2::ErrorBadEscape: return "invalid escape sequence";
        case re2::RE2::ErrorBadCharClass: return "invalid character class";
        case re2::RE2::ErrorBadCharRange: return "invalid character class range";
        case re2::RE2::ErrorMissingBracket: return "missing closing ]";
        case re2::RE2::ErrorMissingParen: return "missing closing )";
        case re2::RE2::ErrorUnexpectedParen: return "unexpected )";
        case re2::RE2::ErrorTrailingBackslash: return "trailing backslash at end of expression";
        case re2::RE2::ErrorRepeatArgument: return "missing argument to repetition operator";
        case re2::RE2::ErrorRepeatSize: return "invalid repeat count";
        case re2::RE2::ErrorRepeatOp: return "invalid nested repetition operator";
        case re2::RE2::ErrorBadPerlOp: return "invalid or unsupported Perl syntax";
        case re2::RE2::ErrorBadUTF8: return "invalid UTF-8";
        case re2::RE2::ErrorBadNamedCapture: return "invalid named capture";
        default: return "pattern too large - compile failed";
    }
}

// \C matches a single byte; Go does not know it, and it would cut UTF-8 apart.
bool has_byte_escape(std::string_view regex) {
    for (size_t i = 0; i + 1 < regex.size(); ++i) {
        if (regex[i] == '\\' && regex[++i] == 'C') {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string_view text_of(MatchOp op) {
    switch (op) {
        case MatchOp::Equal: return "=";
        case MatchOp::NotEqual: return "!=";
        case MatchOp::Regex: return "=~";
        case MatchOp::NotRegex: return "!~";
    }
    return "=";
}

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
    if (has_byte_escape(matcher.value_)) {
        return fail(ErrorCode::InvalidArgument,
                    "error parsing regexp: invalid escape sequence: `\\C`");
    }
    matcher.alternatives_ = literal_alternatives(matcher.value_);
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(false);
    options.set_max_mem(kRegexMemoryBytesMax);
    auto regex = std::make_shared<const re2::RE2>("^(?:" + matcher.value_ + ")$", options);
    if (!regex->ok()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("error parsing regexp: {}: `{}`", reason_of(*regex), regex->error_arg()));
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
    return fmt::format("{}{}\"{}\"", label_, text_of(op_), quoted);
}

}  // namespace cistern::store
