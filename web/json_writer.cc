// SPDX-License-Identifier: MIT
#include "web/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

namespace cistern::web {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// Bytes of the UTF-8 sequence at the start of text; 0 when it is not valid (RFC 3629).
size_t sequence_bytes(std::string_view text) {
    const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
    const auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
    const uint8_t lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        if (!continues(1) || !continues(2)) return 0;
        if (lead == 0xe0 && byte(1) < 0xa0) return 0;
        return lead == 0xed && byte(1) > 0x9f ? 0 : 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        if (lead == 0xf0 && byte(1) < 0x90) return 0;
        return lead == 0xf4 && byte(1) > 0x8f ? 0 : 4;
    }
    return 0;
}

bool is_plain(char c) {
    const auto byte = static_cast<uint8_t>(c);
    return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

void append_escape(std::string& out, char c) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    const auto byte = static_cast<uint8_t>(c);
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
}

void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        size_t plain = 0;
        while (plain < text.size() && is_plain(text[plain]))
            ++plain;
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) return;
        if (static_cast<uint8_t>(text.front()) < 0x80) {
            append_escape(out, text.front());
            text.remove_prefix(1);
            continue;
        }
        const size_t bytes = sequence_bytes(text);
        out += bytes == 0 ? kReplacement : text.substr(0, bytes);
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
}

template <class Number>
void append_number(std::string& out, Number value) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), end.ptr);
}

}  // namespace

void JsonWriter::key(std::string_view name) {
    separate();
    out_ += '"';
    append_escaped(out_, name);
    out_ += "\":";
    comma_ = false;
}

void JsonWriter::string(std::string_view text) {
    separate();
    out_ += '"';
    append_escaped(out_, text);
    out_ += '"';
}

void JsonWriter::plain_string(std::string_view text) {
    separate();
    out_ += '"';
    out_ += text;
    out_ += '"';
}

void JsonWriter::integer(int64_t value) {
    separate();
    append_number(out_, value);
}

void JsonWriter::unsigned_integer(uint64_t value) {
    separate();
    append_number(out_, value);
}

void JsonWriter::number(double value) {
    separate();
    if (!std::isfinite(value)) {
        out_ += "null";
        return;
    }
    append_number(out_, value);
}

void JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
}

void JsonWriter::time_ms(int64_t milliseconds) {
    separate();
    if (milliseconds < 0) out_ += '-';
    const uint64_t magnitude = milliseconds < 0 ? ~static_cast<uint64_t>(milliseconds) + 1
                                                : static_cast<uint64_t>(milliseconds);
    append_number(out_, magnitude / 1000);
    const auto fraction = static_cast<unsigned>(magnitude % 1000);
    if (fraction == 0) return;
    out_ += '.';
    out_ += static_cast<char>('0' + fraction / 100);
    out_ += static_cast<char>('0' + fraction / 10 % 10);
    out_ += static_cast<char>('0' + fraction % 10);
}

}  // namespace cistern::web
