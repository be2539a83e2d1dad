// SPDX-License-Identifier: MIT
#include "collector/mqtt/url.h"

#include "collector/mqtt/backoff.h"

#include <gtest/gtest.h>

namespace cistern::mqtt {
namespace {

std::string uri(std::string_view url) {
    const auto parsed = parse_broker_url(url);
    return parsed.has_value() ? parsed->library_uri(parsed->host) : parsed.error().message;
}

TEST(BrokerUrl, TakesThePortFromTheSchemeWhenThereIsNone) {
    EXPECT_EQ(uri("mqtt://broker"), "tcp://broker:1883");
    EXPECT_EQ(uri("mqtts://broker"), "ssl://broker:8883");
    EXPECT_EQ(uri("ws://broker/mqtt"), "ws://broker:80/mqtt");
    EXPECT_EQ(uri("wss://broker:444/a/b"), "wss://broker:444/a/b");
    EXPECT_EQ(uri("tcp://10.0.0.1:1"), "tcp://10.0.0.1:1");
    EXPECT_EQ(uri("mqtt://[::1]:1884"), "tcp://[::1]:1884");
    EXPECT_EQ(uri("mqtt://[fe80::1]"), "tcp://[fe80::1]:1883");
    EXPECT_EQ(uri("mqtt://broker/"), "tcp://broker:1883");
}

TEST(BrokerUrl, RefusesWhatItCannotMeanAndSaysWhy) {
    for (const char* url : {"broker",
                            "http://broker",
                            "mqtt://",
                            "mqtt://broker:",
                            "mqtt://broker:0",
                            "mqtt://b:70000",
                            "mqtt://b:1x",
                            "mqtt://[::1",
                            "mqtt://b/path",
                            "mqtt://:1883"}) {
        EXPECT_FALSE(parse_broker_url(url).has_value()) << url;
    }
    const auto secret = parse_broker_url("mqtt://me:secret@broker");
    ASSERT_FALSE(secret.has_value());
    EXPECT_EQ(secret.error().message.find("secret"), std::string::npos);
}

TEST(Backoff, DoublesUpToTheMaximumWithJitterAndStartsAgain) {
    Backoff backoff(500, 60'000, 7);
    uint32_t base = 500;
    for (int i = 0; i < 20; ++i) {
        const uint32_t delay = backoff.next_ms();
        EXPECT_GE(delay, base / 2);
        EXPECT_LE(delay, base);
        base = std::min(base * 2, 60'000U);
    }
    backoff.reset();
    EXPECT_LE(backoff.next_ms(), 500U);
}

}  // namespace
}  // namespace cistern::mqtt
