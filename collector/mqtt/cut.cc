// SPDX-License-Identifier: MIT
#include "collector/mqtt/cut.h"

#include <dirent.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace cistern::mqtt {
namespace {

// The numeric address when the socket's peer has this port, else empty.
std::string peer_with_port(int fd, uint16_t port) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return {};
    }
    uint16_t peer_port = 0;
    if (address.ss_family == AF_INET) {
        peer_port = ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
    } else if (address.ss_family == AF_INET6) {
        peer_port = ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
    }
    std::array<char, NI_MAXHOST> text{};
    if (peer_port != port || ::getnameinfo(reinterpret_cast<const sockaddr*>(&address),
                                           size,
                                           text.data(),
                                           text.size(),
                                           nullptr,
                                           0,
                                           NI_NUMERICHOST) != 0) {
        return {};
    }
    return text.data();
}

}  // namespace

size_t cut_connections(std::span<const std::string> addresses, uint16_t port) {
    DIR* folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) {
        return 0;
    }
    size_t count = 0;
    while (const dirent* entry = ::readdir(folder)) {
        const int fd =
            std::atoi(entry->d_name);  // "." and ".." become 0, which is no socket of ours
        const std::string peer = peer_with_port(fd, port);
        if (!peer.empty() &&
            std::find(addresses.begin(), addresses.end(), peer) != addresses.end()) {
            count += ::shutdown(fd, SHUT_RDWR) == 0 ? 1 : 0;
        }
    }
    ::closedir(folder);
    return count;
}

}  // namespace cistern::mqtt
