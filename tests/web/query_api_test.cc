// SPDX-License-Identifier: MIT
#include "tests/web/api_fixture.h"
#include "web/gzip.h"

namespace cistern::web {
namespace {

using nlohmann::json;
using test::Answer;

class QueryApi : public test::ApiTest {
  protected:
    void SetUp() override {
        start();
        std::string lines;
        for (int i = 0; i <= 10; ++i) {
            const std::string time = std::to_string(1'700'000'000 + i * 60) + "000000000\n";
            lines += "temp{room=\"a\"} " + std::to_string(20 + i) + ".5 " + time;
            lines += "temp{room=\"b\"} " + std::to_string(10 + i) + ".0 " + time;
            lines += "plant1/pump.speed " + std::to_string(100 * i) + " " + time;
        }
        import(lines);
    }
    json whole(std::string_view target) { return document(get(target)); }
    json data(std::string_view target) {
        const json answer = whole(target);
        EXPECT_EQ(answer["status"], "success") << target << ": " << answer;
        return answer["data"];
    }
};

TEST_F(QueryApi, AnswersVectorsScalarsAndStrings) {
    EXPECT_EQ(data("/api/v1/query?query=temp&time=1700000600"),
              json::parse(R"({"resultType":"vector","result":[
        {"metric":{"__name__":"temp","room":"a"},"value":[1700000600,"30.5"]},
        {"metric":{"__name__":"temp","room":"b"},"value":[1700000600,"20"]}]})"));
    EXPECT_EQ(data("/api/v1/query?query=1%2B1&time=4"),
              json::parse(R"({"resultType":"scalar","result":[4,"2"]})"));
    EXPECT_EQ(data("/api/v1/query?query=%22x%22&time=4.5"),
              json::parse(R"({"resultType":"string","result":[4.5,"x"]})"));
    EXPECT_EQ(data("/api/v1/query?query=nothing&time=4"),
              json::parse(R"({"resultType":"vector","result":[]})"));
    EXPECT_EQ(
        data("/api/v1/query?query=temp%7Broom=%22a%22%7D%5B1m%5D&time=1700000060")["result"][0]
                                                                                  ["values"],
        json::parse(R"([[1700000000,"20.5"],[1700000060,"21.5"]])"));
}

TEST_F(QueryApi, AnswersRanges) {
    const auto range =
        data("/api/v1/query_range?query=sum(temp)&start=1700000000&end=1700000120.5&step=60.25");
    EXPECT_EQ(range, json::parse(R"({"resultType":"matrix","result":[{"metric":{},"values":
        [[1700000000,"30.5"],[1700000060.250,"32.5"],[1700000120.500,"34.5"]]}]})"));
    EXPECT_EQ(
        data("/api/v1/query_range?query=1&start=0&end=1&step=1s")["result"][0]["values"].size(),
        2u);
}

TEST_F(QueryApi, TakesPostFormsWithUrlParameters) {
    const Answer form = post("/api/v1/query",
                             "query=temp%7Broom%3D%22a%22%7D&time=1700000000",
                             "Content-Type: application/x-www-form-urlencoded\r\n");
    EXPECT_EQ(document(form)["data"]["result"].size(), 1u);
    // vmalert: everything in the URL, an empty body of type JSON, a step that means nothing here.
    const Answer url = post("/api/v1/query?query=temp&step=300s&time=1700000000",
                            "",
                            "Content-Type: application/json\r\n");
    EXPECT_EQ(document(url)["data"]["result"].size(), 2u);
}

TEST_F(QueryApi, AnswersErrorsAsPrometheusDoes) {
    const auto error = [this](std::string_view target, int status, std::string_view type) {
        const Answer answer = get(target);
        EXPECT_EQ(answer.status, status) << target;
        const auto body = document(answer);
        EXPECT_EQ(body["status"], "error");
        EXPECT_EQ(body["errorType"], type) << target;
        return body["error"].get<std::string>();
    };
    EXPECT_EQ(error("/api/v1/query?query=sum(", 400, "bad_data")
                  .rfind("invalid parameter \"query\": 1:5: parse error: ", 0),
              0u);
    EXPECT_EQ(error("/api/v1/query_range?query=sum(&start=1&end=2&step=1", 400, "bad_data")
                  .rfind("1:5: parse error: ", 0),
              0u);
    EXPECT_EQ(error("/api/v1/query?query=temp&time=abc", 400, "bad_data"),
              "invalid parameter \"time\": Invalid time value for 'time': cannot parse \"abc\" to a "
              "valid timestamp");
    EXPECT_EQ(error("/api/v1/query_range?query=temp&start=1&end=2", 400, "bad_data"),
              "invalid parameter \"step\": cannot parse \"\" to a valid duration");
    EXPECT_EQ(error("/api/v1/query_range?query=temp&start=2&end=1&step=1", 400, "bad_data"),
              "invalid parameter \"end\": end timestamp must not be before start time");
    EXPECT_NE(error("/api/v1/query_range?query=temp&start=2&end=3&step=0", 400, "bad_data")
                  .find("zero or negative"),
              std::string::npos);
    EXPECT_NE(error("/api/v1/query_range?query=temp&start=0&end=11001&step=1", 400, "bad_data")
                  .find("11,000 points"),
              std::string::npos);
    EXPECT_EQ(get("/api/v1/query_range?query=1&start=0&end=11000&step=1").status, 200);
    error("/api/v1/query?query=temp%2Bon()temp&time=1700000000", 422, "execution");
    error("/api/v1/query?query=temp&timeout=x", 400, "bad_data");
}

TEST_F(QueryApi, StopsQueriesThatHoldTooManySamples) {
    WebOptions options;
    options.limits.query_samples = 5;
    start(options);
    const Answer answer = get("/api/v1/query?query=sum_over_time(temp%5B1h%5D)&time=1700000600");
    EXPECT_EQ(answer.status, 422) << answer.body;
    EXPECT_EQ(document(answer)["errorType"], "execution");
}

TEST_F(QueryApi, CutsSeriesAndGivesStatsWhenAsked) {
    const auto cut = whole("/api/v1/query?query=temp&time=1700000000&limit=1");
    EXPECT_EQ(cut["data"]["result"].size(), 1u);
    EXPECT_EQ(cut["warnings"], json::parse(R"(["results truncated due to limit"])"));
    EXPECT_FALSE(data("/api/v1/query?query=temp").contains("stats"));
    EXPECT_TRUE(data("/api/v1/query?query=temp&stats=all")["stats"]["samples"].contains(
        "totalQueryableSamples"));
}

TEST_F(QueryApi, LooksBackAsFarAsAsked) {
    EXPECT_EQ(data("/api/v1/query?query=temp&time=1700001000")["result"].size(), 0u);
    EXPECT_EQ(data("/api/v1/query?query=temp&time=1700001000&lookback_delta=10m")["result"].size(),
              2u);
}

TEST_F(QueryApi, AddressesDatabasesFourWays) {
    EXPECT_EQ(
        data("/db/plant1/api/v1/query?query=%7B%22pump.speed%22%7D&time=1700000060")["result"][0]
                                                                                    ["value"][1],
        "100");
    EXPECT_EQ(
        data("/api/v1/query?db=plant1&query=%7B%22pump.speed%22%7D&time=1700000060")["result"][0]
                                                                                    ["value"][1],
        "100");
    EXPECT_EQ(
        data("/api/v1/query?query=plant1/pump.speed&time=1700000060")["result"],
        json::parse(
            R"([{"metric":{"__name__":"pump.speed","db":"plant1"},"value":[1700000060,"100"]}])"));
    EXPECT_EQ(
        data("/db/_all/api/v1/query?query=count%20by(db)(%7B__name__!=%22%22%7D)&time=1700000060")
            ["result"]
                .size(),
        2u);
    EXPECT_EQ(data("/api/v1/query?query=nowhere/x")["result"], json::array());
    EXPECT_EQ(get("/db/nowhere/api/v1/query?query=x").status, 404);
    EXPECT_EQ(get("/db/NO/api/v1/query?query=x").status, 400);
}

TEST_F(QueryApi, GivesStoredSamplesAsTheyAre) {
    import("plant1/exact 9007199254740993 1700000000000000001\nplant1/exact 2 1700000001000000000");
    const auto raw = get("/api/v1/query_range?query=plant1/exact&start=1700000000&end=1700000001");
    EXPECT_NE(raw.body.find(R"({"metric":{"__name__":"exact","db":"plant1"},"values":)"
                            R"([[1700000000.000000001,"9007199254740993"],[1700000001,"2"]]})"),
              std::string::npos)
        << raw.body;
    EXPECT_EQ(
        data("/api/v1/query_range?query=plant1/"
             "exact&start=1700000000000&end=1700000000999&timestamp_unit=ms")["result"][0]["values"]
            .size(),
        1u);
    EXPECT_EQ(get("/api/v1/query_range?query=plant1/exact").status, 400);
}

TEST_F(QueryApi, FoldsWindows) {
    const auto windows = data(
        "/api/v1/query_range?query=plant1/pump.speed&start=1700000000&end=1700000600"
        "&aggregate=avg,max,p50&window=5m");
    ASSERT_EQ(windows["result"].size(), 3u);
    EXPECT_EQ(windows["result"][0],
              json::parse(R"({"metric":{"__name__":"pump.speed","db":"plant1"},
        "aggregate":"avg","window":"5m0s","values":[[1700000100,"50"],[1700000400,"400"],[1700000600,"850"]]})"));
    EXPECT_EQ(windows["result"][1]["values"][1], json::parse(R"([1700000400,"600"])"));
    EXPECT_EQ(windows["result"][2]["values"][1], json::parse(R"([1700000400,"400"])"));
    EXPECT_EQ(
        data("/api/v1/query?query=temp%7Broom=%22a%22%7D&aggregate=count&window=2m&time=1700000600")
            ["result"][0]["value"],
        json::parse(R"([1700000600,"3"])"));
    EXPECT_EQ(
        get("/api/v1/query_range?query=plant1/x&start=1&end=2&aggregate=mode&window=1m").status,
        400);
    EXPECT_EQ(
        get("/api/v1/query_range?query=rate(x[1m])&start=1&end=2&aggregate=avg&window=1m").status,
        400);
}

TEST_F(QueryApi, StreamsLargeResults) {
    std::string lines;
    for (int s = 0; s < 200; ++s)
        lines += "many{n=\"" + std::to_string(s) + "\"} 1.5 1700000000000000000\n";
    import(lines);
    const Answer answer =
        get("/api/v1/query_range?query=many&start=1700000000&end=1700000290&step=1",
            "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(answer.header("Transfer-Encoding"), "chunked");
    const auto plain = gunzip(answer.body, 64 << 20);
    ASSERT_TRUE(plain.has_value());
    const auto parsed = json::parse(*plain);
    EXPECT_EQ(parsed["data"]["result"].size(), 200u);
    EXPECT_EQ(parsed["data"]["result"][199]["values"].size(), 291u);
}

}  // namespace
}  // namespace cistern::web
