// SPDX-License-Identifier: MIT
#include "web/router.h"

#include "store/base/assert.h"

#include <algorithm>
#include <optional>

namespace cistern::web {
namespace {

using PathValues = std::vector<std::pair<std::string_view, std::string>>;

std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(1);  // the slash
    const size_t end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
    return segment;
}

std::optional<PathValues> match_pattern(std::string_view pattern, std::string_view path) {
    PathValues values;
    while (!pattern.empty() && !path.empty()) {
        const std::string_view expected = next_segment(pattern);
        auto given = percent_decode(next_segment(path), false);
        if (!given) return std::nullopt;
        if (expected.starts_with('{')) {
            if (given->empty()) return std::nullopt;
            values.emplace_back(expected.substr(1, expected.size() - 2), *std::move(given));
        } else if (expected != *given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return values;
}

}  // namespace

void Router::add(Route route) {
    CISTERN_ASSERT(route.pattern.starts_with('/') && route.handler != nullptr);
    for (Route& existing : routes_) {
        if (existing.method == route.method && existing.pattern == route.pattern) {
            existing = std::move(route);
            return;
        }
    }
    routes_.push_back(std::move(route));
}

void Router::get(std::string pattern, Role role, Handler handler) {
    add({Method::Get, std::move(pattern), role, std::move(handler)});
}

void Router::get_or_post(std::string pattern, Role role, const Handler& handler) {
    add({Method::Get, pattern, role, handler});
    add({Method::Post, std::move(pattern), role, handler, BodyLimit::Small});
}

Router::Match Router::match(Method method, std::string_view raw_path) const {
    Match match;
    if (!raw_path.starts_with('/')) return match;
    const Method wanted = method == Method::Head ? Method::Get : method;
    for (const Route& route : routes_) {
        auto values = match_pattern(route.pattern, raw_path);
        if (!values) continue;
        if (route.method == wanted) {
            match.route = &route;
            match.path_values = *std::move(values);
            match.allowed.clear();
            return match;
        }
        match.allowed.push_back(route.method);
        if (route.method == Method::Get) match.allowed.push_back(Method::Head);
    }
    return match;
}

DatabasePath split_database(std::string_view raw_path) {
    constexpr std::string_view kPrefix = "/db/";
    if (!raw_path.starts_with(kPrefix)) return {{}, raw_path};
    const size_t end = raw_path.find('/', kPrefix.size());
    if (end == std::string_view::npos || end == kPrefix.size()) return {{}, raw_path};
    auto name = percent_decode(raw_path.substr(kPrefix.size(), end - kPrefix.size()), false);
    if (!name) return {{}, raw_path};
    return {*std::move(name), raw_path.substr(end)};
}

}  // namespace cistern::web
