// SPDX-License-Identifier: MIT
#include "collector/mqtt/resolve.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace cistern::mqtt {

Result<std::vector<std::string>> resolve(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (error == EAI_NONAME || error == EAI_ADDRFAMILY || error == EAI_NODATA) {
        // Without a configured interface (only loopback) AI_ADDRCONFIG hides everything.
        hints.ai_flags = 0;
        error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    }
    if (error != 0) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("cannot resolve {}: {}", host, ::gai_strerror(error)));
    }
    std::vector<std::string> addresses;
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (::getnameinfo(entry->ai_addr,
                          entry->ai_addrlen,
                          text.data(),
                          text.size(),
                          nullptr,
                          0,
                          NI_NUMERICHOST) == 0 &&
            std::find(addresses.begin(), addresses.end(), text.data()) == addresses.end()) {
            addresses.emplace_back(text.data());
        }
    }
    ::freeaddrinfo(found);
    if (addresses.empty()) {
        return fail(ErrorCode::Unavailable, fmt::format("cannot resolve {}: no address", host));
    }
    return addresses;
}

}  // namespace cistern::mqtt
