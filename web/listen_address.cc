// SPDX-License-Identifier: MIT
#include "web/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace cistern::web {

Result<ListenAddress> parse_listen_address(std::string_view text) {
    const auto wrong = [text](std::string_view reason) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("listen address \"{}\": {}", text, reason));
    };
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong("needs ADDRESS:PORT, such as 127.0.0.1:8428");
    const std::string_view port_text = text.substr(colon + 1);
    ListenAddress address;
    const auto parsed =
        std::from_chars(port_text.data(), port_text.data() + port_text.size(), address.port);
    if (parsed.ec != std::errc{} || parsed.ptr != port_text.data() + port_text.size()) {
        return wrong("the port must be a number from 0 to 65535");
    }
    address.host = text.substr(0, colon);
    if (address.host.empty() || address.host == "*") address.host = "0.0.0.0";
    if (address.host == "localhost") address.host = "127.0.0.1";
    if (address.host.find(':') != std::string::npos) {
        return wrong("IPv6 is not supported; put a reverse proxy in front");
    }
    in_addr ip{};
    if (inet_pton(AF_INET, address.host.c_str(), &ip) != 1) {
        return wrong("the address must be an IPv4 address (0.0.0.0 for all) or localhost");
    }
    return address;
}

}  // namespace cistern::web
