// SPDX-License-Identifier: MIT
#include "collector/mqtt/stream.h"

#include "collector/mqtt/stream_layers.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cistern::mqtt {
namespace {

constexpr size_t kReadBytes = 16'384;

class TcpStream final : public Stream {
  public:
    explicit TcpStream(int fd) : fd_(fd) {}
    ~TcpStream() override { ::close(fd_); }
    TcpStream(const TcpStream&) = delete;
    TcpStream& operator=(const TcpStream&) = delete;

    Status send(std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) {
                return fail(ErrorCode::Unavailable, "the broker closed the connection");
            }
            bytes.remove_prefix(static_cast<size_t>(n));
        }
        return {};
    }

    Result<std::optional<std::string>> receive(int timeout_ms) override {
        if (!wait_readable(fd_, timeout_ms)) {
            return std::optional<std::string>();
        }
        char bytes[kReadBytes];
        const ssize_t n = ::recv(fd_, bytes, sizeof(bytes), 0);
        if (n <= 0) {
            return fail(ErrorCode::Unavailable, "the broker closed the connection");
        }
        return std::optional(std::string(bytes, static_cast<size_t>(n)));
    }

  private:
    int fd_;
};

// connect() with a limit, which SO_SNDTIMEO sets for it too.
int connect_to(const addrinfo& address, int timeout_ms) {
    const int fd = ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    const int now = 1;  // a small packet must not wait for an acknowledgement
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &now, sizeof(now));
    const timeval limit{timeout_ms / 1000, timeout_ms % 1000 * 1000};
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) {
        return fd;
    }
    const int error = errno;
    ::close(fd);
    errno = error;
    return -1;
}

tl::expected<int, StreamFailure> open_socket(const BrokerUrl& url, int timeout_ms) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failed =
        ::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
    if (failed != 0) {
        return tl::unexpected(
            StreamFailure{fmt::format("{}: {}", url.host, ::gai_strerror(failed)),
                          "check the host in `url`, and this machine's name server"});
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, ::freeaddrinfo);
    int last = ECONNREFUSED;
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        const int fd = connect_to(*one, timeout_ms);
        if (fd >= 0) {
            return fd;
        }
        last = errno == EINPROGRESS ? ETIMEDOUT : errno;
    }
    return tl::unexpected(
        StreamFailure{fmt::format("{}:{}: {}", url.host, url.port, std::strerror(last)),
                      "is the broker running, and the address right?"});
}

}  // namespace

bool wait_readable(int fd, int timeout_ms) {
    pollfd ready{fd, POLLIN, 0};
    return ::poll(&ready, 1, timeout_ms) != 0;
}

Opened open_stream(const BrokerUrl& url, const TlsOptions& tls, int timeout_ms) {
    const auto fd = open_socket(url, timeout_ms);
    if (!fd.has_value()) {
        return tl::unexpected(fd.error());
    }
    Opened opened = url.tls ? open_tls(*fd, url, tls) : Opened(std::make_unique<TcpStream>(*fd));
    if (!opened.has_value() || !url.websocket) {
        return opened;
    }
    return open_websocket(std::move(*opened), url, timeout_ms);
}

}  // namespace cistern::mqtt
