// SPDX-License-Identifier: MIT
// Why a connection did not come about, in the words of the MQTT specifications.
#pragma once

#include "collector/mqtt/options.h"
#include "collector/mqtt/url.h"

#include <string>

namespace mqtt {
class exception;
}

namespace cistern::mqtt {

struct ConnectFailure {
    std::string message;
    bool protocol_refused = false;  // the broker does not speak this MQTT version
    bool unexplained = false;       // the library says no more than that it failed
    bool hung_up = false;           // it accepted the TCP connection and closed it without a word
};

ConnectFailure failure_of(const ::mqtt::exception& error);

// The library says "TCP/TLS connect failure" of whatever is wrong with certificates and WebSockets:
// a connection of our own finds out. Blocks for some seconds at most.
std::string explain_failure(const ConnectFailure& failure,
                            const BrokerUrl& url,
                            const TlsOptions& tls);

// The library's message with its reason code, never empty.
std::string describe(const ::mqtt::exception& error);

}  // namespace cistern::mqtt
