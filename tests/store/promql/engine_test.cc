// SPDX-License-Identifier: MIT
#include "store/promql/engine.h"

#include "tests/support/fake_querier.h"

#include <gtest/gtest.h>

namespace cistern::promql {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

class EngineTest : public testing::Test {
  protected:
    // A counter that grows by `per_second` from 1000 s to 2000 s, every 10 s.
    void add_counter(const std::string& instance, double per_second) {
        const store::Labels labels = store::Labels::of_metric("requests", {{"instance", instance}});
        for (int64_t t = 1000; t <= 2000; t += 10) {
            querier.add(labels, t * kSecond, per_second * static_cast<double>(t - 1000));
        }
    }
    static std::string error_of(const Result<QueryResult>& result) {
        return result.has_value()
                   ? "no error"
                   : std::string(error_type(result.error().code)) + ": " + result.error().message;
    }

    test::FakeQuerier querier;
    Engine engine;
};

TEST_F(EngineTest, AnswersAnInstantVector) {
    add_counter("a", 1);
    add_counter("b", 2);
    const QueryResult result = engine.instant(querier, "requests", 1505'000).value();
    EXPECT_EQ(result.type, ValueType::Vector);
    ASSERT_EQ(result.series.size(), 2U);
    EXPECT_EQ(result.series[1].labels.to_string(), "requests{instance=\"b\"}");
    EXPECT_EQ(result.series[1].timestamps_ms, std::vector<int64_t>{1505'000});
    EXPECT_EQ(result.series[1].values, std::vector<double>{1000});
}

TEST_F(EngineTest, AnswersARangeOfRates) {
    add_counter("a", 1);
    add_counter("b", 2);
    const QueryResult result =
        engine.range(querier, "sum(rate(requests[1m]))", 1100'000, 1400'000, 100'000).value();
    EXPECT_EQ(result.type, ValueType::Matrix);
    ASSERT_EQ(result.series.size(), 1U);
    EXPECT_EQ(result.series[0].timestamps_ms,
              (std::vector<int64_t>{1100'000, 1200'000, 1300'000, 1400'000}));
    EXPECT_EQ(result.series[0].values, (std::vector<double>{3, 3, 3, 3}));
}

TEST_F(EngineTest, LeavesOutTheLeftEndOfWindowsWhenAsked) {
    add_counter("a", 1);
    Engine third{EngineOptions{.left_open = true}};
    const auto value = [&](Engine& asked, const char* query) {
        const QueryResult result = asked.instant(querier, query, 1500'000).value();
        return result.series.empty() ? -1 : result.series[0].values[0];
    };
    EXPECT_EQ(value(engine, "count_over_time(requests[1m])"), 7);
    EXPECT_EQ(value(third, "count_over_time(requests[1m])"), 6);
    EXPECT_EQ(value(engine, "count_over_time(requests[1m:10s])"), 7);
    EXPECT_EQ(value(third, "count_over_time(requests[1m:10s])"), 6);
    EXPECT_EQ(engine.instant(querier, "requests", 2300'000).value().series.size(), 1U);
    EXPECT_EQ(third.instant(querier, "requests", 2300'000).value().series.size(), 0U);
}

// 2.42 moves the window of a pinned range on with the steps where the call as a whole is not
// pinned, but has loaded no sample after the instant.
TEST_F(EngineTest, APinnedRangeThatSlidesSeesNothingAfterItsInstant) {
    add_counter("a", 1);
    const QueryResult result =
        engine.range(querier, "predict_linear(requests[1m] @ 1500, 0)", 1500'000, 1700'000, 20'000)
            .value();
    ASSERT_EQ(result.series.size(), 1U);
    EXPECT_EQ(result.series[0].timestamps_ms, (std::vector<int64_t>{1500'000, 1520'000, 1540'000}));
    const QueryResult inner =
        engine
            .range(querier,
                   "quantile_over_time(scalar(requests) * 0, requests[30s:10s] @ 1500)",
                   1500'000,
                   1700'000,
                   20'000)
            .value();
    ASSERT_EQ(inner.series.size(), 1U);
    EXPECT_EQ(inner.series[0].values.front(), 470);
    EXPECT_EQ(inner.series[0].values.back(), 500);
}

TEST_F(EngineTest, ErrorsOfAnArgumentThatGivesNothingAreTold) {
    add_counter("a", 1);
    EXPECT_EQ(
        error_of(engine.instant(querier, "histogram_sum(holt_winters(requests[1m], 0, 1))", 2e6)),
        "execution: invalid smoothing factor. Expected: 0 < sf < 1, got: 0.000000");
}

TEST_F(EngineTest, LooksBackFiveMinutesUnlessTheSeriesSaysOtherwise) {
    const store::Labels door = store::Labels::of_metric("door");
    querier.add(door, 1000 * kSecond, 1);
    EXPECT_EQ(engine.instant(querier, "door", 1300'000).value().series.size(), 1U);
    EXPECT_EQ(engine.instant(querier, "door", 1300'001).value().series.size(), 0U);
    querier.set_stale_after(door, 3600 * kSecond);
    EXPECT_EQ(engine.instant(querier, "door", 4600'000).value().series.size(), 1U);
    EXPECT_EQ(engine.instant(querier, "door", 4600'001).value().series.size(), 0U);
    querier.set_stale_after(door, store::kNeverStale);
    EXPECT_EQ(engine.instant(querier, "door", 9'000'000'000'000).value().series.size(), 1U);
    const QueryResult range =
        engine.range(querier, "door", 900'000, 1'000'900'000, 1'000'000'000).value();
    ASSERT_EQ(range.series.size(), 1U);
    EXPECT_EQ(range.series[0].timestamps_ms, std::vector<int64_t>{1'000'900'000});
    querier.add(door, 2000 * kSecond, store::stale_marker());
    EXPECT_EQ(engine.instant(querier, "door", 1999'000).value().series.size(), 1U);
    EXPECT_EQ(engine.instant(querier, "door", 2000'000).value().series.size(), 0U);
}

TEST_F(EngineTest, ASampleBelongsToItsMillisecond) {
    const store::Labels labels = store::Labels::of_metric("fine");
    querier.add(labels, 5'000'999'999, 7);
    EXPECT_EQ(engine.instant(querier, "fine", 4'999).value().series.size(), 0U);
    EXPECT_EQ(engine.instant(querier, "fine", 5'000).value().series.size(), 1U);
    EXPECT_EQ(engine.instant(querier, "timestamp(fine)", 6'000).value().series[0].values[0], 5);
    EXPECT_EQ(engine.instant(querier, "fine[1s]", 6'000).value().series[0].timestamps_ms,
              std::vector<int64_t>{5000});
}

TEST_F(EngineTest, AnswersScalarsAndStrings) {
    const QueryResult scalar = engine.instant(querier, "1 + 2 * time()", 2'500).value();
    EXPECT_EQ(scalar.type, ValueType::Scalar);
    EXPECT_EQ(scalar.scalar, 6);
    EXPECT_EQ(engine.instant(querier, "\"text\"", 0).value().text, "text");
    const QueryResult range = engine.range(querier, "time()", 0, 2000, 1000).value();
    ASSERT_EQ(range.series.size(), 1U);
    EXPECT_EQ(range.series[0].values, (std::vector<double>{0, 1, 2}));
}

TEST_F(EngineTest, RefusesBadRequestsWithPrometheusWords) {
    EXPECT_EQ(error_of(engine.range(querier, "up", 0, 11'001'000, 1000)),
              "bad_data: exceeded maximum resolution of 11,000 points per timeseries. Try "
              "decreasing the query "
              "resolution (?step=XX)");
    EXPECT_TRUE(engine.range(querier, "up", 0, 11'000'000, 1000).has_value());
    EXPECT_EQ(error_of(engine.range(querier, "up", 0, 1, 0)),
              "bad_data: zero or negative query resolution step widths are not accepted. Try a "
              "positive integer");
    EXPECT_EQ(error_of(engine.range(querier, "up", 1, 0, 1)),
              "bad_data: end timestamp must not be before start time");
    EXPECT_EQ(error_of(engine.range(querier, "up[5m]", 0, 1, 1)),
              "bad_data: invalid expression type \"range vector\" for range query, must be Scalar "
              "or instant Vector");
    EXPECT_EQ(error_of(engine.instant(querier, "up(", 0)),
              "bad_data: 1:4: parse error: unclosed left parenthesis");
}

TEST_F(EngineTest, StopsWhenTooManySamplesAreHeld) {
    add_counter("a", 1);
    Engine small(EngineOptions{.max_samples = 50});
    EXPECT_EQ(
        error_of(small.range(querier, "requests", 1000'000, 2000'000, 1000)),
        "execution: query processing would load too many samples into memory in query execution");
    EXPECT_TRUE(small.instant(querier, "requests", 1500'000).has_value());
}

TEST_F(EngineTest, StopsWhenCancelledOrOutOfTime) {
    add_counter("a", 1);
    CancelToken cancel;
    cancel.cancel();
    QueryOptions options;
    options.cancel = &cancel;
    EXPECT_EQ(error_of(engine.instant(querier, "requests", 1500'000, options)),
              "canceled: query was canceled in expression evaluation");
    ManualClock clock(0);
    Engine slow(EngineOptions{.timeout_ms = -1, .clock = &clock});
    EXPECT_EQ(error_of(slow.instant(querier, "requests", 1500'000)),
              "timeout: query timed out in expression evaluation");
}

}  // namespace
}  // namespace cistern::promql
