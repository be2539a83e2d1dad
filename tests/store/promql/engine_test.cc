// SPDX-License-Identifier: MIT
#include "store/promql/engine.h"

#include "tests/support/fake_querier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>

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

// Windows that overlap often, over gaps, zeros of both signs, infinities and NaN.
TEST_F(EngineTest, SlidingExtremesAreThoseOfEachWindow) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<double> odd{nan, infinity, -infinity, 0.0, -0.0};
    std::mt19937_64 random(5);
    std::map<int64_t, double> model;
    for (int64_t t = 0; t < 3000; t += 1 + static_cast<int64_t>(random() % 4)) {
        const bool is_odd = t / 500 % 2 == 0;
        model[t] = is_odd ? odd[random() % odd.size()] : static_cast<double>(random() % 100);
        querier.add(store::Labels::of_metric("m"), t * kSecond, model[t]);
    }
    for (const bool largest : {true, false}) {
        const auto result =
            engine.range(querier,
                         largest ? "max_over_time(m[90s])" : "min_over_time(m[90s])",
                         0,
                         3'300'000,
                         3000);
        const ResultSeries& series = result.value().series.at(0);
        for (size_t i = 0; i < series.values.size(); ++i) {
            const int64_t end = series.timestamps_ms[i] / 1000;
            double best = nan;
            for (auto at = model.lower_bound(end - 90); at != model.upper_bound(end); ++at) {
                const bool better = largest ? at->second > best : at->second < best;
                best = std::isnan(best) || better ? at->second : best;
            }
            ASSERT_EQ(std::isnan(series.values[i]), std::isnan(best)) << end;
            if (!std::isnan(best)) {
                ASSERT_EQ(series.values[i], best) << end;
                ASSERT_EQ(std::signbit(series.values[i]), std::signbit(best)) << end;
            }
        }
    }
}

TEST_F(EngineTest, MeansAndSumsOfLongWindowsKeepEveryDigit) {
    const store::Labels labels = store::Labels::of_metric("m");
    for (int64_t t = 1; t <= 1000; ++t) {
        querier.add(labels, t * kSecond, 1e15 + static_cast<double>(t % 7) / 8);
    }
    // 1e18 and 3003 eighths.
    const auto sum = engine.instant(querier, "sum_over_time(m[1000s]) - 1e18", 1000'000).value();
    EXPECT_EQ(sum.series.at(0).values.at(0), 384);  // the nearest that a double near 1e18 can hold
    const auto mean = engine.instant(querier, "avg_over_time(m[1000s]) - 1e15", 1000'000).value();
    EXPECT_EQ(mean.series.at(0).values.at(0), 0.375);
}

TEST_F(EngineTest, StreamsTheSamplesThatItWouldHaveHeld) {
    add_counter("a", 1);
    add_counter("b", 2);
    querier.add(store::Labels::of_metric("requests", {{"instance", "c"}}), 5000 * kSecond, 1);
    querier.add(store::Labels::of_metric("requests", {{"instance", "c"}}), 900 * kSecond, 1);
    const QueryResult held = engine.instant(querier, "requests[5m]", 2000'000).value();
    QueryOptions options;
    options.stream_samples = true;
    const QueryResult streamed = engine.instant(querier, "requests[5m]", 2000'000, options).value();
    ASSERT_TRUE(streamed.samples);
    ASSERT_EQ(held.series.size(), 2U);
    size_t next = 0;
    for (size_t i = 0; i < streamed.series.size(); ++i) {
        ResultSeries series;
        ASSERT_TRUE(streamed.samples(i, series));
        if (series.values.empty()) {
            continue;
        }
        EXPECT_EQ(streamed.series[i].labels, held.series[next].labels);
        EXPECT_EQ(series.timestamps_ms, held.series[next].timestamps_ms);
        EXPECT_EQ(series.values, held.series[next].values);
        ++next;
    }
    EXPECT_EQ(next, 2U);
    EXPECT_FALSE(engine.instant(querier, "requests[5m:1m]", 2000'000, options).value().samples);
}

// Long windows are answered from summaries; those of a subquery never are.
TEST_F(EngineTest, LongWindowsAreWhatTheirSamplesSay) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    std::mt19937_64 random(3);
    for (const std::string instance : {"plain", "holes", "zeros", "cancelling"}) {
        const store::Labels labels = store::Labels::of_metric("m", {{"instance", instance}});
        for (int64_t t = 0; t < 20 * 86400; t += 3600) {
            double value = static_cast<double>(random() % 1000) + 0.25;
            if (instance == "holes" && random() % 50 == 0) {
                value = random() % 2 == 0 ? nan : store::stale_marker();
            } else if (instance == "zeros") {
                value = random() % 2 == 0 ? 0.0 : -0.0;
            } else if (instance == "cancelling") {
                value = random() % 2 == 0 ? value : -value;
            }
            querier.add(labels, t * kSecond, value);
        }
    }
    const std::vector<std::string> functions{"max", "min", "count", "sum", "avg", "present"};
    for (const std::string& function : functions) {
        // Two windows of 5 days, and one of them alone through a subquery, which has no summaries.
        const std::string call = function + "_over_time(m[5d])";
        const auto quick = engine.range(querier, call, 432'000'000, 1'296'000'000, 864'000'000);
        const std::string through = function + "_over_time((m)[5d:1h])";
        const auto plain = engine.range(querier, through, 432'000'000, 1'296'000'000, 864'000'000);
        ASSERT_EQ(quick.value().series.size(), plain.value().series.size()) << function;
        for (size_t i = 0; i < quick->series.size(); ++i) {
            ASSERT_EQ(quick->series[i].labels, plain->series[i].labels);
            ASSERT_EQ(quick->series[i].values.size(), plain->series[i].values.size());
            for (size_t at = 0; at < quick->series[i].values.size(); ++at) {
                const double a = quick->series[i].values[at];
                const double b = plain->series[i].values[at];
                ASSERT_EQ(std::isnan(a), std::isnan(b)) << function;
                ASSERT_EQ(std::signbit(a), std::signbit(b)) << function;
                ASSERT_TRUE(std::isnan(a) || std::fabs(a - b) <= 1e-12 * std::fabs(b)) << function;
            }
        }
    }
}

}  // namespace
}  // namespace cistern::promql
