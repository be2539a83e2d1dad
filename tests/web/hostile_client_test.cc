// SPDX-License-Identifier: MIT
// Clients that hold on, lie, or ask for too much.
#include "tests/web/api_fixture.h"

#include <thread>

namespace cistern::web {
namespace {

using test::Answer;
using test::get_request;
using test::RawClient;

class HostileClient : public test::ApiTest {};

TEST_F(HostileClient, CannotKeepOthersOutByConnectingAndSayingNothing) {
    WebOptions options;
    options.limits.threads = 8;
    options.limits.request_timeout_ms = 300;
    start(options);
    std::vector<std::unique_ptr<RawClient>> silent;
    for (int i = 0; i < 20; ++i) {
        silent.push_back(std::make_unique<RawClient>(server_->port()));
        silent.back()->send("GET /health HT");
    }
    EXPECT_EQ(get("/health").status, 200);
}

TEST_F(HostileClient, IsCutOffWhenItsBodyTrickles) {
    WebOptions options;
    options.limits.request_timeout_ms = 300;
    start(options);
    RawClient slow(server_->port());
    slow.send(
        "POST /api/v1/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\na 1 "
        "1\n");
    EXPECT_EQ(slow.read_answer().status, 408);
    EXPECT_EQ(get("/health").status, 200);
}

TEST_F(HostileClient, GetsOnlyItsShareOfThePlaces) {
    WebOptions options;
    options.limits.connections_per_peer = 3;
    options.limits.live_streams_per_peer = 10;
    start(options);
    std::vector<std::unique_ptr<RawClient>> streams;
    for (int i = 0; i < 3; ++i) {
        streams.push_back(std::make_unique<RawClient>(server_->port()));
        streams.back()->send(get_request("/api/v1/live"));
        EXPECT_NE(streams.back()->read_until("\n\n"), "");
    }
    const Answer refused = get("/health");
    EXPECT_EQ(refused.status, 429);
    EXPECT_NE(refused.header("Retry-After"), "");
}

TEST_F(HostileClient, DoesNotBringDownTheServerByLongUrlsOrHeaders) {
    EXPECT_EQ(get("/api/v1/labels?x=" + std::string(20'000, 'x')).status, 414);
    EXPECT_GE(get("/api/v1/labels?x=" + std::string(100'000, 'x')).status, 400);
    std::string headers;
    for (int i = 0; i < 60; ++i)
        headers += "X-" + std::to_string(i) + ": " + std::string(2000, 'h') + "\r\n";
    EXPECT_GE(get("/health", headers).status, 400);
    std::string many;
    for (int i = 0; i < 2000; ++i)
        many += "&match[]=x";
    EXPECT_EQ(get("/api/v1/series?" + many.substr(1, 15'000)).status, 413);
    EXPECT_EQ(get("/health").status, 200);
}

TEST_F(HostileClient, GetsAnErrorForNonsense) {
    for (const char* request :
         {"\r\n\r\n",
          "GET\r\n\r\n",
          "GET / HTTP/9.9\r\n\r\n",
          "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
          "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "POST /api/v1/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
          "POST /api/v1/import HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
          "chunked\r\n\r\nzz\r\n"}) {
        RawClient client(server_->port());
        client.send(request);
        client.finish_sending();
        const Answer answer = client.read_answer();
        EXPECT_TRUE(answer.status == 0 || answer.status >= 400)
            << request << " -> " << answer.status;
    }
    EXPECT_EQ(get("/health").status, 200);
}

TEST_F(HostileClient, CannotNestQueriesOrRegexesTooDeep) {
    const auto ask = [this](const std::string& query) {
        return post("/api/v1/query",
                    "query=" + query,
                    "Content-Type: application/x-www-form-urlencoded\r\n")
            .status;
    };
    EXPECT_EQ(ask(std::string(100'000, '(')), 400);
    EXPECT_EQ(ask(std::string(100'000, '-') + "1"), 400);
    std::string sum = "1";
    for (int i = 0; i < 20'000; ++i)
        sum += "%2B1";
    EXPECT_EQ(ask(sum), 400);
    EXPECT_EQ(ask("x%7Ba=~%22(((a{1000}){1000}){1000})%22%7D"), 400);
}

TEST_F(HostileClient, IsStoppedWhenAQueryTakesTooLong) {
    api_clock_ = &system_clock();
    start();
    std::string lines;
    for (int s = 0; s < 100; ++s) {
        for (int i = 0; i < 50; ++i) {
            lines += "m{s=\"" + std::to_string(s) + "\"} " + std::to_string(i) + " " +
                     std::to_string(i * 60) + "000000000\n";
        }
    }
    import(lines);
    // Each step looks at all samples of every series again, ten thousand times.
    const Answer answer =
        get("/api/v1/"
            "query_range?query=quantile_over_time(0.5,m%5B1h:1s%5D)&start=0&end=100000&step=10&"
            "timeout=50ms");
    EXPECT_EQ(answer.status, 503) << answer.body.substr(0, 200);
    EXPECT_EQ(document(answer)["errorType"], "timeout");
}

}  // namespace
}  // namespace cistern::web
