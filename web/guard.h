// SPDX-License-Identifier: MIT
// What stops a web page of another site from using the visitor's browser against this server: the
// Host allowlist (DNS rebinding), the origin check of requests that change something, and CORS.
#pragma once

#include "web/http.h"
#include "web/options.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::web {

// Immutable; safe from any thread.
class Guard {
  public:
    // `machine` is this computer's host name.
    Guard(const WebOptions& options, std::string machine);

    // The refusal (421, 403), or nothing. A request without Host is let through when it is
    // HTTP/1.0.
    [[nodiscard]] std::optional<Response> refuse(const Request& request, bool http_1_1) const;
    // Adds the CORS headers to the answer of a request from an allowed origin.
    void add_cors_headers(const Request& request, Response& response) const;
    // The answer to OPTIONS.
    [[nodiscard]] Response preflight(const std::vector<Method>& allowed) const;

    [[nodiscard]] bool allows_host(std::string_view host_header) const;
    [[nodiscard]] bool allows_origin(std::string_view origin) const;

  private:
    [[nodiscard]] bool is_foreign(const Request& request) const;

    std::vector<std::string> hosts_;
    std::vector<std::string> origins_;
    std::string machine_;
};

// "example.org:8428" -> "example.org", lower case, without a final dot; "[::1]:80" -> "[::1]".
std::string host_name(std::string_view host_header);

}  // namespace cistern::web
