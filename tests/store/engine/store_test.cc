// SPDX-License-Identifier: MIT
#include "store/engine/store.h"

#include "tests/store/engine/database_fixture.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

namespace cistern::store {
namespace {

using StoreTest = DatabaseFixture;

TEST_F(StoreTest, AppendedSamplesAreReadBack) {
    const SeriesId id = series("temperature");
    append(id, kStart, 21.5);
    append(id, kStart + kNsPerSecond, 21.6);
    const auto columns = read("temperature");
    EXPECT_EQ(columns.timestamps, (std::vector<TimestampNs>{kStart, kStart + kNsPerSecond}));
    EXPECT_EQ(columns.values, (std::vector<double>{21.5, 21.6}));
}

TEST_F(StoreTest, SamplesSurviveACleanRestartInFiles) {
    append(series("temperature"), kStart, 21.5);
    reopen();
    EXPECT_EQ(read("temperature").values, std::vector<double>{21.5});
    EXPECT_EQ(db().stats().files, 1U);
    EXPECT_EQ(db().stats().head_samples, 0U);
    append(series("temperature"), kStart + 1, 22);
    reopen();
    EXPECT_EQ(read("temperature").values, (std::vector<double>{21.5, 22}));
}

TEST_F(StoreTest, ACleanEndThatChangedNothingWritesNoFile) {
    append(series("temperature"), kStart, 21.5);
    reopen();
    const auto before = files();
    reopen();
    reopen();
    EXPECT_EQ(files(), before);
}

TEST_F(StoreTest, LinesAreImportedAndBadOnesReportedByNumber) {
    const auto result = store().append_lines(
        "temp{room=\"a\"} 21.5 100\nbad line here\nother/x 5i 7\nx 1i 5\nx 1.5 6\n", "main");
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->imported, 3U);
    EXPECT_EQ(result->failed, 2U);
    ASSERT_EQ(result->errors.size(), 2U);
    EXPECT_EQ(result->errors[0].line, 2U);
    EXPECT_EQ(result->errors[1].line, 5U);
    EXPECT_NE(result->errors[1].reason.find("integers"), std::string::npos);
    EXPECT_EQ(store().database_names(), (std::vector<std::string>{"main", "other"}));
}

TEST_F(StoreTest, IntegersGoIntoAFloatSeriesButNotTheReverse) {
    EXPECT_EQ(db().series(Labels::of_metric("f"), ValueType::Float)->type, ValueType::Float);
    EXPECT_EQ(db().series(Labels::of_metric("f"), ValueType::Int)->type, ValueType::Float);
    EXPECT_EQ(db().series(Labels::of_metric("i"), ValueType::Int)->type, ValueType::Int);
    const auto refused = db().series(Labels::of_metric("i"), ValueType::Float);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
}

TEST_F(StoreTest, EveryBitOfEveryTypeSurvives) {
    const SeriesId integer = series("i", ValueType::Int);
    const SeriesId real = series("f");
    const std::vector<ValueBits> odd{ValueBits::of(-0.0),
                                     ValueBits::from_bits(kStaleMarkerBits),
                                     ValueBits::of(5e-324),
                                     ValueBits::of(1e308),
                                     ValueBits::from_bits(0xfff8000000000123),
                                     ValueBits::of(0.1 + 0.2)};
    const std::vector<int64_t> integers{INT64_MIN, INT64_MAX, -1, 0, 1, int64_t{1} << 53};
    std::vector<Sample> samples;
    for (size_t i = 0; i < odd.size(); ++i) {
        samples.push_back({real, kStart + static_cast<int64_t>(i), odd[i]});
        samples.push_back(
            {integer, kStart - static_cast<int64_t>(i), ValueBits::of_int(integers[i])});
    }
    append_all(samples);
    for (int round = 0; round < 2; ++round) {
        const auto querier = db().querier();
        const auto found = *querier->select({}, {});
        std::vector<TimestampNs> timestamps;
        std::vector<ValueBits> values;
        ASSERT_TRUE(querier->read_bits(found[0], {}, timestamps, values));
        EXPECT_EQ(values, odd);
        ASSERT_TRUE(querier->read_bits(found[1], {}, timestamps, values));
        ASSERT_EQ(values.size(), integers.size());
        for (size_t i = 0; i < integers.size(); ++i) {
            EXPECT_EQ(values[i].as_int(), integers[integers.size() - 1 - i]);
        }
        round == 0 ? kill_and_reopen() : reopen();
    }
}

TEST_F(StoreTest, ASecondStoreIsRefusedAndToldWhoHasTheRoot) {
    const test::TempFolder folder;
    StoreOptions options;
    options.root = folder.file("root");
    options.background = false;
    options.reserve_bytes = 0;
    options.holder = "the first one";
    auto first = Store::open(options);
    ASSERT_TRUE(first);
    const auto second = Store::open(options);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::Unavailable);
    EXPECT_NE(second.error().message.find("the first one"), std::string::npos)
        << second.error().message;
    EXPECT_NE(second.error().message.find("process"), std::string::npos);
}

TEST_F(StoreTest, AReaderBesideARunningServerSeesItsDataAndWritesNothing) {
    append(series("m"), kStart, 1);
    ASSERT_TRUE(db().flush());
    append(series("m"), kStart + 1, 2);
    StoreOptions reading = options_;
    reading.read_only = true;
    uint64_t changes = 0;
    disk_->observe([&changes](const test::DiskChange&) { ++changes; });
    {
        auto reader = Store::open(reading);
        ASSERT_TRUE(reader) << reader.error().message;
        Database* const found = (*reader)->find("main");
        ASSERT_NE(found, nullptr);
        const auto querier = found->querier();
        SampleColumns columns;
        ASSERT_TRUE(querier->read(querier->select({}, {})->front(), {}, columns));
        EXPECT_EQ(columns.values, (std::vector<double>{1, 2}));
        const Sample sample{SeriesId(1), kStart, ValueBits::of(1.0)};
        EXPECT_EQ(found->append({{&sample, 1}, {}}).error().code, ErrorCode::Unavailable);
        EXPECT_FALSE((*reader)->database("another"));
    }
    EXPECT_EQ(changes, 0U);
    disk_->observe(nullptr);
    append(series("m"), kStart + 2, 3);
    kill_and_reopen();
    EXPECT_EQ(read("m").values, (std::vector<double>{1, 2, 3}));
}

TEST_F(StoreTest, AllDatabasesAsOneCarryALabelDb) {
    ASSERT_TRUE(store().append_lines("a/m 1 1\nb/m 2 1\n", "main"));
    const auto all = store().querier_of_all();
    const auto found = *all->select({}, {});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].labels->to_string(), "m{db=\"a\"}");
    SampleColumns columns;
    ASSERT_TRUE(all->read(found[1], {}, columns));
    EXPECT_EQ(columns.values, std::vector<double>{2});
    const std::vector<Matcher> only_b{Matcher::equal("db", "b")};
    EXPECT_EQ(all->select(only_b, {})->size(), 1U);
    EXPECT_EQ(*all->label_values("db", {}, {}), (std::vector<std::string>{"a", "b"}));
}

TEST_F(StoreTest, QueriesDoNotCreateDatabases) {
    (void)store();
    EXPECT_EQ(store().find("nothing"), nullptr);
    EXPECT_TRUE(store().database_names().empty());
    EXPECT_FALSE(store().database("No Such Name"));
}

TEST_F(StoreTest, TheListenerHearsWhatWasStoredInOrder) {
    std::vector<double> heard;
    store().set_listener([&heard](Database&, std::span<const Sample> samples) {
        for (const Sample& sample : samples) {
            heard.push_back(sample.value.as_double());
        }
    });
    append(series("m"), kStart, 1);
    append(series("m"), kStart + 1, 2);
    store().set_listener(nullptr);
    append(series("m"), kStart + 2, 3);
    EXPECT_EQ(heard, (std::vector<double>{1, 2}));
}

TEST_F(StoreTest, ClosedStoreRefusesWritesInsteadOfLosingThem) {
    const SeriesId id = series("m");
    append(id, kStart, 1);
    ASSERT_TRUE(store().close());
    EXPECT_EQ(try_append(id, kStart + 1, 2).error().code, ErrorCode::Unavailable);
}

TEST_F(StoreTest, MessageStampsSurviveFlushesRestartsAndKills) {
    const SeriesId id = series("m");
    for (uint64_t i = 1; i <= 20; ++i) {
        const Sample sample{id, kStart + static_cast<int64_t>(i), ValueBits::of(1.0)};
        ASSERT_TRUE(db().append({{&sample, 1}, {77, i, i * 1000, 3}}));
        if (i == 5) {
            ASSERT_TRUE(db().flush());
        }
        if (i == 10) {
            reopen();
        }
        if (i == 15) {
            kill_and_reopen();
        }
    }
    kill_and_reopen();
    const auto stamps = db().recent_messages(77);
    ASSERT_EQ(stamps.size(), 20U);
    for (uint64_t i = 0; i < 20; ++i) {
        EXPECT_EQ(stamps[i], (MessageStamp{77, i + 1, (i + 1) * 1000, 3}));
    }
    EXPECT_TRUE(db().recent_messages(78).empty());
}

TEST_F(StoreTest, OnlyTheNewestStampsAreKept) {
    options_.recent_messages_max = 4;
    for (uint64_t i = 1; i <= 10; ++i) {
        ASSERT_TRUE(db().append({{}, {77, i, i, 0}}));  // a message without samples counts too
    }
    kill_and_reopen();
    const auto stamps = db().recent_messages(77);
    ASSERT_EQ(stamps.size(), 4U);
    EXPECT_EQ(stamps.front().sequence, 7U);
}

}  // namespace
}  // namespace cistern::store
