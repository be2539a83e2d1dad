// SPDX-License-Identifier: MIT
// A broker's address: mqtt, mqtts, ws or wss://host[:port][/path].
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::mqtt {

struct BrokerUrl {
    bool tls = false;
    bool websocket = false;
    std::string host;  // without the brackets of an IPv6 literal
    uint16_t port = 0;
    std::string path;  // WebSocket only, with its leading slash

    // `address`:port, an IPv6 literal in brackets.
    [[nodiscard]] std::string authority(std::string_view address) const;
    // As the client library spells it, with `address` in place of the host.
    [[nodiscard]] std::string library_uri(std::string_view address) const;
};

// InvalidArgument says what is wrong. tcp:// and ssl:// are accepted for mqtt:// and mqtts://; a
// missing port is the scheme's (1883, 8883, 80, 443). User and password do not belong in a URL.
Result<BrokerUrl> parse_broker_url(std::string_view url);

}  // namespace cistern::mqtt
