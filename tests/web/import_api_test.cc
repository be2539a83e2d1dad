// SPDX-License-Identifier: MIT
#include "tests/web/api_fixture.h"
#include "web/gzip.h"

namespace cistern::web {
namespace {

using test::Answer;
using test::ApiTest;
using test::kNowNs;

class ImportApi : public ApiTest {
  protected:
    // Sorted selector -> "time value" of each sample.
    std::map<std::string, std::vector<std::pair<int64_t, double>>> stored(
        const std::string& database = "main") {
        std::map<std::string, std::vector<std::pair<int64_t, double>>> all;
        const store::Database* found = store_.find(database);
        if (found == nullptr) return all;
        const auto querier = found->querier();
        const auto selected = querier->select({}, {});
        for (const auto& handle : *selected) {
            store::SampleColumns columns;
            EXPECT_TRUE(querier->read(handle, {}, columns).has_value());
            for (size_t i = 0; i < columns.size(); ++i) {
                all[handle.labels->to_string()].emplace_back(columns.timestamps[i],
                                                             columns.values[i]);
            }
        }
        return all;
    }
};

TEST_F(ImportApi, StoresLinesOfSeveralDatabases) {
    const Answer answer = post("/api/v1/import",
                               "room.temperature 21.5 1000000000\n"
                               "plant1/pump{line=\"7\"} 42 2000000001\n"
                               "# a comment\n"
                               "no_time 1\n");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(document(answer),
              nlohmann::json::parse(R"({"status":"success","data":{"imported":3,"failed":0}})"));
    const auto main = stored();
    EXPECT_EQ(main.at("{\"room.temperature\"}").front(),
              (std::pair<int64_t, double>(1000000000, 21.5)));
    EXPECT_EQ(main.at("no_time").front().first, kNowNs);
    EXPECT_EQ(stored("plant1").at("pump{line=\"7\"}").front().first, 2000000001);
}

TEST_F(ImportApi, KeepsGoodLinesAndNamesTheBadOnes) {
    const Answer answer = post("/api/v1/import", "a 1 1\na x 2\nb{ 3 3\na 4 4\n");
    EXPECT_EQ(answer.status, 400);
    const auto whole = document(answer);
    EXPECT_EQ(whole["status"], "error");
    EXPECT_EQ(whole["errorType"], "bad_data");
    EXPECT_EQ(whole["error"].get<std::string>().rfind("line 2: ", 0), 0u) << whole;
    EXPECT_EQ(whole["data"]["imported"], 2);
    EXPECT_EQ(whole["data"]["failed"], 2);
    EXPECT_EQ(whole["data"]["errors"][1]["line"], 3);
    EXPECT_EQ(stored().at("a").size(), 2u);
    const std::string metrics = registry_.exposition();
    EXPECT_NE(metrics.find("cistern_samples_dropped_total{reason=\"http_bad_line\"} 2"), std::string::npos);
    EXPECT_NE(metrics.find("cistern_samples_written_total{db=\"main\"} 2"), std::string::npos);
}

TEST_F(ImportApi, AcceptsTheLinesInJson) {
    const Answer answer =
        post("/api/v1/import", R"({"lines":"a 1 1\nb 2 2"})", "Content-Type: application/json\r\n");
    EXPECT_EQ(document(answer)["data"]["imported"], 2) << answer.body;
    EXPECT_EQ(post("/api/v1/import", "{\"line\":1}", "Content-Type: application/json\r\n").status,
              400);
}

TEST_F(ImportApi, ReadsLargeBodiesInPiecesWithRightLineNumbers) {
    std::string lines;
    for (int i = 0; i < 60'000; ++i) {
        lines += "series_" + std::to_string(i % 50) + "{k=\"v\"} " + std::to_string(i) + ".5 " +
                 std::to_string(i + 1) + "\n";
    }
    lines += "bad line here\n";
    const Answer answer = post("/api/v1/import", gzip(lines, 1), "Content-Encoding: gzip\r\n");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(document(answer)["data"]["imported"], 60'000);
    EXPECT_EQ(document(answer)["data"]["errors"][0]["line"], 60'001);
    EXPECT_EQ(stored().size(), 50u);
}

TEST_F(ImportApi, WritesIntoTheDatabaseOfThePath) {
    EXPECT_EQ(post("/db/plant7/api/v1/import", "a 1 1\nother/b 2 2").status, 200);
    EXPECT_EQ(stored("plant7").size(), 1u);
    EXPECT_EQ(stored("other").size(), 1u);
    EXPECT_EQ(post("/db/_all/api/v1/import", "a 1 1").status, 400);
    EXPECT_EQ(post("/db/BAD/api/v1/import", "a 1 1").status, 400);
    EXPECT_EQ(store_.find("main"), nullptr);
}

TEST_F(ImportApi, RefusesAFloatInASeriesOfIntegers) {
    import("n 1 1");
    const Answer answer = post("/api/v1/import", "n 2.5 2\nn 3 3");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(document(answer)["data"]["imported"], 1);
    EXPECT_EQ(stored().at("n").size(), 2u);
}

TEST_F(ImportApi, CountsWhatTheDatabaseRejects) {
    store_.reject_before = 100;
    const Answer answer = post("/api/v1/import", "a 1 1\na 2 200");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(document(answer)["data"]["imported"], 1);
    EXPECT_EQ(document(answer)["data"]["failed"], 1);
}

TEST_F(ImportApi, Answers507WhenTheDiskIsFull) {
    store_.fail_appends_with(Error{ErrorCode::ResourceExhausted, "the disk is full"});
    const Answer answer = post("/api/v1/import", "a 1 1");
    EXPECT_EQ(answer.status, 507);
    EXPECT_NE(answer.header("Retry-After"), "");
    EXPECT_NE(document(answer)["error"].get<std::string>().find("disk is full"), std::string::npos);
    store_.fail_appends_with(Error{ErrorCode::Io, "broken"});
    EXPECT_EQ(post("/api/v1/import", "a 1 1").status, 500);
    store_.fail_appends_with(std::nullopt);
    EXPECT_EQ(post("/api/v1/import", "a 1 1").status, 200);
}

TEST_F(ImportApi, DoesNotStoreTheLineThatWasCutOff) {
    test::RawClient client(server_->port());
    client.send(
        "POST /api/v1/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\na 1 1\na 2");
    client.finish_sending();
    EXPECT_EQ(client.read_answer().status, 408);
    EXPECT_FALSE(stored().contains("a") && stored().at("a").size() > 1);
}

TEST_F(ImportApi, ReadsPrometheusText) {
    const Answer answer = post("/api/v1/import/prometheus",
                               "# HELP temp Of the room.\n# TYPE temp gauge\n"
                               "temp{room=\"a b\"} 21.5 1700000000123\n"
                               "up 1\n"
                               "broken{ 1\n");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(document(answer)["data"]["imported"], 2);
    EXPECT_EQ(document(answer)["data"]["errors"][0]["line"], 5);
    EXPECT_EQ(stored().at("temp{room=\"a b\"}").front().first, 1'700'000'000'123'000'000);
    EXPECT_EQ(stored().at("up").front().first, kNowNs);
}

TEST_F(ImportApi, TakesTimeAndLabelsOfTheUrl) {
    const Answer answer = post(
        "/api/v1/import/"
        "prometheus?timestamp=1700000000000&extra_label=site=home&extra_label=room=x",
        "up{room=\"old\"} 1\nup 2 1600000000000\n");
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto all = stored();
    ASSERT_TRUE(all.contains("up{room=\"x\", site=\"home\"}")) << all.begin()->first;
    EXPECT_EQ(all.at("up{room=\"x\", site=\"home\"}").size(), 2u);
    EXPECT_EQ(post("/api/v1/import/prometheus?timestamp=x", "up 1").status, 400);
    EXPECT_EQ(post("/api/v1/import/prometheus?extra_label=x", "up 1").status, 400);
}

}  // namespace
}  // namespace cistern::web
