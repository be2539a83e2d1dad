// SPDX-License-Identifier: MIT
#include "tests/web/api_fixture.h"

namespace cistern::web {
namespace {

using nlohmann::json;
using test::Answer;

class SeriesApi : public test::ApiTest {
  protected:
    void SetUp() override {
        start();
        import(
            "temp{room=\"a\",floor=\"1\"} 1.5 1700000000000000000\n"
            "temp{room=\"b\"} 2.5 1700000100000000000\n"
            "up 1 1700000200000000000\n"
            "plant1/flow{room=\"c\"} 3.5 1700000200000000000\n");
    }
    json data(std::string_view target) {
        const Answer answer = get(target);
        EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
        return document(answer)["data"];
    }
};

TEST_F(SeriesApi, ListsLabelNamesAndValues) {
    EXPECT_EQ(data("/api/v1/labels"), json::parse(R"(["__name__","floor","room"])"));
    EXPECT_EQ(data("/api/v1/labels?match[]=up"), json::parse(R"(["__name__"])"));
    EXPECT_EQ(data("/api/v1/label/__name__/values"), json::parse(R"(["temp","up"])"));
    EXPECT_EQ(data("/api/v1/label/room/values?match[]=temp{floor=\"1\"}"), json::parse(R"(["a"])"));
    EXPECT_EQ(data("/api/v1/label/nothing/values"), json::array());
}

TEST_F(SeriesApi, JoinsSelectorsWithoutRepeating) {
    const auto both = data("/api/v1/series?match[]=temp&match[]={room=\"a\"}");
    EXPECT_EQ(
        both,
        json::parse(
            R"([{"__name__":"temp","floor":"1","room":"a"},{"__name__":"temp","room":"b"}])"));
    EXPECT_EQ(data("/api/v1/label/room/values?match[]=up&match[]=temp"),
              json::parse(R"(["a","b"])"));
}

TEST_F(SeriesApi, LooksOnlyAtTheRangeAsked) {
    EXPECT_EQ(data("/api/v1/series?match[]=temp&start=1700000050&end=1700000100").size(), 1u);
    EXPECT_EQ(data("/api/v1/series?match[]=temp&start=2023-11-14T22:13:20Z&end=1700000000").size(),
              1u);
    EXPECT_EQ(data("/api/v1/labels?start=1800000000"), json::array());
    EXPECT_EQ(data("/api/v1/series?match[]=up&start=-292273086-05-16T16:47:06Z"
                   "&end=292277025-08-18T07:12:54.999999999Z")
                  .size(),
              1u);
}

TEST_F(SeriesApi, CutsAtTheLimitAndSaysSo) {
    const Answer answer = get("/api/v1/label/room/values?limit=1");
    EXPECT_EQ(
        document(answer),
        json::parse(
            R"({"status":"success","data":["a"],"warnings":["results truncated due to limit"]})"));
    EXPECT_FALSE(document(get("/api/v1/labels?limit=3")).contains("warnings"));
    EXPECT_EQ(get("/api/v1/labels?limit=x").status, 400);
}

TEST_F(SeriesApi, AnswersErrorsAsPrometheusDoes) {
    const Answer none = get("/api/v1/series");
    EXPECT_EQ(none.status, 400);
    EXPECT_EQ(
        document(none),
        json::parse(
            R"({"status":"error","errorType":"bad_data","error":"no match[] parameter provided"})"));
    EXPECT_EQ(get("/api/v1/series?match[]={").status, 400);
    EXPECT_EQ(get("/api/v1/labels?start=x").status, 400);
    EXPECT_EQ(get("/api/v1/labels?start=2&end=1").status, 400);
    EXPECT_EQ(post("/api/v1/label/room/values", "").status, 405);
}

TEST_F(SeriesApi, ReadsFormsAndUrlsTogether) {
    const Answer answer = post("/api/v1/series?match[]=up",
                               "match[]=temp",
                               "Content-Type: application/x-www-form-urlencoded\r\n");
    EXPECT_EQ(document(answer)["data"].size(), 3u);
}

TEST_F(SeriesApi, AddressesOneDatabaseOrAll) {
    EXPECT_EQ(data("/db/plant1/api/v1/label/__name__/values"), json::parse(R"(["flow"])"));
    EXPECT_EQ(data("/db/_all/api/v1/label/db/values"), json::parse(R"(["main","plant1"])"));
    EXPECT_EQ(data("/db/_all/api/v1/series?match[]={db=\"plant1\"}"),
              json::parse(R"([{"__name__":"flow","db":"plant1","room":"c"}])"));
    const Answer unknown = get("/db/nowhere/api/v1/labels");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(document(unknown)["errorType"], "not_found");
}

TEST_F(SeriesApi, ListsDatabasesAndMetrics) {
    EXPECT_EQ(data("/api/v1/databases"),
              json::parse(R"({"resultType":"databases","result":["main","plant1"]})"));
    EXPECT_EQ(data("/api/v1/metrics?db=plant1")["result"], json::parse(R"(["flow"])"));
    EXPECT_EQ(data("/api/v1/metrics?details=true")["result"][0],
              json::parse(R"({"name":"temp","id":1,"type":"float","series":2})"));
    EXPECT_EQ(get("/api/v1/metrics?db=nowhere").status, 404);
    EXPECT_EQ(data("/api/v1/aggregates")["result"].size(), 11u);
}

TEST_F(SeriesApi, HidesTheInternalDatabaseUnlessAsked) {
    import("internal/x 1 1");
    EXPECT_EQ(data("/api/v1/databases")["result"].size(), 2u);
    EXPECT_EQ(data("/api/v1/databases?include_internal=true")["result"].size(), 3u);
}

TEST_F(SeriesApi, TellsTypeHelpAndUnit) {
    ASSERT_EQ(post("/api/v1/import/prometheus",
                   "# TYPE hits counter\n# HELP hits Visits \\\\ day.\nhits_total 5\n# UNIT w "
                   "volts\nw 1\n")
                  .status,
              200);
    EXPECT_EQ(
        data("/api/v1/metadata?metric=hits_total"),
        json::parse(R"({"hits_total":[{"type":"counter","help":"Visits \\ day.","unit":""}]})"));
    EXPECT_EQ(data("/api/v1/metadata").size(), 2u);
    EXPECT_EQ(data("/api/v1/metadata?limit=1").size(), 1u);
}

TEST_F(SeriesApi, FederatesTheNewestSamples) {
    clock_.set_wall(1700000250LL * 1'000'000'000);
    const Answer answer = get("/federate?match[]={__name__=~\".%2B\"}");
    EXPECT_EQ(answer.body,
              "# TYPE temp untyped\ntemp{floor=\"1\",room=\"a\"} 1.5 1700000000000\n"
              "temp{room=\"b\"} 2.5 1700000100000\n# TYPE up untyped\nup{} 1 1700000200000\n");
    clock_.set_wall(1700000350LL * 1'000'000'000);
    EXPECT_EQ(get("/federate?match[]=temp").body,
              "# TYPE temp untyped\ntemp{room=\"b\"} 2.5 1700000100000\n");
}

TEST_F(SeriesApi, PrintsAndTakesApartQueries) {
    EXPECT_EQ(data("/api/v1/format_query?query=sum%20by(a)(up)%2B1"), "sum by (a) (up) + 1");
    EXPECT_EQ(get("/api/v1/format_query?query=sum(").status, 400);
    const auto tree =
        data("/api/v1/parse_query?query=-rate(temp{room!=%22a%22}[5m]%20offset%201m)");
    EXPECT_EQ(tree["type"], "unaryExpr");
    EXPECT_EQ(tree["expr"]["func"]["name"], "rate");
    EXPECT_EQ(tree["expr"]["args"][0]["range"], 300000);
    EXPECT_EQ(tree["expr"]["args"][0]["offset"], 60000);
}

TEST_F(SeriesApi, LooksLikePrometheusToGrafana) {
    const auto build = data("/api/v1/status/buildinfo");
    EXPECT_EQ(build["version"].get<std::string>().rfind("2.42.0", 0), 0u);
    EXPECT_FALSE(build.contains("features"));
    const auto flags = data("/api/v1/status/flags");
    for (const auto& [name, value] : flags.items())
        EXPECT_TRUE(value.is_string()) << name;
    EXPECT_EQ(data("/api/v1/rules"), json::parse(R"({"groups":[]})"));
    EXPECT_EQ(data("/api/v1/query_exemplars?query=test&start=1795245170000&end=1795245170001"),
              json::array());
    EXPECT_EQ(data("/api/v1/status/tsdb?limit=1")["seriesCountByMetricName"],
              json::parse(R"([{"name":"temp","value":2}])"));
    for (const char* path : {"alerts",
                             "alertmanagers",
                             "targets",
                             "targets/metadata",
                             "scrape_pools",
                             "status/runtimeinfo",
                             "status/config",
                             "status/walreplay"}) {
        EXPECT_EQ(get(std::string("/api/v1/") + path).status, 200) << path;
    }
    EXPECT_EQ(post("/api/v1/admin/tsdb/delete_series", "").status, 500);
}

TEST_F(SeriesApi, SaysHowTheProcessIs) {
    EXPECT_EQ(get("/health").body, R"({"status":"ok"})");
    EXPECT_EQ(get("/-/healthy").status, 200);
    EXPECT_EQ(get("/-/ready").status, 200);
    store_.fail_appends_with(Error{ErrorCode::ResourceExhausted, "disk full"});
    const auto health = document(get("/health"));
    EXPECT_EQ(health["status"], "ok");
    EXPECT_EQ(health["read_only"], true);
    EXPECT_NE(health["reason"].get<std::string>().find("disk full"), std::string::npos);
    const std::string metrics = get("/metrics").body;
    EXPECT_NE(metrics.find("cistern_store_series{db=\"main\"} 3"), std::string::npos) << metrics;
    EXPECT_NE(metrics.find("cistern_store_read_only{db=\"main\"} 1"), std::string::npos);
    EXPECT_NE(metrics.find("# TYPE cistern_wal_sync_seconds_total counter"), std::string::npos);
    EXPECT_NE(metrics.find("cistern_wal_sync_seconds_total{db=\"main\"} 0.25\n"),
              std::string::npos);
    EXPECT_NE(metrics.find("# TYPE cistern_cache_bytes gauge"), std::string::npos);
}

}  // namespace
}  // namespace cistern::web
