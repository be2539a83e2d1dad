// SPDX-License-Identifier: MIT
#include "web/guard.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

namespace cistern::web {
namespace {

std::string lower_case(std::string_view text) {
    std::string lowered(text);
    for (char& c : lowered) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
    }
    return lowered;
}

bool is_ip_literal(const std::string& host) {
    in_addr ip4{};
    if (inet_pton(AF_INET, host.c_str(), &ip4) == 1) return true;
    if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
    in6_addr ip6{};
    return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &ip6) == 1;
}

bool changes_something(Method method) {
    return method != Method::Get && method != Method::Head && method != Method::Options;
}

bool contains(const std::vector<std::string>& list, std::string_view wanted) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
}

// "https://pi.local:8443" -> "pi.local:8443"
std::string_view authority_of(std::string_view origin) {
    const size_t at = origin.find("://");
    return at == std::string_view::npos ? std::string_view{} : origin.substr(at + 3);
}

}  // namespace

std::string host_name(std::string_view host_header) {
    size_t end = host_header.size();
    if (host_header.starts_with('[')) {
        const size_t bracket = host_header.find(']');
        end = bracket == std::string_view::npos ? end : bracket + 1;
    } else {
        end = std::min(end, host_header.find(':'));
    }
    std::string name = lower_case(host_header.substr(0, end));
    if (name.ends_with('.')) name.pop_back();
    return name;
}

Guard::Guard(const WebOptions& options, std::string machine) : machine_(lower_case(machine)) {
    for (const auto& host : options.allowed_hosts)
        hosts_.push_back(lower_case(host));
    for (const auto& origin : options.cors_origins)
        origins_.push_back(lower_case(origin));
}

bool Guard::allows_host(std::string_view host_header) const {
    const std::string host = host_name(host_header);
    if (host.empty()) return false;
    if (host == "localhost" || host.ends_with(".localhost") || host.ends_with(".local"))
        return true;
    if (host == machine_ || is_ip_literal(host)) return true;
    return contains(hosts_, host) || contains(hosts_, "*");
}

bool Guard::allows_origin(std::string_view origin) const {
    return contains(origins_, lower_case(origin)) || contains(origins_, "*");
}

bool Guard::is_foreign(const Request& request) const {
    const std::string_view origin = request.headers.get("Origin");
    if (!origin.empty()) {
        if (allows_origin(origin)) return false;
        return lower_case(authority_of(origin)) != lower_case(request.headers.get("Host"));
    }
    const std::string_view site = request.headers.get("Sec-Fetch-Site");
    return !site.empty() && site != "same-origin" && site != "none";
}

std::optional<Response> Guard::refuse(const Request& request, bool http_1_1) const {
    const std::string_view host = request.headers.get("Host");
    if (host.empty() && http_1_1) {
        return Response::error(400, "bad_data", "the request has no Host header");
    }
    if (!host.empty() && !allows_host(host)) {
        return Response::error(
            421,
            "bad_data",
            fmt::format("host \"{}\" is not one of this server's names: add it to allowed_hosts",
                        host));
    }
    if (!changes_something(request.method)) return std::nullopt;
    // A bearer token is never sent by a browser of its own accord.
    if (request.headers.get("Authorization").starts_with("Bearer ")) return std::nullopt;
    if (!is_foreign(request)) return std::nullopt;
    return Response::error(
        403, "forbidden", "a page of another site may not do this: see cors_origins");
}

void Guard::add_cors_headers(const Request& request, Response& response) const {
    if (origins_.empty()) return;
    response.headers.add("Vary", "Origin");
    const std::string_view origin = request.headers.get("Origin");
    if (origin.empty() || !allows_origin(origin)) return;
    response.headers.set("Access-Control-Allow-Origin", std::string(origin));
    response.headers.set("Access-Control-Expose-Headers", "Date, ETag, Retry-After");
    if (request.method != Method::Options) return;
    response.headers.set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS");
    response.headers.set("Access-Control-Allow-Headers",
                         "Accept, Authorization, Content-Type, Content-Encoding, If-Match, Origin");
    response.headers.set("Access-Control-Max-Age", "600");
}

Response Guard::preflight(const std::vector<Method>& allowed) const {
    Response response = Response::no_content();
    std::string list = "OPTIONS";
    for (const Method method : allowed)
        (list += ", ") += method_name(method);
    response.headers.set("Allow", list);
    return response;
}

}  // namespace cistern::web
