// SPDX-License-Identifier: MIT
// Every knob of the HTTP server with unit and default. Filled by config/ from engine.toml.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cistern::web {

enum class AuthMode : uint8_t {
    Unset,  // no [auth] section: loopback is open, any other address is refused
    None,   // auth.mode = "none": open to everyone who can reach the address
    Users,  // auth.mode = "users": basic auth and bearer tokens of users_file
};

struct AuthOptions {
    AuthMode mode = AuthMode::Unset;
    std::string users_file;
    // What a request without credentials may do: "none" or "read".
    bool anonymous_read = false;
    // /metrics without credentials. /health, /-/healthy and /-/ready always are.
    bool public_metrics = false;
};

struct LimitOptions {
    uint32_t threads = 64;
    // Concurrent requests of one client address.
    uint32_t connections_per_peer = 48;
    uint32_t request_timeout_ms = 5000;
    uint32_t keep_alive_ms = 2000;
    uint64_t uri_bytes = 16 << 10;
    // A body that is read as a whole: as sent, and decompressed.
    uint64_t body_bytes = 10 << 20;
    uint64_t decompressed_bytes = 32 << 20;
    // A line import is read piece by piece: only its sum is bounded (decompressed).
    uint64_t import_bytes = uint64_t{4} << 30;
    uint32_t live_streams = 40;
    uint32_t live_streams_per_peer = 16;
    uint32_t live_series = 20'000;  // of one stream

    uint32_t query_timeout_ms = 120'000;
    uint32_t query_concurrency = 20;
    uint64_t query_samples = 50'000'000;
    int64_t lookback_ms = 300'000;
    bool left_open_ranges = false;  // as Prometheus 3
    uint32_t remote_read_concurrency = 10;
};

struct WebOptions {
    // IPv4 address and port; port 0 takes a free one.
    std::string listen = "127.0.0.1:8428";
    AuthOptions auth;
    LimitOptions limits;
    // Host names beside IP literals, localhost, the machine's name and *.local; "*" allows all.
    std::vector<std::string> allowed_hosts;
    // Origins that other sites' pages may call from; "*" allows all. Empty: none.
    std::vector<std::string> cors_origins;
    // Serves the dashboard from this folder instead of the built-in files.
    std::string web_root;
};

}  // namespace cistern::web
