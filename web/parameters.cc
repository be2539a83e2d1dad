// SPDX-License-Identifier: MIT
#include "web/parameters.h"

#include <fmt/format.h>

namespace cistern::web {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '+' && plus_is_space) {
            decoded += ' ';
            continue;
        }
        if (c != '%') {
            decoded += c;
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("invalid URL escape \"{}\"", text.substr(i, 3)));
        }
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

Result<Parameters> Parameters::parse(std::string_view form) {
    Parameters parameters;
    while (!form.empty()) {
        const size_t end = form.find('&');
        const std::string_view pair = form.substr(0, end);
        form = end == std::string_view::npos ? std::string_view{} : form.substr(end + 1);
        if (pair.empty()) continue;
        if (parameters.all_.size() == kParametersMax) {
            return fail(ErrorCode::ResourceExhausted,
                        fmt::format("more than {} parameters", kParametersMax));
        }
        const size_t equals = pair.find('=');
        std::string name = TRY(percent_decode(pair.substr(0, equals), true));
        std::string value;
        if (equals != std::string_view::npos) {
            value = TRY(percent_decode(pair.substr(equals + 1), true));
        }
        parameters.add(std::move(name), std::move(value));
    }
    return parameters;
}

void Parameters::append(const Parameters& other) {
    all_.insert(all_.end(), other.all_.begin(), other.all_.end());
}

std::optional<std::string_view> Parameters::find(std::string_view name) const {
    for (const auto& [key, value] : all_) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::vector<std::string_view> Parameters::get_all(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const auto& [key, value] : all_) {
        if (key == name) found.emplace_back(value);
    }
    return found;
}

}  // namespace cistern::web
