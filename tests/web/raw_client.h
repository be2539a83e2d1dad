// SPDX-License-Identifier: MIT
// A socket that says exactly what the test wrote, and an HTTP answer taken apart.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::test {

struct Answer {
    int status = 0;
    std::string head;
    std::string body;

    [[nodiscard]] std::string header(std::string_view name) const {
        const std::string wanted = "\r\n" + std::string(name) + ": ";
        const size_t at = head.find(wanted);
        if (at == std::string::npos) return {};
        const size_t begin = at + wanted.size();
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

class RawClient {
  public:
    explicit RawClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        timeval timeout{20, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
        const int one = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        connected_ =
            ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    }
    ~RawClient() { ::close(socket_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }
    bool send(std::string_view bytes) {
        return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(bytes.size());
    }
    void finish_sending() { ::shutdown(socket_, SHUT_WR); }

    // Bytes until `end` was seen or the peer closed.
    std::string read_until(std::string_view end) {
        while (true) {
            const size_t at = buffer_.find(end);
            if (at != std::string::npos) return take(at + end.size());
            if (!fill()) return take(buffer_.size());
        }
    }
    std::string read_all() {
        while (fill()) {
        }
        return take(buffer_.size());
    }

    // One answer; its body by Content-Length, chunks or the end of the connection.
    Answer read_answer(bool head_only = false) {
        Answer answer;
        answer.head = read_until("\r\n\r\n");
        if (answer.head.size() > 12) answer.status = std::atoi(answer.head.c_str() + 9);
        const std::string length = answer.header("Content-Length");
        if (head_only || answer.status == 204 || answer.status == 304 || answer.status == 100)
            return answer;
        if (answer.header("Transfer-Encoding") == "chunked") {
            answer.body = read_chunks();
        } else if (length.empty()) {
            answer.body = read_all();
        } else {
            const auto wanted = static_cast<size_t>(std::stoull(length));
            while (buffer_.size() < wanted && fill()) {
            }
            answer.body = take(std::min(wanted, buffer_.size()));
        }
        return answer;
    }
    Answer exchange(std::string_view request) {
        send(request);
        return read_answer(request.starts_with("HEAD "));
    }

  private:
    bool fill() {
        std::array<char, 65536> piece;
        const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
        if (got <= 0) return false;
        buffer_.append(piece.data(), static_cast<size_t>(got));
        return true;
    }
    std::string take(size_t bytes) {
        std::string taken = buffer_.substr(0, bytes);
        buffer_.erase(0, bytes);
        return taken;
    }
    std::string read_chunks() {
        std::string body;
        while (true) {
            const std::string line = read_until("\r\n");
            const auto size = static_cast<size_t>(std::strtoull(line.c_str(), nullptr, 16));
            if (line.empty() || size == 0) {
                read_until("\r\n");
                return body;
            }
            while (buffer_.size() < size + 2 && fill()) {
            }
            body += take(size);
            take(2);
        }
    }

    int socket_;
    bool connected_ = false;
    std::string buffer_;
};

inline std::string get_request(std::string_view target, std::string_view more_headers = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" +
           std::string(more_headers) + "\r\n";
}
inline std::string post_request(std::string_view target,
                                std::string_view body,
                                std::string_view more_headers = "") {
    return "POST " + std::string(target) +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + std::string(more_headers) + "\r\n" + std::string(body);
}

}  // namespace cistern::test
