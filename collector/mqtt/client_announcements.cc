// SPDX-License-Identifier: MIT
// What a client says about itself on the broker.
#include "collector/mqtt/client_impl.h"
#include "store/base/log.h"

#include <chrono>

namespace cistern::mqtt {

void ClientImpl::say(Connection& connection, const LastWill& message) const {
    constexpr std::chrono::milliseconds kPatience{1000};
    const Status sent = connection.publish_and_wait(
        message.topic, message.payload, message.qos, message.retain, kPatience);
    if (!sent.has_value()) {
        log_warn("broker {}: {}: {}", options_.name, message.topic, sent.error().message);
    }
}

void ClientImpl::say_hello(Connection& connection) const {
    if (!options_.status_topic.empty()) {
        say(connection, {options_.status_topic, std::string(kStatusOnline), 1, true});
    }
}

// An orderly end brings no will: what it would say is said before, and given a moment to leave.
void ClientImpl::say_goodbye(Connection& connection) const {
    if (will_) {
        say(connection, *will_);
    }
    if (!options_.status_topic.empty()) {
        say(connection, {options_.status_topic, std::string(kStatusOffline), 1, true});
    }
}

}  // namespace cistern::mqtt
