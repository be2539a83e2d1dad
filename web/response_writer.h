// SPDX-License-Identifier: MIT
// A Response on the wire (RFC 9112): head, length or chunks, gzip. Knows no server library: bytes
// go out through a function.
#pragma once

#include "web/gzip.h"
#include "web/http.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cistern::web {

// False when the peer is gone.
using RawWrite = std::function<bool(std::string_view bytes)>;

struct WireOptions {
    bool http_1_1 = true;    // else no chunks: the end of the connection ends the body
    bool head_only = false;  // HEAD
    bool accepts_gzip = false;
    bool keep_alive = true;
    std::function<bool()> stopping = [] { return false; };
};

inline constexpr size_t kGzipBytesMin = 1024;

struct WireOutcome {
    bool keep_alive = false;  // false: the connection must be closed
    uint64_t body_bytes = 0;  // as sent
};

// Sends all of it; runs response.stream on this thread.
WireOutcome write_response(const Response& response,
                           const WireOptions& options,
                           const RawWrite& write);

// RFC 9110 section 12.5.3: gzip is named, or *, and not with q=0.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace cistern::web
