// SPDX-License-Identifier: MIT
#include "tests/web/api_fixture.h"
#include "web/live_hub.h"

#include <chrono>
#include <thread>

namespace cistern::web {
namespace {

using nlohmann::json;
using test::Answer;
using test::get_request;
using test::RawClient;

class LiveApi : public test::ApiTest {
  protected:
    // The next event that carries samples.
    static json next_event(RawClient& client) {
        while (true) {
            const std::string event = client.read_until("\n\n");
            if (event.empty()) return {};
            if (event.starts_with("data: ")) return json::parse(event.substr(6))["series"];
        }
    }
    static void open(RawClient& client, std::string_view target) {
        client.send(get_request(target));
        const std::string head = client.read_until("\r\n\r\n");
        EXPECT_TRUE(head.starts_with("HTTP/1.1 200")) << head;
        EXPECT_NE(head.find("text/event-stream"), std::string::npos);
        EXPECT_EQ(client.read_until("\n\n"), "retry: 2000\n\n");
    }
};

TEST_F(LiveApi, SendsNewSamplesOfTheSeriesAskedFor) {
    import("temp{room=\"a\"} 1.5 1000000000\nother 5 1000000000");
    RawClient client(server_->port());
    open(client, "/api/v1/live?match[]=temp");
    import("temp{room=\"a\"} 2.5 2000000000\nother 6 2000000000");
    EXPECT_EQ(next_event(client),
              json::parse(R"([{"labels":{"__name__":"temp","room":"a"},"t":2000,"v":2.5}])"));
    import("temp{room=\"a\"} NaN 3000500000");
    EXPECT_EQ(next_event(client),
              json::parse(R"([{"labels":{"__name__":"temp","room":"a"},"t":3000.5,"v":null}])"));
}

TEST_F(LiveApi, FollowsSeriesThatAppearLater) {
    RawClient client(server_->port());
    open(client, "/db/_all/api/v1/live");
    import("plant1/fresh 42 5000000000");
    EXPECT_EQ(next_event(client),
              json::parse(R"([{"labels":{"__name__":"fresh","db":"plant1"},"t":5000,"v":42}])"));
}

TEST_F(LiveApi, FoldsABurstIntoItsLastValue) {
    RawClient client(server_->port());
    open(client, "/api/v1/live");
    std::string lines;
    for (int i = 1; i <= 5000; ++i)
        lines += "x " + std::to_string(i) + " " + std::to_string(i) + "000000\n";
    import(lines);
    auto event = next_event(client);
    while (event.is_array() && event[0]["v"] != 5000)
        event = next_event(client);
    EXPECT_EQ(event.size(), 1u);
}

TEST_F(LiveApi, GivesTheNewestSampleOfEachSeriesAtOnce) {
    import("temp 1 1000000000\ntemp 2 2000000000\nup 1 1000000000");
    const auto answer = json::parse(get("/api/v1/live/snapshot").body);
    EXPECT_EQ(
        answer["data"]["series"],
        json::parse(
            R"([{"labels":{"__name__":"temp"},"t":2000,"v":2},{"labels":{"__name__":"up"},"t":1000,"v":1}])"));
}

TEST_F(LiveApi, RefusesMoreStreamsThanThereArePlaces) {
    WebOptions options;
    options.limits.live_streams = 2;
    start(options);
    RawClient first(server_->port());
    open(first, "/api/v1/live");
    {
        RawClient second(server_->port());
        open(second, "/api/v1/live");
        const Answer third = get("/api/v1/live");
        EXPECT_EQ(third.status, 503);
        EXPECT_NE(third.header("Retry-After"), "");
    }
    // The place of the second is free again once the server writes to it in vain.
    for (int i = 0; i < 200; ++i) {
        import("x " + std::to_string(i) + " " + std::to_string(i));
        RawClient again(server_->port());
        again.send(get_request("/api/v1/live"));
        if (again.read_until("\r\n\r\n").starts_with("HTTP/1.1 200")) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL() << "the place of the client that left was not given back";
}

TEST_F(LiveApi, RefusesBadSelectorsAndUnknownDatabases) {
    EXPECT_EQ(get("/api/v1/live?match[]={").status, 400);
    EXPECT_EQ(get("/db/nowhere/api/v1/live").status, 404);
}

TEST_F(LiveApi, EndsStreamsWhenTheServerStops) {
    RawClient client(server_->port());
    open(client, "/api/v1/live");
    server_->stop();
    EXPECT_EQ(client.read_all(), "");
}

TEST(LiveHub, KeepsNothingWhileNobodyWatches) {
    LiveHub hub;
    test::MemoryStore store;
    store::Database& database = **store.database("main");
    const store::Sample sample{store::SeriesId(1), 10, store::ValueBits::of(1)};
    hub.publish(database, {&sample, 1});
    EXPECT_EQ(hub.version(), 0u);
    const auto place = hub.take_place("peer", 1, 1);
    ASSERT_NE(place, nullptr);
    EXPECT_EQ(hub.take_place("peer", 1, 1), nullptr);
    hub.publish(database, {&sample, 1});
    EXPECT_EQ(hub.version(), 1u);
    // Older news are none.
    const store::Sample late{store::SeriesId(1), 5, store::ValueBits::of(2)};
    hub.publish(database, {&late, 1});
    EXPECT_EQ(hub.version(), 1u);
}

}  // namespace
}  // namespace cistern::web
