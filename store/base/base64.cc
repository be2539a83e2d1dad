// SPDX-License-Identifier: MIT
#include "store/base/base64.h"

#include <algorithm>
#include <cstdint>

namespace cistern {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// -1 = not a digit.
int digit_value(char c) {
    if (c == '-') {
        return 62;
    }
    if (c == '_') {
        return 63;
    }
    const size_t at = kDigits.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (size_t at = 0; at < bytes.size(); at += 3) {
        const size_t left = std::min<size_t>(3, bytes.size() - at);
        uint32_t group = 0;
        for (size_t i = 0; i < 3; ++i) {
            group = group << 8 | (i < left ? static_cast<uint8_t>(bytes[at + i]) : 0U);
        }
        for (size_t i = 0; i < 4; ++i) {
            text += i <= left ? kDigits[group >> (18 - 6 * i) & 63] : '=';
        }
    }
    return text;
}

Result<std::string> decode_base64(std::string_view text) {
    while (text.ends_with('=') || text.ends_with('\n') || text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    std::string bytes;
    uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == '\n' || c == '\r') {
            continue;
        }
        const int value = digit_value(c);
        if (value < 0) {
            return fail(ErrorCode::InvalidArgument, "not base64");
        }
        bits = bits << 6 | static_cast<uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xff);
        }
    }
    return bytes;
}

}  // namespace cistern
