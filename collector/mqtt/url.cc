// SPDX-License-Identifier: MIT
#include "collector/mqtt/url.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace cistern::mqtt {
namespace {

struct Scheme {
    std::string_view name;
    bool tls;
    bool websocket;
    uint16_t port;
};
constexpr std::array kSchemes = {
    Scheme{"mqtt", false, false, 1883},
    Scheme{"tcp", false, false, 1883},
    Scheme{"mqtts", true, false, 8883},
    Scheme{"ssl", true, false, 8883},
    Scheme{"ws", false, true, 80},
    Scheme{"wss", true, true, 443},
};

auto bad(std::string_view url, std::string_view reason) {
    return fail(ErrorCode::InvalidArgument, fmt::format("broker url \"{}\": {}", url, reason));
}

const Scheme* find_scheme(std::string_view name) {
    for (const Scheme& scheme : kSchemes) {
        if (scheme.name == name) {
            return &scheme;
        }
    }
    return nullptr;
}

// Splits host and ":port"; an IPv6 literal is in brackets. The port stays empty when absent.
bool split_authority(std::string_view authority, std::string_view& host, std::string_view& port) {
    if (authority.starts_with('[')) {
        const size_t close = authority.find(']');
        if (close == std::string_view::npos) {
            return false;
        }
        host = authority.substr(1, close - 1);
        port = authority.substr(close + 1);
    } else {
        const size_t colon = authority.find(':');
        host = authority.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
    }
    return !host.empty() && (port.empty() || (port.size() > 1 && port.front() == ':'));
}

}  // namespace

Result<BrokerUrl> parse_broker_url(std::string_view url) {
    const size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) {
        return bad(url, "expected mqtt://, mqtts://, ws:// or wss:// and a host");
    }
    const Scheme* scheme = find_scheme(url.substr(0, scheme_end));
    if (scheme == nullptr) {
        return bad(url, "unknown scheme; use mqtt, mqtts, ws or wss");
    }
    const std::string_view rest = url.substr(scheme_end + 3);
    const size_t path_at = rest.find('/');
    const std::string_view authority = rest.substr(0, path_at);
    if (authority.find('@') != std::string_view::npos) {
        return bad("…@…", "user and password do not belong here; use `user` and `password_file`");
    }
    std::string_view host;
    std::string_view port_text;
    if (!split_authority(authority, host, port_text)) {
        return bad(url, "expected host or host:port");
    }
    BrokerUrl parsed;
    parsed.tls = scheme->tls;
    parsed.websocket = scheme->websocket;
    parsed.host = std::string(host);
    parsed.port = scheme->port;
    if (!port_text.empty()) {
        const char* end = port_text.data() + port_text.size();
        const auto [stop, error] = std::from_chars(port_text.data() + 1, end, parsed.port);
        if (error != std::errc{} || stop != end || parsed.port == 0) {
            return bad(url, "the port must be 1..65535");
        }
    }
    if (path_at != std::string_view::npos && rest.size() > path_at + 1) {
        if (!parsed.websocket) {
            return bad(url, "only ws:// and wss:// have a path");
        }
        parsed.path = std::string(rest.substr(path_at));
    }
    return parsed;
}

std::string BrokerUrl::authority(std::string_view address) const {
    const bool is_ipv6 = address.find(':') != std::string_view::npos;
    return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", address, is_ipv6 ? "]" : "", port);
}

std::string BrokerUrl::library_uri(std::string_view address) const {
    const std::string_view scheme = websocket ? (tls ? "wss" : "ws") : (tls ? "ssl" : "tcp");
    return fmt::format("{}://{}{}", scheme, authority(address), path);
}

}  // namespace cistern::mqtt
