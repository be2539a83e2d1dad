// SPDX-License-Identifier: MIT
// One client of the library and the connections that it makes, one after the other. Internal to
// this folder: the lasting relation is Client.
#pragma once

#include "collector/mqtt/client.h"
#include "collector/mqtt/connect_failure.h"
#include "collector/mqtt/options.h"
#include "collector/mqtt/url.h"
#include "store/base/result.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::mqtt {

// Called from the library's thread.
class ConnectionEvents {
  public:
    virtual ~ConnectionEvents() = default;
    virtual void on_open(bool session_present) = 0;
    // False: refuse the message.
    virtual bool on_message(const MessageView& message) = 0;
    virtual void on_lost(std::string_view reason) = 0;
};

// What is retained in ClientOptions::status_topic.
inline constexpr std::string_view kStatusOnline = "online";
inline constexpr std::string_view kStatusOffline = "offline";

struct Endpoint {
    std::string connect_to;              // the address to use, or the name where TLS needs it
    std::vector<std::string> addresses;  // numeric, all that the name has
};

// For one thread, but for those that publish and pending_publishes.
class Connection {
  public:
    // `level`: 5 or 4. Null and a message when the library refuses.
    static Result<std::unique_ptr<Connection>> create(const ClientOptions& options,
                                                      const BrokerUrl& url,
                                                      Endpoint endpoint,
                                                      uint8_t level,
                                                      ConnectionEvents& events);
    virtual ~Connection() = default;

    // Blocks until connected, refused or out of time.
    virtual tl::expected<void, ConnectFailure> connect() = 0;
    [[nodiscard]] virtual bool is_connected() const = 0;
    // The SUBACK code of each filter, in order; a connection that dies or stays silent is an error.
    virtual Result<std::vector<uint8_t>> subscribe(std::span<const Filter> filters) = 0;
    virtual Status unsubscribe(std::span<const std::string> filters) = 0;
    virtual void disconnect() = 0;

    [[nodiscard]] virtual Status publish(std::string_view topic,
                                         std::string_view payload,
                                         uint8_t qos,
                                         bool retain) = 0;
    // Returns when the broker has it, or with an error after `patience`.
    virtual Status publish_and_wait(std::string_view topic,
                                    std::string_view payload,
                                    uint8_t qos,
                                    bool retain,
                                    std::chrono::milliseconds patience) = 0;
    [[nodiscard]] virtual size_t pending_publishes() const = 0;
};

}  // namespace cistern::mqtt
