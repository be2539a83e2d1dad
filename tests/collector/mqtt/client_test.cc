// SPDX-License-Identifier: MIT
#include "collector/mqtt/client.h"

#include "tests/support/test_broker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>

namespace cistern::mqtt {
namespace {

struct Received {
    std::string topic, payload;
    uint8_t qos;
    bool retain, dup;
    uint16_t packet_id;
};

class Recorder final : public Handler {
  public:
    void on_connected(const Connected& connected) override {
        std::lock_guard lock(mutex_);
        connections_.push_back(connected);
    }
    bool on_message(const MessageView& m) override {
        std::lock_guard lock(mutex_);
        if (refusals_ > 0) {
            --refusals_;
            return false;
        }
        messages_.push_back(
            {std::string(m.topic), std::string(m.payload), m.qos, m.retain, m.dup, m.packet_id});
        return true;
    }
    void on_disconnected(std::string_view) override { ++disconnects; }

    void refuse(int count) {
        std::lock_guard lock(mutex_);
        refusals_ = count;
    }
    std::vector<Received> messages() {
        std::lock_guard lock(mutex_);
        return messages_;
    }
    std::vector<Connected> connections() {
        std::lock_guard lock(mutex_);
        return connections_;
    }
    std::atomic<int> disconnects{0};

  private:
    std::mutex mutex_;
    int refusals_ = 0;
    std::vector<Received> messages_;
    std::vector<Connected> connections_;
};

bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 3000; ++i) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
}

class MqttClient : public ::testing::TestWithParam<Protocol> {
  protected:
    void SetUp() override {
        if (!test::TestBroker::is_installed()) {
            GTEST_SKIP() << "mosquitto is not installed";
        }
        broker_ = std::make_unique<test::TestBroker>();
        options_.url = broker_->url();
        options_.client_id = "cistern-test";
        options_.protocol = GetParam();
        options_.backoff_min_ms = 20;
        options_.backoff_max_ms = 100;
        ClientOptions publisher = options_;
        publisher.client_id = "publisher";
        publisher.clean_session = true;
        publisher_ = start(publisher, publisher_events_);
    }
    std::unique_ptr<Client> start(const ClientOptions& options, Recorder& events) {
        auto client = Client::create(options, events);
        EXPECT_TRUE(client.has_value()) << client.error().message;
        (*client)->set_filters(filters_, {});
        (*client)->start();
        return std::move(*client);
    }
    static bool is_subscribed(Client& client) {
        return client.status().state == ClientState::Connected &&
               !client.status().subscriptions.empty();
    }
    void publish(const std::string& topic,
                 const std::string& payload,
                 uint8_t qos,
                 bool retain = false) {
        ASSERT_TRUE(
            eventually([&] { return publisher_->status().state == ClientState::Connected; }));
        ASSERT_TRUE(publisher_->publish(topic, payload, qos, retain).has_value());
    }

    std::unique_ptr<test::TestBroker> broker_;
    ClientOptions options_;
    std::vector<Filter> filters_ = {{"t/#", 1}};
    Recorder publisher_events_;
    Recorder events_;
    std::unique_ptr<Client> publisher_;
};

TEST_P(MqttClient, DeliversMessagesWithTheirPacketIds) {
    const auto client = start(options_, events_);
    ASSERT_TRUE(eventually([&] { return is_subscribed(*client); }));
    publish("t/a", "1", 1);
    publish("t/b", "2", 0);
    publish("t/c", "", 1);
    ASSERT_TRUE(eventually([&] { return events_.messages().size() == 3; }));
    const auto got = events_.messages();
    EXPECT_EQ(got[0].topic, "t/a");
    EXPECT_EQ(got[0].payload, "1");
    EXPECT_EQ(got[0].qos, 1);
    EXPECT_NE(got[0].packet_id, 0);
    EXPECT_EQ(got[1].qos, 0);
    EXPECT_EQ(got[1].packet_id, 0);
    EXPECT_EQ(got[2].payload, "");
    EXPECT_EQ(got[2].packet_id, got[0].packet_id + 1);
}

TEST_P(MqttClient, KeepsItsSessionAcrossRestarts) {
    auto client = start(options_, events_);
    ASSERT_TRUE(eventually([&] { return is_subscribed(*client); }));
    client->stop();
    client.reset();
    publish("t/a", "queued", 1);
    ASSERT_TRUE(eventually([&] { return publisher_->pending_publishes() == 0; }));
    client = start(options_, events_);
    ASSERT_TRUE(eventually([&] { return events_.messages().size() == 1; }));
    EXPECT_EQ(events_.messages()[0].payload, "queued");
    ASSERT_EQ(events_.connections().size(), 2U);
    EXPECT_FALSE(events_.connections()[0].session_present);
    EXPECT_TRUE(events_.connections()[1].session_present);
}

TEST_P(MqttClient, GetsARefusedMessageAgainWithItsPacketId) {
    events_.refuse(1);
    const auto client = start(options_, events_);
    ASSERT_TRUE(eventually([&] { return is_subscribed(*client); }));
    // From another process: a refusal cuts every connection of this one to the broker.
    const std::string command = "mosquitto_pub -p " + std::to_string(broker_->port()) + " -q 1 -t t/a -l";
    FILE* lines = ::popen(command.c_str(), "w");
    for (int i = 0; i < 50; ++i) {
        std::fprintf(lines, "%d\n", i);
    }
    ::pclose(lines);
    ASSERT_TRUE(eventually([&] { return events_.messages().size() >= 50; }));
    const auto got = events_.messages();
    ASSERT_EQ(got.size(), 50U);
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(got[i].payload, std::to_string(i));
    }
    EXPECT_GE(events_.connections().size(), 2U);
}

TEST_P(MqttClient, ReconnectsAfterABrokerRestartAndSubscribesAgain) {
    const auto client = start(options_, events_);
    ASSERT_TRUE(eventually([&] { return is_subscribed(*client); }));
    broker_->stop();
    ASSERT_TRUE(eventually([&] { return events_.disconnects == 1; }));
    broker_->start();
    ASSERT_TRUE(
        eventually([&] { return client->status().connects == 2 && is_subscribed(*client); }));
    EXPECT_TRUE(events_.connections()[1].session_present);
    publish("t/a", "after", 1);
    EXPECT_TRUE(eventually([&] { return events_.messages().size() == 1; }));
}

TEST_P(MqttClient, UnsubscribesWhatAnEarlierRunLeftBehind) {
    auto client = start(options_, events_);
    ASSERT_TRUE(eventually([&] { return is_subscribed(*client); }));
    client.reset();
    filters_ = {{"other/#", 1}};
    auto second = Client::create(options_, events_);
    (*second)->set_filters(filters_, {"t/#"});
    (*second)->start();
    ASSERT_TRUE(eventually([&] { return is_subscribed(**second); }));
    publish("t/a", "unwanted", 1);
    publish("other/a", "wanted", 1);
    ASSERT_TRUE(eventually([&] { return !events_.messages().empty(); }));
    EXPECT_EQ(events_.messages()[0].payload, "wanted");
}

TEST_P(MqttClient, ChangesItsFiltersWithoutReconnecting) {
    const auto client = start(options_, events_);
    ASSERT_TRUE(eventually([&] { return is_subscribed(*client); }));
    client->set_filters({{"u/#", 1}}, {});
    ASSERT_TRUE(eventually([&] {
        const auto subscriptions = client->status().subscriptions;
        return subscriptions.size() == 1 && subscriptions[0].filter == "u/#" &&
               subscriptions[0].code == 1;
    }));
    publish("t/a", "unwanted", 1);
    publish("u/a", "wanted", 1);
    ASSERT_TRUE(eventually([&] { return !events_.messages().empty(); }));
    EXPECT_EQ(events_.messages()[0].payload, "wanted");
    EXPECT_EQ(client->status().connects, 1U);
}

TEST_P(MqttClient, ParksWithItsSessionAndComesBack) {
    const auto client = start(options_, events_);
    ASSERT_TRUE(eventually([&] { return is_subscribed(*client); }));
    client->park("test");
    ASSERT_TRUE(eventually([&] { return client->status().state == ClientState::Parked; }));
    publish("t/a", "while parked", 1);
    client->resume();
    ASSERT_TRUE(eventually([&] { return events_.messages().size() == 1; }));
    EXPECT_TRUE(events_.connections()[1].session_present);
}

TEST_P(MqttClient, KeepsTryingWhileTheBrokerIsAway) {
    broker_->stop();
    const auto client = start(options_, events_);
    ASSERT_TRUE(eventually([&] { return client->status().state == ClientState::Waiting; }));
    EXPECT_FALSE(client->status().last_error.empty());
    EXPECT_FALSE(client->publish("t", "x", 0, false).has_value());
    broker_->start();
    EXPECT_TRUE(eventually([&] { return is_subscribed(*client); }));
}

TEST_P(MqttClient, SendsRetainedValuesOnceInMqtt5AndAtEveryConnectionIn311) {
    publish("t/r", "kept", 1, true);
    const auto client = start(options_, events_);
    ASSERT_TRUE(eventually([&] { return events_.messages().size() == 1; }));
    EXPECT_TRUE(events_.messages()[0].retain);
    client->park("test");
    ASSERT_TRUE(eventually([&] { return client->status().state == ClientState::Parked; }));
    client->resume();
    ASSERT_TRUE(
        eventually([&] { return client->status().connects == 2 && is_subscribed(*client); }));
    publish("t/a", "live", 1);
    const size_t expected = GetParam() == Protocol::V311 ? 3 : 2;
    ASSERT_TRUE(eventually([&] { return events_.messages().size() >= expected; }));
    EXPECT_EQ(events_.messages().size(), expected);
}

INSTANTIATE_TEST_SUITE_P(Protocols,
                         MqttClient,
                         ::testing::Values(Protocol::Auto, Protocol::V311),
                         [](const auto& p) { return p.param == Protocol::V311 ? "V311" : "V5"; });

TEST(MqttClientOptions, AreCheckedBeforeAnythingConnects) {
    Recorder events;
    ClientOptions options;
    options.url = "http://x";
    options.client_id = "c";
    const auto bad_scheme = Client::create(options, events);
    ASSERT_FALSE(bad_scheme.has_value());
    EXPECT_NE(bad_scheme.error().message.find("http://x"), std::string::npos);
    options.url = "mqtt://localhost";
    options.client_id = "";
    EXPECT_FALSE(Client::create(options, events).has_value());
    options.client_id = "c";
    options.tls.ca_file = "/ca.pem";
    EXPECT_FALSE(Client::create(options, events).has_value());
    options.tls = {};
    options.user = "u";
    options.password_file = "/does/not/exist";
    EXPECT_FALSE(Client::create(options, events).has_value());
}

}  // namespace
}  // namespace cistern::mqtt
