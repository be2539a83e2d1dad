// SPDX-License-Identifier: MIT
// One lasting relation with an MQTT broker: connects for ever, subscribes anew at every connection,
// and acknowledges a message only when its handler has kept it. The only door to the client
// library.
#pragma once

#include "collector/mqtt/options.h"
#include "store/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::mqtt {

// Views valid during the call.
struct MessageView {
    std::string_view topic;
    std::string_view payload;
    uint8_t qos = 0;
    bool retain = false;
    bool dup = false;
    uint16_t packet_id = 0;  // 0 at QoS 0
    // MQTT 5 only.
    std::string_view content_type;
    std::span<const std::pair<std::string_view, std::string_view>> user_properties;
};

struct Connected {
    bool session_present = false;  // the broker still knew us: what it queued follows
    uint8_t protocol_level = 0;    // 5, or 4 for MQTT 3.1.1
};

// Called from the library's one thread, which serves every connection of the process: never wait.
// Calls of one client never overlap. Must outlive the client.
class Handler {
  public:
    virtual ~Handler() = default;
    // Comes before the first message of the connection.
    virtual void on_connected(const Connected& connected) = 0;
    // True: kept, and acknowledged after the return. False: it could not be kept; the connection is
    // cut before an acknowledgement can leave, and the broker will deliver the message again.
    virtual bool on_message(const MessageView& message) = 0;
    virtual void on_disconnected(std::string_view reason) = 0;
    // Asked by the client's own thread after a refusal, before it connects again.
    virtual bool is_ready() { return true; }
    // Asked by the client's own thread before each connect: a last will in place of the options'.
    // It is also published before an orderly disconnect, which brings no will.
    virtual std::optional<LastWill> will() { return std::nullopt; }
};

struct Filter {
    std::string filter;
    uint8_t qos = 1;
    bool operator==(const Filter&) const = default;
};

enum class ClientState : uint8_t { Stopped, Connecting, Connected, Waiting, Parked };
std::string_view client_state_name(ClientState state);

struct SubscriptionStatus {
    std::string filter;
    uint8_t qos = 0;
    uint8_t code = 0xff;  // SUBACK: 0..2 granted QoS, >= 0x80 refused, 0xff not answered yet
};

struct ClientStatus {
    ClientState state = ClientState::Stopped;
    std::string url;
    std::string client_id;
    uint8_t protocol_level = 0;
    bool session_present = false;
    std::string last_error;    // why the last connection ended or could not be made
    uint64_t connects = 0;     // connections made so far
    int64_t connected_ns = 0;  // wall clock of the last CONNACK, 0 = never
    uint32_t next_try_ms = 0;  // the present backoff, in state Waiting
    std::vector<SubscriptionStatus> subscriptions;
};

// All methods are thread safe; start and stop are for the owner.
class Client {
  public:
    // InvalidArgument: a setting is wrong. Does not connect.
    static Result<std::unique_ptr<Client>> create(ClientOptions options, Handler& handler);
    virtual ~Client() = default;

    virtual void start() = 0;
    // Disconnects, keeping the session, and waits until no callback runs any more.
    virtual void stop() = 0;

    // The filters to hold from now on; takes effect at once and at every connection. Filters in
    // `leftovers` that are not wanted are unsubscribed at every connection (a broker keeps the
    // subscriptions of an earlier run in the session).
    virtual void set_filters(std::vector<Filter> filters, std::vector<std::string> leftovers) = 0;

    // Disconnects with the session kept, so that the broker queues; until resume().
    virtual void park(std::string_view reason) = 0;
    virtual void resume() = 0;

    // Handed to the library, not waited for. Unavailable: not connected.
    [[nodiscard]] virtual Status publish(std::string_view topic,
                                         std::string_view payload,
                                         uint8_t qos,
                                         bool retain) = 0;
    // Messages handed to publish and not yet acknowledged by the broker (QoS 0: not yet written).
    [[nodiscard]] virtual size_t pending_publishes() const = 0;

    [[nodiscard]] virtual ClientStatus status() const = 0;
};

}  // namespace cistern::mqtt
