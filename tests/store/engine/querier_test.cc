// SPDX-License-Identifier: MIT
#include "store/engine/querier.h"

#include "tests/store/engine/database_fixture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

namespace cistern::store {
namespace {

class QuerierTest : public DatabaseFixture {
  protected:
    SeriesHandle handle(const Querier& querier, const std::string& metric) {
        const std::vector<Matcher> matchers{Matcher::equal("__name__", metric)};
        return querier.select(matchers, {})->front();
    }
};

TEST_F(QuerierTest, AViewIsOfTheMomentItWasTaken) {
    const SeriesId a = series("a");
    const SeriesId b = series("b");
    append(a, kStart, 1);
    const auto before = db().querier();
    append(a, kStart, 9);      // replaces
    append(a, kStart - 5, 8);  // late
    append(a, kStart + 5, 7);  // new
    append(b, kStart, 6);      // a series that had nothing
    SampleColumns columns;
    ASSERT_TRUE(before->read(handle(*before, "a"), {}, columns));
    EXPECT_EQ(columns.values, std::vector<double>{1});
    EXPECT_EQ(read("a").values, (std::vector<double>{8, 9, 7}));
    const SeriesHandle b_handle = handle(*db().querier(), "b");
    ASSERT_TRUE(before->read(b_handle, {}, columns));
    EXPECT_TRUE(columns.values.empty());
}

TEST_F(QuerierTest, AViewOutlivesManyLateSamples) {
    const SeriesId id = series("m");
    for (int i = 0; i < 3000; ++i) {
        append(id, kStart + i, i);
    }
    const auto before = db().querier();
    for (int i = 1; i <= 3000; ++i) {
        append(id, kStart - i, -i);
    }
    const auto after = db().querier();
    SampleColumns columns;
    ASSERT_TRUE(before->read(handle(*before, "m"), {}, columns));
    ASSERT_EQ(columns.size(), 3000U);
    EXPECT_EQ(columns.values.front(), 0);
    ASSERT_TRUE(after->read(handle(*after, "m"), {}, columns));
    ASSERT_EQ(columns.size(), 6000U);
    EXPECT_EQ(columns.values.front(), -3000);
}

TEST_F(QuerierTest, SelectLeavesOutSeriesWithoutSamplesInRange) {
    append(series("old"), kStart - kNsPerDay, 1);
    ASSERT_TRUE(db().flush());
    append(series("new"), kStart, 2);
    (void)series("never");
    const auto querier = db().querier();
    EXPECT_EQ(querier->select({}, {})->size(), 2U);
    EXPECT_EQ(querier->select({}, {kStart - 5, kStart + 5})->front().labels->metric(), "new");
    EXPECT_EQ(querier->select({}, {kStart - kNsPerDay, kStart})->front().labels->metric(), "old");
    EXPECT_TRUE(querier->select({}, {kStart + 1, kStart + 2})->empty());
    EXPECT_EQ(*querier->label_values("__name__", {}, {}), (std::vector<std::string>{"new", "old"}));
}

TEST_F(QuerierTest, LastLooksThroughHeadAndFiles) {
    const SeriesId id = series("m");
    append(id, kStart, 1);
    append(id, kStart + 10, 2);
    ASSERT_TRUE(db().flush());
    append(id, kStart + 5, 3);
    const auto querier = db().querier();
    const SeriesHandle series = handle(*querier, "m");
    EXPECT_EQ(querier->last(series, {})->value.as_double(), 2);
    EXPECT_EQ(querier->last(series, {kStart, kStart + 10})->value.as_double(), 3);
    EXPECT_EQ(querier->last(series, {kStart, kStart + 5})->value.as_double(), 1);
    EXPECT_EQ(querier->last(series, {kStart + 11, kStart + 20}).error().code, ErrorCode::NotFound);
    append(id, kStart + 10, 4);
    EXPECT_EQ(db().querier()->last(series, {})->value.as_double(), 4);
}

TEST_F(QuerierTest, TellsALowerBoundOfSamplesFromTheIndex) {
    options_.defaults.block_samples_max = 10;
    const SeriesId id = series("m");
    for (int i = 0; i < 100; ++i) {
        append(id, kStart + i, i);
    }
    EXPECT_EQ(db().querier()->samples_at_least(handle(*db().querier(), "m"), {}, 0), 0U);
    ASSERT_TRUE(db().flush());
    const auto querier = db().querier();
    const SeriesHandle series = handle(*querier, "m");
    EXPECT_EQ(querier->samples_at_least(series, {}, 0), 100U);
    EXPECT_EQ(querier->samples_at_least(series, {}, 100), 0U);
    EXPECT_EQ(querier->samples_at_least(series, {kStart + 5, kStart + 40}, 0), 30U);
}

// The model: a map from time to value, last write wins.
class QuerierModelTest : public QuerierTest {
  protected:
    void check(const std::map<TimestampNs, double>& model, TimeRange range, int64_t align) {
        const auto querier = db().querier();
        const SeriesHandle series = handle(*querier, "m");
        SampleColumns columns;
        ASSERT_TRUE(querier->read(series, range, columns));
        const auto from = model.lower_bound(range.begin);
        const auto to = model.lower_bound(range.end);
        size_t at = 0;
        double sum = 0;
        for (auto one = from; one != to; ++one, ++at) {
            ASSERT_LT(at, columns.size());
            ASSERT_EQ(columns.timestamps[at], one->first);
            ASSERT_EQ(columns.values[at], one->second);
            sum += one->second;
        }
        ASSERT_EQ(at, columns.size());
        std::vector<BlockSummary> parts;
        ASSERT_TRUE(querier->summarize(series, range, align, 3, parts));
        uint64_t count = 0;
        double total = 0;
        for (const BlockSummary& part : parts) {
            ASSERT_TRUE(range.contains(part.first_ns) && range.contains(part.last_ns));
            ASSERT_EQ(part.first, model.at(part.first_ns));
            ASSERT_EQ(part.last, model.at(part.last_ns));
            double least = part.first;
            double most = part.first;
            for (auto one = model.find(part.first_ns); one != model.upper_bound(part.last_ns);
                 ++one) {
                least = std::min(least, one->second);
                most = std::max(most, one->second);
            }
            ASSERT_EQ(part.min, least);
            ASSERT_EQ(part.max, most);
            if (align > 0) {
                ASSERT_EQ((part.first_ns - 3) / align, (part.last_ns - 3) / align);
            }
            count += part.count;
            total += part.sum;
        }
        EXPECT_EQ(count, columns.size());
        EXPECT_NEAR(total, sum, 1e-6);
    }
};

TEST_F(QuerierModelTest, ReadsAndSummariesAgreeWithAPlainMap) {
    options_.defaults.block_samples_max = 32;
    std::mt19937_64 random(7);
    std::map<TimestampNs, double> model;
    const SeriesId id = series("m");
    for (int round = 0; round < 12; ++round) {
        for (int i = 0; i < 150; ++i) {
            const bool late = random() % 4 == 0;
            const TimestampNs t =
                kStart + (late ? static_cast<int64_t>(random() % 4000) : round * 300 + i * 2) *
                             kNsPerSecond * 60;
            const auto value = static_cast<double>(random() % 1000);
            append(id, t, value);
            model[t] = value;
        }
        if (round % 3 == 0) {
            ASSERT_TRUE(db().flush());
        } else if (round % 5 == 0) {
            ASSERT_TRUE(db().compact());
        }
        for (int i = 0; i < 20; ++i) {
            const TimestampNs a =
                kStart + static_cast<int64_t>(random() % 4000) * kNsPerSecond * 60;
            const TimestampNs b =
                kStart + static_cast<int64_t>(random() % 4000) * kNsPerSecond * 60;
            check(model,
                  {std::min(a, b), std::max(a, b)},
                  static_cast<int64_t>(random() % 3) * 3600 * kNsPerSecond);
        }
        check(model, {}, 0);
    }
}

TEST_F(QuerierTest, SummariesTellNumbersFromNaN) {
    const SeriesId id = series("m");
    append(id, kStart, 5);
    append(id, kStart + 1, stale_marker());
    append(id, kStart + 2, 3);
    for (const bool flushed : {false, true}) {
        if (flushed) {
            ASSERT_TRUE(db().flush());
        }
        const auto querier = db().querier();
        std::vector<BlockSummary> parts;
        ASSERT_TRUE(querier->summarize(handle(*querier, "m"), {}, 0, 0, parts));
        ASSERT_EQ(parts.size(), 1U);
        EXPECT_EQ(parts[0].count, 3U);
        EXPECT_EQ(parts[0].nan_count, 1U);
        EXPECT_EQ(parts[0].min, 3);
        EXPECT_EQ(parts[0].max, 5);
        EXPECT_EQ(parts[0].sum, 8);
    }
}

}  // namespace
}  // namespace cistern::store
