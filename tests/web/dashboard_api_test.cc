// SPDX-License-Identifier: MIT
#include "tests/web/api_fixture.h"
#include "web/dashboards.h"
#include "web/openapi.h"

#include <filesystem>
#include <fstream>

namespace cistern::web {
namespace {

using nlohmann::json;
using test::Answer;

constexpr const char* kBoard = R"({"schema":1,"title":"Boiler","future":{"x":1},"panels":[
    {"id":"a","type":"line","grid":{"x":0,"y":0,"w":12,"h":6},"series":[{"query":"temp"}]}]})";

class DashboardApi : public test::ApiTest {
  protected:
    Answer send(std::string_view method,
                std::string_view target,
                std::string_view body,
                std::string_view headers = "") {
        std::string request = test::post_request(target, body, headers);
        request.replace(0, 4, method);
        return test::RawClient(server_->port()).exchange(request);
    }
};

TEST_F(DashboardApi, KeepsADocumentAsItWasSent) {
    const Answer put = send("PUT", "/api/v1/dashboards/boiler", kBoard);
    EXPECT_EQ(put.status, 201) << put.body;
    const Answer read = get("/api/v1/dashboards/boiler");
    EXPECT_EQ(read.body, kBoard);
    EXPECT_EQ(read.header("ETag"), put.header("ETag"));
    EXPECT_EQ(
        get("/api/v1/dashboards/boiler", "If-None-Match: " + read.header("ETag") + "\r\n").status,
        304);
    EXPECT_EQ(document(get("/api/v1/dashboards"))["data"],
              json::parse(R"([{"id":"boiler","title":"Boiler","etag":)" +
                          json(read.header("ETag")).dump() + "}]"));
    EXPECT_EQ(send("PUT", "/api/v1/dashboards/boiler", kBoard).status, 200);
}

TEST_F(DashboardApi, RefusesToOverwriteSomebodyElsesChange) {
    const std::string first = send("PUT", "/api/v1/dashboards/b", kBoard).header("ETag");
    const Answer second =
        send("PUT", "/api/v1/dashboards/b", R"({"title":"Two"})", "If-Match: " + first + "\r\n");
    EXPECT_EQ(second.status, 200) << second.body;
    const Answer late =
        send("PUT", "/api/v1/dashboards/b", R"({"title":"Three"})", "If-Match: " + first + "\r\n");
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(document(late)["errorType"], "conflict");
    EXPECT_EQ(send("PUT", "/api/v1/dashboards/b", kBoard, "If-None-Match: *\r\n").status, 412);
    EXPECT_EQ(send("DELETE", "/api/v1/dashboards/b", "", "If-Match: " + first + "\r\n").status,
              412);
    EXPECT_EQ(send("DELETE", "/api/v1/dashboards/b", "").status, 204);
    EXPECT_EQ(get("/api/v1/dashboards/b").status, 404);
}

TEST_F(DashboardApi, KeepsTheLastVersionsAsBackups) {
    for (int i = 0; i < 10; ++i) {
        send("PUT", "/api/v1/dashboards/b", R"({"title":"Number )" + std::to_string(i) + "\"}");
        clock_.advance(1'000'000'000);
    }
    std::vector<std::string> backups;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.path() + "/dashboards/backup")) {
        backups.push_back(entry.path());
    }
    ASSERT_EQ(backups.size(), kDashboardBackups);
    std::sort(backups.begin(), backups.end());
    std::ifstream newest(backups.back());
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(newest), {}), R"({"title":"Number 8"})");
}

TEST_F(DashboardApi, MakesAnIdFromTheTitle) {
    const Answer first = send("POST", "/api/v1/dashboards", R"({"title":"Boiler Room 1!"})");
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(first.header("Location"), "/api/v1/dashboards/boiler-room-1");
    EXPECT_EQ(
        document(send("POST", "/api/v1/dashboards", R"({"title":"Boiler Room 1!"})"))["data"]["id"],
        "boiler-room-1-2");
}

TEST_F(DashboardApi, NamesEveryFault) {
    const Answer bad =
        send("PUT",
             "/api/v1/dashboards/b",
             R"({"schema":2,"panels":[{"type":"pie","grid":{"x":-1}},7,{"series":[{}]}]})");
    EXPECT_EQ(bad.status, 400);
    const std::string error = document(bad)["error"];
    for (const char* fault : {"schema must be 1",
                              "title is missing",
                              "unknown type \"pie\"",
                              "panels[0].grid.x",
                              "panels[1] must be an object",
                              "panels[2]: type is missing",
                              "panels[2].series[0]"}) {
        EXPECT_NE(error.find(fault), std::string::npos) << fault << " in " << error;
    }
    EXPECT_EQ(document(send("POST", "/api/v1/dashboards/validate", "{"))["data"]["ok"], false);
    EXPECT_EQ(document(send("POST", "/api/v1/dashboards/validate", kBoard))["data"],
              json::parse(R"({"ok":true,"errors":[]})"));
    EXPECT_EQ(get("/api/v1/dashboards").status, 200);
}

TEST_F(DashboardApi, LeavesItsFolderOnlyForItsOwnFiles) {
    for (const char* id : {"..%2fx", "%2e%2e", "A", "a.b", "-x"}) {
        EXPECT_EQ(send("PUT", std::string("/api/v1/dashboards/") + id, kBoard).status, 400) << id;
        EXPECT_EQ(get(std::string("/api/v1/dashboards/") + id).status, 404) << id;
    }
    EXPECT_FALSE(std::filesystem::exists(folder_.file("x.json")));
}

TEST_F(DashboardApi, DescribesEveryRoute) {
    const Router router = api_->routes();
    for (const Route& route : router.routes())
        EXPECT_TRUE(is_described(route.pattern)) << route.pattern;
    const auto document = json::parse(get("/api/v1/openapi.json").body);
    EXPECT_EQ(document["openapi"], "3.0.3");
    EXPECT_TRUE(document["paths"]["/api/v1/query"].contains("post"));
    EXPECT_EQ(document["paths"]["/api/v1/label/{name}/values"]["get"]["parameters"][0]["in"],
              "path");
}

}  // namespace
}  // namespace cistern::web
