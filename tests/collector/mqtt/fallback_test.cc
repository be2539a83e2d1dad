// SPDX-License-Identifier: MIT
// Brokers that do not speak MQTT 5, and ones that speak nothing: played by a few lines of socket code.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "collector/mqtt/client.h"
#include "tests/support/test_broker.h"

namespace cistern::mqtt {
namespace {

// Answers each CONNECT with what `answer` gives for its protocol level, then hangs up unless it
// accepted.
class FakeBroker {
  public:
    using Answer = std::function<std::string(uint8_t level)>;
    explicit FakeBroker(Answer answer) : answer_(std::move(answer)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
        socklen_t size = sizeof(address);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
        ::listen(listener_, 8);
        thread_ = std::thread([this] { serve(); });
    }
    ~FakeBroker() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    uint16_t port = 0;
    std::atomic<int> connects{0};

  private:
    void serve() {
        while (true) {
            const int peer = ::accept(listener_, nullptr, nullptr);
            if (peer < 0) {
                return;
            }
            char bytes[512];
            const ssize_t size = ::recv(peer, bytes, sizeof(bytes), 0);
            ++connects;
            constexpr ssize_t kLevelAt = 8;  // fixed header 2, "MQTT" with its length 6
            const std::string reply = size > kLevelAt ? answer_(static_cast<uint8_t>(bytes[kLevelAt])) : "";
            if (!reply.empty()) {
                ::send(peer, reply.data(), reply.size(), MSG_NOSIGNAL);
            }
            while (reply == kAccepted && ::recv(peer, bytes, sizeof(bytes), 0) > 0) {
            }
            ::close(peer);
        }
    }

  public:
    static inline const std::string kAccepted{"\x20\x02\x00\x00", 4};

  private:
    Answer answer_;
    int listener_ = -1;
    std::thread thread_;
};

class Ignore final : public Handler {
  public:
    void on_connected(const Connected&) override {}
    bool on_message(const MessageView&) override { return true; }
    void on_disconnected(std::string_view) override {}
};

bool connects_with(FakeBroker& broker, uint8_t level) {
    Ignore handler;
    ClientOptions options;
    options.url = "mqtt://127.0.0.1:" + std::to_string(broker.port);
    options.client_id = "c";
    options.backoff_min_ms = 10;
    options.backoff_max_ms = 20;
    const auto client = Client::create(options, handler);
    (*client)->start();
    for (int i = 0; i < 2000; ++i) {
        const ClientStatus status = (*client)->status();
        if (status.connects > 0) {
            return status.protocol_level == level;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
}

TEST(MqttFallback, GoesTo311WhenTheBrokerNamesMqtt5Unacceptable) {
    FakeBroker broker([](uint8_t level) {
        return level == 4 ? FakeBroker::kAccepted : std::string("\x20\x02\x00\x01", 4);
    });
    EXPECT_TRUE(connects_with(broker, 4));
}

TEST(MqttFallback, GoesTo311WhenTheBrokerAnswersWithTheMqtt5ReasonCode) {
    FakeBroker broker([](uint8_t level) {
        return level == 4 ? FakeBroker::kAccepted : std::string("\x20\x03\x00\x84\x00", 5);
    });
    EXPECT_TRUE(connects_with(broker, 4));
}

TEST(MqttFallback, GoesTo311WhenTheBrokerHangsUpOnMqtt5) {
    FakeBroker broker([](uint8_t level) { return level == 4 ? FakeBroker::kAccepted : std::string(); });
    EXPECT_TRUE(connects_with(broker, 4));
}

TEST(MqttFallback, SurvivesABrokerThatAnswersGarbage) {
    for (const std::string& garbage :
         {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("\x20\xff\xff\xff\xff\xff", 6),
          std::string("\xf0\x00", 2), std::string("\x30\x05\x00\x01t12", 7), std::string(200, '\0')}) {
        FakeBroker broker([&](uint8_t) { return garbage; });
        Ignore handler;
        ClientOptions options;
        options.url = "mqtt://127.0.0.1:" + std::to_string(broker.port);
        options.client_id = "c";
        options.backoff_min_ms = 5;
        options.backoff_max_ms = 10;
        const auto client = Client::create(options, handler);
        (*client)->start();
        for (int i = 0; i < 2000 && broker.connects < 3; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        EXPECT_GE(broker.connects, 3);
        EXPECT_EQ((*client)->status().connects, 0U);
    }
}

}  // namespace
}  // namespace cistern::mqtt
