// SPDX-License-Identifier: MIT
#include "tests/web/api_fixture.h"

namespace cistern::web {
namespace {

using test::Answer;

class InfluxApi : public test::ApiTest {
  protected:
    // The newest value at `time` seconds of a series, by PromQL.
    std::string value(std::string_view database, std::string_view selector, int64_t seconds) {
        test::Answer answer =
            get("/db/" + std::string(database) + "/api/v1/query?time=" + std::to_string(seconds) +
                "&query=" + std::string(selector));
        const auto body = document(answer);
        if (body["data"]["result"].size() != 1) return answer.body;
        return body["data"]["result"][0]["value"][1];
    }
};

TEST_F(InfluxApi, WritesFieldsAsSeriesOfTheDatabase) {
    const Answer answer =
        post("/write?db=Telegraf&precision=s",
             "cpu,host=pi,core=0 usage=12.5,idle=80i,on=true,note=\"text\" 1700000000\n"
             "temp,room=bath value=21.5 1700000000\n");
    EXPECT_EQ(answer.status, 204) << answer.body;
    EXPECT_EQ(value("telegraf", "cpu_usage%7Bhost=%22pi%22,core=%220%22%7D", 1700000000), "12.5");
    EXPECT_EQ(value("telegraf", "cpu_idle", 1700000000), "80");
    EXPECT_EQ(value("telegraf", "cpu_on", 1700000000), "1");
    EXPECT_EQ(value("telegraf", "temp", 1700000000), "21.5");
}

TEST_F(InfluxApi, TakesIntegersAndFloatsForOneField) {
    EXPECT_EQ(post("/write", "m v=1i 1000000000\nm v=1.5 2000000000\n").status, 204);
    EXPECT_EQ(value("main", "m_v", 2), "1.5");
}

TEST_F(InfluxApi, UsesTheBucketOfVersionTwo) {
    EXPECT_EQ(
        post("/api/v2/write?org=home&bucket=garden&precision=ms", "soil moisture=40 1700000000000")
            .status,
        204);
    EXPECT_EQ(value("garden", "soil_moisture", 1700000000), "40");
    EXPECT_EQ(post("/db/plant1/write?db=other", "x value=1 1000000000").status, 204);
    EXPECT_EQ(value("plant1", "x", 1), "1");
}

TEST_F(InfluxApi, BringsUnitsOfHomeAssistantIntoMetricNames) {
    EXPECT_EQ(post("/api/v2/write?bucket=home%20assistant",
                   "%,entity_id=humidity value=55 1000000000\n"
                   "\xc2\xb0"
                   "C,entity_id=t value=21 1000000000")
                  .status,
              204);
    EXPECT_EQ(value("home_assistant", "%7Bentity_id=%22humidity%22%7D", 1), "55");
    EXPECT_EQ(value("home_assistant", "%7B__name__=~%22.*C%22%7D", 1), "21");
}

TEST_F(InfluxApi, KeepsGoodLinesAndAnswersAsInfluxDoes) {
    const Answer answer = post("/write", "a value=1 1000000000\nb value= 1\nc value=3 1000000000");
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(document(answer)["error"].get<std::string>().find("partial write: line 2"),
              std::string::npos)
        << answer.body;
    EXPECT_EQ(value("main", "c", 1), "3");
    EXPECT_EQ(post("/write?precision=y", "a value=1").status, 400);
}

TEST_F(InfluxApi, AnswersWhatClientsAskFirst) {
    EXPECT_EQ(get("/ping").status, 204);
    EXPECT_NE(get("/ping").header("X-Influxdb-Version"), "");
    EXPECT_EQ(post("/query",
                   "q=CREATE+DATABASE+%22telegraf%22",
                   "Content-Type: application/x-www-form-urlencoded\r\n")
                  .status,
              200);
    import("main/a 1 1");
    EXPECT_EQ(document(get("/query?q=SHOW%20DATABASES"))["results"][0]["series"][0]["values"],
              nlohmann::json::parse(R"([["main"]])"));
    EXPECT_EQ(get("/query?q=SELECT%201").status, 400);
    EXPECT_EQ(post("/api/v2/write", "").status, 204);
}

TEST_F(InfluxApi, AsksForARetryWhenTheDiskIsFull) {
    store_.fail_appends_with(Error{ErrorCode::ResourceExhausted, "full"});
    const Answer answer = post("/write", "a value=1");
    EXPECT_EQ(answer.status, 507);
    EXPECT_NE(answer.header("Retry-After"), "");
}

}  // namespace
}  // namespace cistern::web
