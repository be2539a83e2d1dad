// SPDX-License-Identifier: MIT
#include "web/seed_selector.h"

#include "store/model/labels.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::web {

std::optional<SeedSelector> split_seed_selector(std::string_view query) {
    const size_t slash = query.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view database = query.substr(0, slash);
    const std::string_view metric = query.substr(slash + 1);
    const auto begins = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
    };
    const auto goes_on = [&](char c) {
        return begins(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '/';
    };
    if (metric.empty() || !begins(metric.front()) ||
        !std::all_of(metric.begin(), metric.end(), goes_on)) {
        return std::nullopt;
    }
    if (!store::validate_database_name(database)) return std::nullopt;
    return SeedSelector{std::string(database), fmt::format("{{\"{}\"}}", metric)};
}

}  // namespace cistern::web
