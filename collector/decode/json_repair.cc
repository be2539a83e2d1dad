// SPDX-License-Identifier: MIT
// A second look at JSON that the parser refused. Only a payload that fails pays for it.
#include "collector/decode/json.h"
#include "store/model/labels.h"

#include <array>
#include <cmath>
#include <cstdlib>

namespace cistern::collector {
namespace {

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The value of the \uXXXX at `at`, or -1.
int escape_at(std::string_view text, size_t at) {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') {
        return -1;
    }
    int value = 0;
    for (size_t i = at + 2; i < at + 6; ++i) {
        if (!is_hex(text[i])) {
            return -1;
        }
        const char c = static_cast<char>(text[i] | 0x20);
        value = value * 16 + (is_digit(text[i]) ? text[i] - '0' : c - 'a' + 10);
    }
    return value;
}

bool is_high_surrogate(int unit) {
    return unit >= 0xd800 && unit <= 0xdbff;
}
bool is_low_surrogate(int unit) {
    return unit >= 0xdc00 && unit <= 0xdfff;
}

class Repair {
  public:
    explicit Repair(std::string_view in) : in_(in) { out_.reserve(in.size() + 16); }

    bool run() {
        while (at_ < in_.size()) {
            if (in_string_) {
                take_in_string();
            } else {
                take_outside();
            }
        }
        return changed_;
    }
    std::string take() { return std::move(out_); }

  private:
    void copy(size_t count) {
        out_.append(in_.substr(at_, count));
        at_ += count;
    }
    void replace(size_t count, std::string_view with) {
        out_.append(with);
        at_ += count;
        changed_ = true;
    }

    void take_in_string() {
        const auto c = static_cast<unsigned char>(in_[at_]);
        if (c == '\\') {
            take_escape();
        } else if (c == '"') {
            in_string_ = false;
            copy(1);
        } else if (c < 0x20) {
            replace(1, " ");
        } else if (c < 0x80) {
            copy(1);
        } else {
            take_multibyte();
        }
    }

    void take_escape() {
        const int unit = escape_at(in_, at_);
        if (unit < 0) {
            copy(std::min<size_t>(2, in_.size() - at_));
        } else if (is_high_surrogate(unit) && is_low_surrogate(escape_at(in_, at_ + 6))) {
            copy(12);
        } else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
            replace(6, "\\ufffd");
        } else {
            copy(6);
        }
    }

    void take_multibyte() {
        for (size_t length = 2; length <= 4 && at_ + length <= in_.size(); ++length) {
            if (store::is_valid_utf8(in_.substr(at_, length))) {
                copy(length);
                return;
            }
        }
        replace(1, "\xef\xbf\xbd");
    }

    void take_outside() {
        static constexpr std::array<std::string_view, 5> kNotNumbers = {
            "-Infinity", "Infinity", "-NaN", "NaN", "nan"};
        const char c = in_[at_];
        const char before = out_.empty() ? ' ' : out_.back();
        const bool starts_token = before == ':' || before == '[' || before == ',' ||
                                  before == ' ' || before == '\n' || before == '\t' ||
                                  before == '\r';
        if (starts_token) {
            for (const std::string_view word : kNotNumbers) {
                if (in_.substr(at_, word.size()) == word && ends_token(at_ + word.size())) {
                    replace(word.size(), "null");
                    return;
                }
            }
        }
        if (starts_token && (is_digit(c) || c == '-')) {
            take_number();
            return;
        }
        in_string_ = c == '"';
        copy(1);
    }

    [[nodiscard]] bool ends_token(size_t at) const {
        return at >= in_.size() ||
               std::string_view(",]} \t\r\n").find(in_[at]) != std::string_view::npos;
    }

    // An integer of more than 18 digits may not fit 64 bits: read it as a double. A number beyond
    // double becomes a text, which is refused alone.
    void take_number() {
        const size_t token =
            std::min(in_.find_first_not_of("+-.0123456789eE", at_), in_.size()) - at_;
        constexpr size_t kTokenMax = 400;
        if (token < kTokenMax && ends_token(at_ + token)) {
            const std::string text(in_.substr(at_, token));
            if (std::isinf(std::strtod(text.c_str(), nullptr))) {
                replace(token, '"' + text + '"');
                return;
            }
        }
        size_t end = at_ + 1;
        while (end < in_.size() && is_digit(in_[end])) {
            ++end;
        }
        const bool long_integer = end - at_ > 18 && ends_token(end);
        copy(end - at_);
        if (long_integer) {
            out_ += ".0";
            changed_ = true;
        }
    }

    std::string_view in_;
    std::string out_;
    size_t at_ = 0;
    bool in_string_ = false;
    bool changed_ = false;
};

}  // namespace

bool repair_json(std::string& text) {
    Repair repair(text);
    const bool changed = repair.run();
    if (changed) {
        text = repair.take();
    }
    return changed;
}

}  // namespace cistern::collector
