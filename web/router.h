// SPDX-License-Identifier: MIT
// Which handler answers a method and path. Exact match, with {name} for one path segment, and the
// prefix /db/<database> in front of every route that addresses a database.
#pragma once

#include "web/http.h"

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::web {

using Handler = std::function<Response(const Request&)>;

enum class BodyLimit : uint8_t {
    None,    // the route takes no body; what comes is refused above a few KiB
    Small,   // forms and documents: limits.body_bytes
    Stream,  // read piece by piece: limits.import_bytes
};

struct Route {
    Method method = Method::Get;
    std::string pattern;
    Role role = Role::Read;
    Handler handler;
    BodyLimit body = BodyLimit::None;
    bool per_database = true;  // may stand behind /db/<name>
};

// Built before the server starts, then read from many threads.
class Router {
  public:
    // A pattern and method that is there already is replaced.
    void add(Route route);
    void get(std::string pattern, Role role, Handler handler);
    // GET and POST with form bodies, as Prometheus' query routes.
    void get_or_post(std::string pattern, Role role, const Handler& handler);
    // Answers GET for paths that no route has (the dashboard's files).
    void set_fallback(Handler handler) { fallback_ = std::move(handler); }

    struct Match {
        const Route* route = nullptr;
        size_t index = 0;  // of the route in routes()
        std::vector<std::pair<std::string_view, std::string>> path_values;
        // When the path exists but not for this method: the methods that it has.
        std::vector<Method> allowed;
    };
    // `path` is raw (percent-encoded): segments are decoded one by one, so that %2F stays inside
    // its segment. HEAD is answered by the GET route.
    [[nodiscard]] Match match(Method method, std::string_view raw_path) const;
    [[nodiscard]] const Handler& fallback() const { return fallback_; }
    [[nodiscard]] const std::deque<Route>& routes() const { return routes_; }

  private:
    std::deque<Route> routes_;                       // a deque: addresses stay
    std::deque<std::vector<std::string>> segments_;  // of the patterns, parallel to routes_
    Handler fallback_;
};

// Splits /db/<name>/rest into name and /rest; a path without the prefix gives an empty name.
struct DatabasePath {
    std::string database;
    std::string_view path;
};
DatabasePath split_database(std::string_view raw_path);

}  // namespace cistern::web
