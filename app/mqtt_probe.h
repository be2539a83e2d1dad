// SPDX-License-Identifier: MIT
// A bare MQTT 5 connection that shows what the client library hides: CONNACK's properties, and
// messages that stay unacknowledged. For `cistern doctor` alone.
#pragma once

#include "collector/mqtt/stream.h"
#include "store/base/result.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cistern::app {

struct ProbeConnect {
    std::string client_id;
    std::string user;
    std::string password;
    bool clean_start = true;
    uint32_t session_expiry_s = 0;
};

// What the broker says to CONNECT; absent = not said, and the specification's default holds.
struct ProbeConnack {
    uint8_t reason = 0;
    bool session_present = false;
    std::map<uint8_t, uint32_t> properties;  // those that are numbers, by identifier
    [[nodiscard]] std::optional<uint32_t> property(uint8_t id) const {
        const auto found = properties.find(id);
        return found == properties.end() ? std::nullopt : std::optional(found->second);
    }
};

struct ProbeMessage {
    std::string topic;
    std::string payload;
    uint16_t packet_id = 0;  // 0 at QoS 0
    bool retain = false;
};

// Blocking, with timeouts; for one thread. Unavailable: the connection is gone or was refused.
class MqttProbe {
  public:
    // A refusal is an answer: look at connack().reason.
    static Result<std::unique_ptr<MqttProbe>> connect(std::unique_ptr<mqtt::Stream> stream,
                                                      const ProbeConnect& how);
    MqttProbe(const MqttProbe&) = delete;  // its end cuts the connection, without DISCONNECT
    MqttProbe& operator=(const MqttProbe&) = delete;

    [[nodiscard]] const ProbeConnack& connack() const { return connack_; }
    // The granted QoS, or the refusal's code (>= 0x80).
    Result<uint8_t> subscribe(std::string_view filter, uint8_t qos);
    // At QoS 1 waits for the acknowledgement; gives its reason code.
    Result<uint8_t> publish(std::string_view topic,
                            std::string_view payload,
                            uint8_t qos,
                            bool retain);
    // Nothing within the time: none.
    Result<std::optional<ProbeMessage>> receive(int timeout_ms);
    Status acknowledge(uint16_t packet_id);
    void disconnect();

  private:
    struct Packet {
        uint8_t head = 0;
        std::string body;
    };
    explicit MqttProbe(std::unique_ptr<mqtt::Stream> stream) : stream_(std::move(stream)) {}
    Status send(uint8_t head, std::string_view body);
    Result<std::optional<Packet>> next(int timeout_ms);
    Result<Packet> wait_for(uint8_t type);

    std::unique_ptr<mqtt::Stream> stream_;
    uint16_t packet_id_ = 0;
    std::string buffer_;
    std::deque<Packet> waiting_;  // messages that came while something else was awaited
    ProbeConnack connack_;
};

}  // namespace cistern::app
