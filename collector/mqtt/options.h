// SPDX-License-Identifier: MIT
// What a connection to one MQTT broker needs to know. Filled by config/; nothing else knows the
// file.
#pragma once

#include "store/base/result.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace cistern::mqtt {

enum class Protocol : uint8_t {
    Auto,  // MQTT 5, and 3.1.1 when the broker refuses it
    V5,
    V311,
};

struct TlsOptions {
    std::string ca_file;    // PEM; empty = the system's certificates
    std::string cert_file;  // PEM client certificate, for mutual TLS
    std::string key_file;
    bool insecure = false;  // accept any certificate
};

// Published by the broker when the connection ends without a DISCONNECT.
struct LastWill {
    std::string topic;
    std::string payload;
    uint8_t qos = 0;
    bool retain = false;
    auto operator<=>(const LastWill&) const = default;
};

struct ClientOptions {
    std::string name = "broker";  // in the log and in counters
    std::string url;              // mqtt|mqtts|ws|wss://host[:port][/path]
    std::string client_id;        // stable: the broker keeps the session under it
    std::string user;
    std::string password;
    std::string password_file;  // its first line; wins over `password`
    TlsOptions tls;
    Protocol protocol = Protocol::Auto;
    std::optional<LastWill> will;
    // Retained "online" here while connected, "offline" otherwise (by the broker, in place of
    // `will`, when the connection ends by itself). Empty: nowhere.
    std::string status_topic;

    uint32_t keepalive_s = 20;
    uint32_t connect_timeout_s = 10;
    // How long the broker keeps the session, and queues for it, while we are away (MQTT 5; a
    // 3.1.1 broker decides by itself). Below 2^31: the client library reads it as signed.
    uint32_t session_expiry_s = 30 * 86'400;
    // Unacknowledged messages that the broker may have under way to us (MQTT 5).
    uint16_t receive_maximum = 1000;
    bool clean_session = false;  // no session: for publishers
    // Reconnect when nothing arrived for this long though something used to; 0 = never.
    uint32_t silence_timeout_s = 0;

    uint32_t backoff_min_ms = 500;
    uint32_t backoff_max_ms = 60'000;
    // A connection that lived this long starts the next backoff from the minimum.
    uint32_t stable_after_ms = 1000;
};

// Names the setting that is wrong.
Status validate(const ClientOptions& options);

}  // namespace cistern::mqtt
