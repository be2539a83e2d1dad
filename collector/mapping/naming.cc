// SPDX-License-Identifier: MIT
#include "collector/mapping/naming.h"

#include <algorithm>
#include <utility>

namespace cistern::collector {
namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr std::pair<std::string_view, std::string_view> kSuffixes[] = {
    {"°C", "_celsius"},       {"C", "_celsius"},
    {"°F", "_fahrenheit"},    {"%", "_percent"},
    {"W", "_watts"},          {"kW", "_kilowatts"},
    {"Wh", "_watt_hours"},    {"kWh", "_kilowatt_hours"},
    {"V", "_volts"},          {"mV", "_millivolts"},
    {"A", "_amperes"},        {"mA", "_milliamperes"},
    {"Hz", "_hertz"},         {"Pa", "_pascals"},
    {"hPa", "_hectopascals"}, {"s", "_seconds"},
    {"ms", "_milliseconds"},  {"m", "_meters"},
    {"m³", "_cubic_meters"},  {"B", "_bytes"},
    {"lx", "_lux"},           {"dBm", "_dbm"},
    {"ppm", "_ppm"},          {"ratio", "_ratio"}};

}  // namespace

bool append_snake(std::string_view text, std::string& out) {
    bool lost = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_upper(c)) {
            const char before = i > 0 ? text[i - 1] : '_';
            const char after = i + 1 < text.size() ? text[i + 1] : '_';
            if (is_lower(before) || (is_upper(before) && is_lower(after))) {
                out += '_';
            }
            out += static_cast<char>(c + 32);
        } else if (is_lower(c) || is_digit(c)) {
            out += c;
        } else {
            lost |= static_cast<unsigned char>(c) >= 0x80;
            out += '_';
        }
    }
    return lost;
}

void finish_name(std::string& name) {
    size_t kept = 0;
    for (const char c : name) {
        if (c != '_' || (kept > 0 && name[kept - 1] != '_')) {
            name[kept++] = c;
        }
    }
    if (kept > 0 && name[kept - 1] == '_') {
        --kept;
    }
    name.resize(kept);
    if (name.empty()) {
        name = "value";
    } else if (is_digit(name[0])) {
        name.insert(name.begin(), '_');
    }
}

std::string snake(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 8);
    append_snake(text, out);
    finish_name(out);
    return out;
}

bool glob_match(std::string_view glob, std::string_view text) {
    size_t g = 0;
    size_t t = 0;
    size_t star = std::string_view::npos;
    size_t retry = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            retry = t;
        } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
            ++g;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++retry;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*') {
        ++g;
    }
    return g == glob.size();
}

std::string_view prometheus_suffix(std::string_view unit) {
    for (const auto& [name, suffix] : kSuffixes) {
        if (name == unit) {
            return suffix;
        }
    }
    return {};
}

uint64_t hash_text(std::string_view text) {
    return std::hash<std::string_view>{}(text);
}

bool speaks_of_presence(std::string_view snaked) {
    constexpr std::string_view kWords[] = {"state",
                                           "status",
                                           "lwt",
                                           "online",
                                           "available",
                                           "availability",
                                           "alive",
                                           "connection",
                                           "connected",
                                           "will",
                                           "presence",
                                           "link"};
    return std::any_of(std::begin(kWords), std::end(kWords), [&](std::string_view word) {
        return snaked.find(word) != std::string_view::npos;
    });
}

}  // namespace cistern::collector
