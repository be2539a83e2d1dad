// SPDX-License-Identifier: MIT
#include "web/server.h"

#include "tests/web/raw_client.h"
#include "web/gzip.h"

#include <gtest/gtest.h>

namespace cistern::web {
namespace {

using test::Answer;
using test::get_request;
using test::post_request;
using test::RawClient;

Router echo_routes() {
    Router router;
    router.get("/hello", Role::Read, [](const Request&) { return Response::text(200, "hello"); });
    router.get("/big", Role::Read, [](const Request&) {
        return Response::text(200, std::string(100'000, 'x'));
    });
    router.get("/label/{name}/values", Role::Read, [](const Request& request) {
        return Response::text(200,
                              request.database + "|" + std::string(request.path_value("name")));
    });
    router.get("/stream", Role::Read, [](const Request&) {
        Response response = Response::text(200, {});
        response.stream = [](ResponseStream& stream) {
            for (int i = 0; i < 50'000 && stream.write("0123456789"); ++i) {
            }
        };
        return response;
    });
    router.add({Method::Post,
                "/echo",
                Role::Write,
                [](const Request& request) {
                    auto body = request.read_body(1 << 20);
                    return body ? Response::text(200, *body) : Response::error(body.error());
                },
                BodyLimit::Small});
    router.get_or_post("/form", Role::Read, [](const Request& request) {
        auto parameters = request.parameters();
        if (!parameters) return Response::error(parameters.error());
        std::string text;
        for (const auto& [name, value] : parameters->all())
            text += name + "=" + value + ";";
        return Response::text(200, text);
    });
    return router;
}

class ServerTest : public ::testing::Test {
  protected:
    void start(WebOptions options = {}) {
        options.listen = "127.0.0.1:0";
        auto started = Server::start(options, echo_routes(), registry_);
        ASSERT_TRUE(started.has_value()) << started.error().message;
        server_ = *std::move(started);
        ASSERT_NE(server_->port(), 0);
    }
    Answer ask(std::string_view request) { return RawClient(server_->port()).exchange(request); }

    MetricsRegistry registry_;
    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
    start();
    RawClient client(server_->port());
    for (int i = 0; i < 3; ++i) {
        const Answer answer = client.exchange(get_request("/hello"));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "hello");
        EXPECT_EQ(answer.header("Content-Length"), "5");
        EXPECT_EQ(answer.header("Connection"), "keep-alive");
    }
}

TEST_F(ServerTest, AnswersHeadWithTheLengthAndNoBody) {
    start();
    RawClient client(server_->port());
    const Answer head = client.exchange("HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Length"), "5");
    EXPECT_EQ(client.exchange(get_request("/hello")).body, "hello");
}

TEST_F(ServerTest, MatchesPathsExactlyAndDecodesEachSegment) {
    start();
    EXPECT_EQ(ask(get_request("/hellox")).status, 404);
    EXPECT_EQ(ask(get_request("/hello/sub")).status, 404);
    EXPECT_EQ(ask(get_request("/label/a%2Fb/values")).body, "|a/b");
    EXPECT_EQ(ask(get_request("/db/plant1/label/x/values")).body, "plant1|x");
    EXPECT_EQ(ask(get_request("/db/_all/label/x/values")).body, "_all|x");
}

TEST_F(ServerTest, RefusesControlCharactersAndBrokenEscapes) {
    start();
    EXPECT_EQ(ask(get_request("/hello%00x")).status, 400);
    EXPECT_EQ(ask(get_request("/hello%0a")).status, 400);
    EXPECT_EQ(ask(get_request("/hello%zz")).status, 400);
    EXPECT_EQ(ask(get_request("/form?a=%")).status, 400);
}

TEST_F(ServerTest, NamesTheAllowedMethods) {
    start();
    const Answer answer = ask(post_request("/hello", "x"));
    EXPECT_EQ(answer.status, 405);
    EXPECT_NE(answer.header("Allow").find("GET"), std::string::npos);
    EXPECT_EQ(ask("OPTIONS /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 204);
}

TEST_F(ServerTest, JoinsFormAndUrlParameters) {
    start();
    const Answer answer = ask(post_request(
        "/form?b=2&c=x%26y", "a=1+1&b=3", "Content-Type: application/x-www-form-urlencoded\r\n"));
    EXPECT_EQ(answer.body, "a=1 1;b=3;b=2;c=x&y;");
    EXPECT_EQ(ask(post_request("/form?a=1", "", "Content-Type: application/json\r\n")).body,
              "a=1;");
}

TEST_F(ServerTest, CompressesLargeAnswersForThoseWhoAccept) {
    start();
    const Answer packed = ask(get_request("/big", "Accept-Encoding: gzip, deflate\r\n"));
    EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
    EXPECT_LT(packed.body.size(), 2000u);
    EXPECT_EQ(gunzip(packed.body, 1 << 20).value_or(""), std::string(100'000, 'x'));
    EXPECT_EQ(ask(get_request("/big", "Accept-Encoding: gzip;q=0\r\n")).body.size(), 100'000u);
    EXPECT_EQ(ask(get_request("/hello", "Accept-Encoding: gzip\r\n")).header("Content-Encoding"),
              "");
}

TEST_F(ServerTest, StreamsLongAnswersInChunksAndKeepsTheConnection) {
    start();
    RawClient client(server_->port());
    const Answer plain = client.exchange(get_request("/stream"));
    EXPECT_EQ(plain.header("Transfer-Encoding"), "chunked");
    EXPECT_EQ(plain.body.size(), 500'000u);
    const Answer packed = client.exchange(get_request("/stream", "Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(gunzip(packed.body, 1 << 20).value_or("").size(), 500'000u);
    const Answer old = ask("GET /stream HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.header("Transfer-Encoding"), "");
    EXPECT_EQ(old.body.size(), 500'000u);
}

TEST_F(ServerTest, ReadsGzipAndChunkedBodies) {
    start();
    const std::string text(200'000, 'y');
    EXPECT_EQ(ask(post_request("/echo", gzip(text, 6), "Content-Encoding: gzip\r\n")).body, text);
    const Answer chunked =
        ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
    EXPECT_EQ(chunked.body, "hello world");
    EXPECT_EQ(ask(post_request("/echo", "not gzip at all", "Content-Encoding: gzip\r\n")).status,
              400);
    EXPECT_EQ(ask(post_request("/echo", "x", "Content-Encoding: br\r\n")).status, 415);
}

TEST_F(ServerTest, RefusesLargeBodiesBeforeAndAfterDecompression) {
    WebOptions options;
    options.limits.body_bytes = 1000;
    options.limits.decompressed_bytes = 5000;
    start(options);
    EXPECT_EQ(ask(post_request("/echo", std::string(1001, 'x'))).status, 413);
    EXPECT_EQ(
        ask(post_request("/echo", gzip(std::string(100'000, 'x'), 9), "Content-Encoding: gzip\r\n"))
            .status,
        413);
    EXPECT_EQ(ask(post_request("/echo", std::string(1000, 'x'))).status, 200);
}

TEST_F(ServerTest, AnswersExpectContinueBeforeReading) {
    start();
    RawClient client(server_->port());
    client.send(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: "
        "100-continue\r\n\r\n");
    EXPECT_EQ(client.read_answer().status, 100);
    client.send("hello");
    EXPECT_EQ(client.read_answer().body, "hello");
}

TEST_F(ServerTest, RefusesAmbiguousFraming) {
    start();
    RawClient client(server_->port());
    client.send(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: "
        "chunked\r\n\r\n"
        "0\r\n\r\nGET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client.read_answer().status, 400);
    EXPECT_EQ(client.read_all(), "");  // the smuggled request is not answered
}

TEST_F(ServerTest, ReportsABodyThatEndsEarly) {
    start();
    RawClient client(server_->port());
    client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nhalf");
    client.finish_sending();
    EXPECT_EQ(client.read_answer().status, 408);
    RawClient chunked(server_->port());
    chunked.send(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf");
    chunked.finish_sending();
    EXPECT_EQ(chunked.read_answer().status, 408);
    RawClient between(server_->port());
    between.send(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
        "chunked\r\n\r\n4\r\nhalf\r\n");
    between.finish_sending();
    EXPECT_EQ(between.read_answer().status, 408);
}

TEST_F(ServerTest, AnswersOnlyForItsOwnNames) {
    WebOptions options;
    options.allowed_hosts = {"Cistern.Example"};
    start(options);
    const auto host = [this](std::string_view name) {
        return ask("GET /hello HTTP/1.1\r\nHost: " + std::string(name) + "\r\n\r\n").status;
    };
    EXPECT_EQ(host("127.0.0.1:8428"), 200);
    EXPECT_EQ(host("[::1]"), 200);
    EXPECT_EQ(host("pi.local"), 200);
    EXPECT_EQ(host("cistern.example:80"), 200);
    EXPECT_EQ(host("evil.example"), 421);
    EXPECT_EQ(host("local"), 421);
    EXPECT_EQ(ask("GET /hello HTTP/1.1\r\n\r\n").status, 400);
}

TEST_F(ServerTest, RefusesWritesFromOtherSitesPages) {
    start();
    EXPECT_EQ(ask(post_request("/echo", "x", "Origin: http://evil.example\r\n")).status, 403);
    EXPECT_EQ(ask(post_request("/echo", "x", "Origin: null\r\n")).status, 403);
    EXPECT_EQ(ask(post_request("/echo", "x", "Sec-Fetch-Site: cross-site\r\n")).status, 403);
    EXPECT_EQ(ask(post_request("/echo", "x", "Origin: http://localhost\r\n")).status, 200);
    EXPECT_EQ(ask(post_request("/echo", "x")).status, 200);
    EXPECT_EQ(ask(get_request("/hello", "Origin: http://evil.example\r\n"))
                  .header("Access-Control-Allow-Origin"),
              "");
}

TEST_F(ServerTest, AllowsTheConfiguredOrigins) {
    WebOptions options;
    options.cors_origins = {"https://grafana.example"};
    start(options);
    const Answer answer = ask(post_request("/echo", "x", "Origin: https://grafana.example\r\n"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "https://grafana.example");
    const Answer preflight =
        ask("OPTIONS /echo HTTP/1.1\r\nHost: localhost\r\nOrigin: https://grafana.example\r\n\r\n");
    EXPECT_NE(preflight.header("Access-Control-Allow-Methods").find("POST"), std::string::npos);
    EXPECT_EQ(ask(post_request("/echo", "x", "Origin: https://other.example\r\n")).status, 403);
}

TEST_F(ServerTest, CountsAnswersByRoute) {
    start();
    ask(get_request("/hello"));
    ask(get_request("/nowhere"));
    const std::string text = registry_.exposition();
    EXPECT_NE(text.find(R"(cistern_http_requests_total{route="/hello",code="2xx"} 1)"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(R"(cistern_http_requests_total{route="other",code="4xx"} 1)"),
              std::string::npos)
        << text;
}

TEST_F(ServerTest, StopsTwiceWithoutHarm) {
    start();
    server_->stop();
    server_->stop();
    EXPECT_FALSE(RawClient(server_->port()).connected());
}

TEST(ServerStart, RefusesTheNetworkWithoutAuthAndSaysWhatToAdd) {
    const Status refused = check_exposure("0.0.0.0:8428", {});
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("[auth]"), std::string::npos);
    EXPECT_NE(refused.error().message.find("mode = \"none\""), std::string::npos);
    AuthOptions open;
    open.mode = AuthMode::None;
    EXPECT_TRUE(check_exposure("0.0.0.0:8428", open).has_value());
    EXPECT_TRUE(check_exposure("127.0.0.1:8428", {}).has_value());
}

TEST(ServerStart, NamesTheAddressThatIsTaken) {
    MetricsRegistry registry;
    WebOptions options;
    options.listen = "127.0.0.1:0";
    auto first = Server::start(options, echo_routes(), registry);
    ASSERT_TRUE(first.has_value());
    options.listen = "127.0.0.1:" + std::to_string((*first)->port());
    auto second = Server::start(options, echo_routes(), registry);
    ASSERT_FALSE(second.has_value());
    EXPECT_NE(second.error().message.find(options.listen), std::string::npos)
        << second.error().message;
}

TEST(ServerStart, ExplainsABadAddress) {
    for (const char* listen :
         {"", "8428", "1.2.3:80", "127.0.0.1:99999", "[::1]:80", "host.example:80"}) {
        EXPECT_FALSE(check_exposure(listen, {}).has_value()) << listen;
    }
}

}  // namespace
}  // namespace cistern::web
