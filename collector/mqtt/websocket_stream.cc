// SPDX-License-Identifier: MIT
// MQTT over WebSocket (RFC 6455; MQTT 5, section 6): each send a binary frame, masked.
#include "collector/mqtt/stream_layers.h"

#include <fmt/format.h>

#include <random>

namespace cistern::mqtt {
namespace {

constexpr size_t kFrameMax = 1 << 20;
enum Opcode : uint8_t { kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

class WebSocketStream final : public Stream {
  public:
    WebSocketStream(std::unique_ptr<Stream> below, std::string received)
        : below_(std::move(below)), buffer_(std::move(received)) {}

    Status send(std::string_view bytes) override { return send_frame(kBinary, bytes); }

    Result<std::optional<std::string>> receive(int timeout_ms) override {
        for (;;) {
            std::string payload;
            uint8_t opcode = 0;
            while (TRY(take_frame(opcode, payload))) {
                if (opcode == kClose) {
                    return fail(ErrorCode::Unavailable, "the broker closed the WebSocket");
                }
                if (opcode == kPing) {
                    TRY(send_frame(kPong, payload));
                } else if (opcode < kClose && !payload.empty()) {
                    return std::optional(std::move(payload));
                }
            }
            auto more = TRY(below_->receive(timeout_ms));
            if (!more.has_value()) {
                return std::optional<std::string>();
            }
            buffer_ += *more;
        }
    }

    [[nodiscard]] const TlsReport* tls() const override { return below_->tls(); }

  private:
    Status send_frame(uint8_t opcode, std::string_view bytes) {
        constexpr size_t kShort = 126;
        constexpr size_t kMedium = 1 << 16;
        std::string frame(1, static_cast<char>(0x80 | opcode));
        const size_t size = bytes.size();
        const int width = size < kShort ? 0 : size < kMedium ? 2 : 8;
        frame += static_cast<char>(0x80 | (width == 0 ? size : width == 2 ? 126 : 127));
        for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
            frame += static_cast<char>(size >> shift & 0xff);
        }
        const auto mask = static_cast<uint32_t>(random_());
        for (int i = 0; i < 4; ++i) {
            frame += static_cast<char>(mask >> (8 * i) & 0xff);
        }
        for (size_t i = 0; i < size; ++i) {
            frame += static_cast<char>(static_cast<uint8_t>(bytes[i]) ^
                                       static_cast<uint8_t>(mask >> (8 * (i % 4)) & 0xff));
        }
        return below_->send(frame);
    }

    // False while the buffer holds no whole frame.
    Result<bool> take_frame(uint8_t& opcode, std::string& payload) {
        const auto byte = [&](size_t i) { return static_cast<uint8_t>(buffer_[i]); };
        if (buffer_.size() < 2) {
            return false;
        }
        size_t size = byte(1) & 0x7f;
        const size_t width = size == 127 ? 8 : size == 126 ? 2 : 0;
        const size_t head = 2 + width;
        if ((byte(1) & 0x80) != 0) {
            return fail(ErrorCode::Unavailable, "the broker sent no WebSocket frames");
        }
        if (buffer_.size() < head) {
            return false;
        }
        size = width == 0 ? size : 0;
        for (size_t i = 0; i < width; ++i) {
            size = size << 8 | byte(2 + i);
        }
        if (size > kFrameMax) {
            return fail(ErrorCode::Unavailable, "the broker sent a WebSocket frame of over 1 MiB");
        }
        if (buffer_.size() < head + size) {
            return false;
        }
        opcode = byte(0) & 0x0f;
        payload = buffer_.substr(head, size);
        buffer_.erase(0, head + size);
        return true;
    }

    std::unique_ptr<Stream> below_;
    std::string buffer_;
    std::minstd_rand random_{std::random_device{}()};
};

std::string request_of(const BrokerUrl& url) {
    return fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: Y2lzdGVybi1kb2N0b3IhIQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: mqtt\r\n\r\n",
        url.path.empty() ? "/mqtt" : url.path,
        url.authority(url.host));
}

}  // namespace

Opened open_websocket(std::unique_ptr<Stream> below, const BrokerUrl& url, int timeout_ms) {
    constexpr size_t kHeadMax = 8192;
    const auto refused = [](std::string what, std::string advice) {
        return tl::unexpected(StreamFailure{std::move(what), std::move(advice)});
    };
    std::string answer;
    bool alive = below->send(request_of(url)).has_value();
    while (alive && answer.find("\r\n\r\n") == std::string::npos && answer.size() < kHeadMax) {
        const auto more = below->receive(timeout_ms);
        alive = more.has_value() && more->has_value();
        answer += alive ? **more : "";
    }
    if (answer.rfind("HTTP/1.", 0) != 0) {
        return refused("the broker does not speak WebSocket at this port",
                       "use the port of its WebSocket listener (mosquitto: `protocol websockets`), "
                       "or mqtt:// or mqtts://");
    }
    const std::string status = answer.substr(9, answer.find("\r\n") - 9);
    const size_t end = answer.find("\r\n\r\n");
    if (status.rfind("101", 0) != 0 || end == std::string::npos) {
        return refused(fmt::format("the WebSocket was refused: HTTP {}", status.substr(0, 80)),
                       "check the path in `url`, and the proxy in between if there is one");
    }
    return std::make_unique<WebSocketStream>(std::move(below), answer.substr(end + 4));
}

}  // namespace cistern::mqtt
