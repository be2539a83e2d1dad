// SPDX-License-Identifier: MIT
#include "store/model/series_key.h"

#include <fmt/format.h>

#include <array>

namespace cistern::store {
namespace {

enum CharClass : uint8_t {
    kLabelStart = 1,
    kLabelPart = 2,
    kMetricStart = 4,
    kMetricPart = 8,
    kLinePart = 16,
    kEnd = 32
};

constexpr std::array<uint8_t, 256> make_classes() {
    std::array<uint8_t, 256> table{};
    for (size_t c = 0; c < table.size(); ++c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        const bool digit = c >= '0' && c <= '9';
        unsigned bits = 0;
        if (letter) {
            bits |= kLabelStart;
        }
        if (letter || digit) {
            bits |= kLabelPart;
        }
        if (letter || c == ':') {
            bits |= kMetricStart;
        }
        if (letter || digit || c == ':') {
            bits |= kMetricPart | kLinePart;
        }
        if (c == '.' || c == '-' || c == '/') {
            bits |= kLinePart;
        }
        if (c == ' ' || c == '\t' || c == '{' || c == '\r' || c == '\n') {
            bits |= kEnd;
        }
        table[c] = static_cast<uint8_t>(bits);
    }
    return table;
}
constexpr auto kClasses = make_classes();

bool in_class(char c, uint8_t mask) {
    return (kClasses[static_cast<unsigned char>(c)] & mask) != 0;
}

bool is_bare(std::string_view name, uint8_t start, uint8_t part) {
    if (name.empty() || !in_class(name[0], start)) {
        return false;
    }
    for (const char c : name) {
        if (!in_class(c, part)) {
            return false;
        }
    }
    return true;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

class KeyParser {
  public:
    KeyParser(std::string_view key, KeyDialect dialect) : key_(key), dialect_(dialect) {}

    Result<Labels> parse() {
        const size_t brace = key_.find('{');
        const std::string_view name = trim(key_.substr(0, brace));
        if (!name.empty()) {
            TRY(set_bare_metric(name));
        }
        if (brace != std::string_view::npos) {
            at_ = brace + 1;
            TRY(parse_braces());
        }
        if (!has_metric_) {
            return fail(ErrorCode::InvalidArgument, "the metric name is missing");
        }
        Labels labels(std::move(labels_));
        TRY(validate_labels(labels));
        return labels;
    }

  private:
    static std::string_view trim(std::string_view text) {
        while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
            text.remove_suffix(1);
        }
        return text;
    }

    [[nodiscard]] bool more() const { return at_ < key_.size(); }
    void skip_space() {
        while (more() && (key_[at_] == ' ' || key_[at_] == '\t')) {
            ++at_;
        }
    }

    Status set_bare_metric(std::string_view name) {
        const uint8_t part = dialect_ == KeyDialect::LineProtocol ? kLinePart : kMetricPart;
        if (!is_bare(name, kMetricStart, part)) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("'{}' is no metric name", name.substr(0, 80)));
        }
        return add(kMetricNameLabel, std::string(name));
    }

    Status add(std::string_view name, std::string value) {
        for (const Label& label : labels_) {
            if (label.name == name) {
                return fail(ErrorCode::InvalidArgument,
                            name == kMetricNameLabel
                                ? std::string("the metric is named twice")
                                : fmt::format("label '{}' is given twice", name));
            }
        }
        if (labels_.size() > kLabelCountMax) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("more than {} labels", kLabelCountMax));
        }
        has_metric_ = has_metric_ || (name == kMetricNameLabel && !value.empty());
        labels_.push_back({std::string(name), std::move(value)});
        return {};
    }

    Status parse_braces() {
        for (;;) {
            skip_space();
            if (!more()) {
                return fail(ErrorCode::InvalidArgument, "the label braces are not closed");
            }
            if (key_[at_] == '}') {
                ++at_;
                break;
            }
            TRY(parse_label());
            skip_space();
            if (more() && key_[at_] == ',') {
                ++at_;
            } else if (!more() || key_[at_] != '}') {
                return fail(ErrorCode::InvalidArgument, "labels must be separated by ','");
            }
        }
        skip_space();
        if (more()) {
            return fail(ErrorCode::InvalidArgument, "unexpected text after the label braces");
        }
        return {};
    }

    Status parse_label() {
        std::string name;
        const bool quoted = key_[at_] == '"';
        if (quoted) {
            name = TRY(parse_quoted("a quoted name"));
            skip_space();
            if (!more() || key_[at_] != '=') {
                return add(kMetricNameLabel, std::move(name));
            }
        } else {
            const size_t begin = at_;
            while (more() && in_class(key_[at_], kLabelPart)) {
                ++at_;
            }
            name = key_.substr(begin, at_ - begin);
            if (!is_bare(name, kLabelStart, kLabelPart)) {
                return fail(
                    ErrorCode::InvalidArgument,
                    fmt::format("a label name is expected at '{}'", key_.substr(begin, 20)));
            }
            skip_space();
            if (!more() || key_[at_] != '=') {
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("'=' is missing after label '{}'", name));
            }
        }
        ++at_;
        skip_space();
        if (!more() || key_[at_] != '"') {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("the value of label '{}' must be quoted", name));
        }
        return add(name, TRY(parse_quoted(name)));
    }

    Result<std::string> parse_quoted(std::string_view of) {
        std::string value;
        ++at_;
        while (more() && key_[at_] != '"') {
            const size_t plain = std::min(key_.find_first_of("\"\\", at_), key_.size());
            value.append(key_, at_, plain - at_);
            at_ = plain;
            if (more() && key_[at_] == '\\') {
                TRY(parse_escape(value));
            }
        }
        if (!more()) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("the quotes of '{}' are not closed", of));
        }
        ++at_;
        return value;
    }

    Status parse_escape(std::string& value) {
        const char c = at_ + 1 < key_.size() ? key_[at_ + 1] : '\0';
        at_ += 2;
        switch (c) {
            case 'n':
                value += '\n';
                return {};
            case '"':
            case '\\':
                value += c;
                return {};
            default:
                break;
        }
        if (dialect_ == KeyDialect::Prometheus && c != '\0') {
            value += '\\';
            value += c;
            return {};
        }
        if (c == 'r' || c == 't') {
            value += c == 'r' ? '\r' : '\t';
            return {};
        }
        if (c == 'x' && at_ + 2 <= key_.size()) {
            const int high = hex_digit(key_[at_]);
            const int low = hex_digit(key_[at_ + 1]);
            at_ += 2;
            if (high >= 0 && low >= 0) {
                value += static_cast<char>(high * 16 + low);
                return {};
            }
        }
        return fail(ErrorCode::InvalidArgument, "unknown escape sequence in a quoted label");
    }

    std::string_view key_;
    KeyDialect dialect_;
    size_t at_ = 0;
    bool has_metric_ = false;
    std::vector<Label> labels_;
};

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20 || byte == 0x7f) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace

Result<Labels> parse_series_key(std::string_view key, KeyDialect dialect) {
    return KeyParser(key, dialect).parse();
}

void append_series_key(std::string& out, const Labels& labels) {
    const std::string_view metric = labels.metric();
    const bool bare = is_bare(metric, kMetricStart, kLinePart);
    if (bare) {
        out += metric;
    }
    bool open = false;
    const auto separate = [&] {
        out += open ? ',' : '{';
        open = true;
    };
    if (!bare) {
        separate();
        append_quoted(out, metric);
    }
    for (const Label& label : labels.all()) {
        if (label.name == kMetricNameLabel) {
            continue;
        }
        separate();
        if (is_bare(label.name, kLabelStart, kLabelPart)) {
            out += label.name;
        } else {
            append_quoted(out, label.name);
        }
        out += '=';
        append_quoted(out, label.value);
    }
    if (open) {
        out += '}';
    }
}

size_t series_key_end(std::string_view text) {
    size_t at = 0;
    while (at < text.size() && !in_class(text[at], kEnd)) {
        ++at;
    }
    // Prometheus allows blanks before the braces.
    size_t brace = at;
    while (brace < text.size() && (text[brace] == ' ' || text[brace] == '\t')) {
        ++brace;
    }
    if (brace == text.size() || text[brace] != '{') {
        return at;
    }
    at = brace;
    // Inside the braces only quotes hide a closing brace.
    bool quoted = false;
    for (++at; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') {
            quoted = !quoted;
        } else if (c == '\\' && quoted) {
            ++at;
        } else if (c == '}' && !quoted) {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

}  // namespace cistern::store
