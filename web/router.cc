// SPDX-License-Identifier: MIT
#include "web/router.h"

#include "store/base/assert.h"

#include <algorithm>
#include <optional>

namespace cistern::web {
namespace {

using PathValues = std::vector<std::pair<std::string_view, std::string>>;

// "/a/b" -> a, b; each decoded for itself. Nothing when an escape is broken.
std::optional<std::vector<std::string>> split(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const size_t end = path.find('/');
        auto segment = percent_decode(path.substr(0, end), false);
        if (!segment) return std::nullopt;
        segments.push_back(*std::move(segment));
        path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
    }
    return segments;
}

bool is_variable(const std::string& pattern) {
    return pattern.starts_with('{');
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
    return std::equal(pattern.begin(),
                      pattern.end(),
                      path.begin(),
                      path.end(),
                      [](const auto& wanted, const auto& given) {
                          return is_variable(wanted) ? !given.empty() : wanted == given;
                      });
}

PathValues values_of(const std::vector<std::string>& pattern,
                     const std::vector<std::string>& path) {
    PathValues values;
    for (size_t i = 0; i < pattern.size(); ++i) {
        if (!is_variable(pattern[i])) continue;
        values.emplace_back(std::string_view(pattern[i]).substr(1, pattern[i].size() - 2), path[i]);
    }
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
    segments_.push_back(*split(route.pattern));
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
    const auto path = split(raw_path);
    if (!path) return match;
    const Method wanted = method == Method::Head ? Method::Get : method;
    for (size_t i = 0; i < routes_.size(); ++i) {
        if (!fits(segments_[i], *path)) continue;
        if (routes_[i].method == wanted) {
            match.index = i;
            match.route = &routes_[i];
            match.path_values = values_of(segments_[i], *path);
            match.allowed.clear();
            return match;
        }
        match.allowed.push_back(routes_[i].method);
        if (routes_[i].method == Method::Get) match.allowed.push_back(Method::Head);
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
