// SPDX-License-Identifier: MIT
// "127.0.0.1:8428": where the server listens.
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::web {

struct ListenAddress {
    std::string host;  // an IPv4 address
    uint16_t port = 0;

    [[nodiscard]] bool is_loopback() const { return host.starts_with("127."); }
    [[nodiscard]] std::string to_string() const { return host + ":" + std::to_string(port); }
};

// Accepts ADDR:PORT, localhost:PORT and :PORT (all addresses). InvalidArgument says what is wrong.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace cistern::web
