// SPDX-License-Identifier: MIT
// A range query is its instant queries side by side, whatever is computed incrementally, on
// several threads or from running totals.
#include "store/promql/engine.h"
#include "tests/support/fake_querier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

namespace cistern::promql {
namespace {

constexpr int64_t kNs = 1'000'000;
constexpr int64_t kBegin = 1'000'000;
constexpr int64_t kEnd = 3'500'000;

class Consistency : public testing::TestWithParam<const char*> {
  protected:
    // Noisy gauges, counters with resets and gaps, and values that are hard to sum.
    static void SetUpTestSuite() {
        querier = new test::FakeQuerier();
        std::mt19937 random(7);
        for (int i = 0; i < 24; ++i) {
            const std::string instance = std::to_string(i);
            const store::Labels gauge = store::Labels::of_metric(
                "gauge", {{"instance", instance}, {"g", std::to_string(i % 3)}});
            const store::Labels counter = store::Labels::of_metric(
                "counter", {{"instance", instance}, {"g", std::to_string(i % 3)}});
            double level = 0.1 * i;
            double total = 0;
            for (int64_t t = kBegin; t < kEnd; t += 10'000 + random() % 3) {
                if (random() % 50 == 0) {
                    t += 400'000;
                }
                level += static_cast<double>(random() % 201) / 100 - 1;
                total = random() % 100 == 0 ? 0 : total + static_cast<double>(random() % 10);
                const double odd = i % 10 == 9 ? 1e15 * level : level;
                querier->add(gauge, t * kNs, random() % 200 == 0 ? NAN : odd);
                querier->add(counter, t * kNs, random() % 100 == 0 ? store::stale_marker() : total);
            }
        }
        querier->add(
            store::Labels::of_metric("gauge", {{"instance", "inf"}}), 2'000'000 * kNs, INFINITY);
    }
    static void TearDownTestSuite() { delete querier; }

    static bool close(double a, double b) {
        return (std::isnan(a) && std::isnan(b)) || a == b ||
               std::fabs(a - b) <= 1e-12 * std::fabs(a);
    }

    static test::FakeQuerier* querier;
};
test::FakeQuerier* Consistency::querier = nullptr;

TEST_P(Consistency, ARangeIsItsInstants) {
    Engine engine;
    constexpr int64_t kStep = 20'000;
    const auto range = engine.range(*querier, GetParam(), kBegin, kEnd, kStep);
    ASSERT_TRUE(range.has_value()) << range.error().message;
    std::map<int64_t, std::map<store::Labels, double>> columns;
    for (const ResultSeries& series : range->series) {
        for (size_t i = 0; i < series.values.size(); ++i) {
            columns[series.timestamps_ms[i]][series.labels] = series.values[i];
        }
    }
    for (int64_t t = kBegin; t <= kEnd; t += kStep) {
        const auto instant = engine.instant(*querier, GetParam(), t);
        ASSERT_TRUE(instant.has_value()) << instant.error().message;
        const auto& column = columns[t];
        ASSERT_EQ(column.size(), instant->series.size()) << "at " << t;
        for (const ResultSeries& series : instant->series) {
            const auto found = column.find(series.labels);
            ASSERT_NE(found, column.end()) << series.labels.to_string() << " at " << t;
            ASSERT_TRUE(close(series.values[0], found->second))
                << series.labels.to_string() << " at " << t << ": " << series.values[0] << " and "
                << found->second;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Queries,
                         Consistency,
                         testing::Values("gauge",
                                         "gauge offset 5m",
                                         "sum by (g) (gauge)",
                                         "avg without (instance) (gauge)",
                                         "stddev(gauge)",
                                         "topk by (g) (2, gauge)",
                                         "quantile(0.3, gauge)",
                                         "sum by (g) (rate(counter[5m]))",
                                         "rate(counter[10m])",
                                         "increase(counter[1m])",
                                         "delta(gauge[7m])",
                                         "irate(counter[5m])",
                                         "changes(gauge[10m]) + resets(counter[10m])",
                                         "sum_over_time(gauge[2h])",
                                         "avg_over_time(gauge[2h])",
                                         "avg_over_time(gauge[3m])",
                                         "min_over_time(gauge[30m])",
                                         "max_over_time(gauge[30m])",
                                         "stddev_over_time(gauge[30m])",
                                         "stdvar_over_time(counter[30m])",
                                         "count_over_time(gauge[30m])",
                                         "last_over_time(gauge[10m])",
                                         "absent_over_time(gauge{instance=\"inf\"}[10m])",
                                         "quantile_over_time(0.8, gauge[10m])",
                                         "deriv(gauge[10m])",
                                         "predict_linear(gauge[10m], 600)",
                                         "holt_winters(gauge[10m], 0.4, 0.2)",
                                         "gauge > on (instance, g) counter",
                                         "gauge / on (g) group_left () sum by (g) (counter)",
                                         "gauge unless gauge > 0 or counter",
                                         "max_over_time(sum by (g) (rate(counter[2m]))[30m:1m])",
                                         "timestamp(gauge)"));

}  // namespace
}  // namespace cistern::promql
