// SPDX-License-Identifier: MIT
// Why a connection did not come about, in the words of the MQTT specifications.
#pragma once

#include <string>

namespace mqtt {
class exception;
}

namespace cistern::mqtt {

struct ConnectFailure {
    std::string message;
    bool protocol_refused = false;  // the broker does not speak this MQTT version
    bool hung_up = false;           // it accepted the TCP connection and closed it without a word
};

ConnectFailure failure_of(const ::mqtt::exception& error);

// The library's message with its reason code, never empty.
std::string describe(const ::mqtt::exception& error);

}  // namespace cistern::mqtt
