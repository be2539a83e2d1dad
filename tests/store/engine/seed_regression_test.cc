// SPDX-License-Identifier: MIT
// What the systems before this one got wrong, each by its number in the survey of their weaknesses:
// a name of the claim, what a correct store does.
#include "store/model/line_protocol.h"
#include "tests/store/engine/database_fixture.h"
#include "tests/support/fault_file_system.h"

#include <gtest/gtest.h>

namespace cistern::store {
namespace {

using SeedRegression = DatabaseFixture;

TEST_F(SeedRegression, C1_1_NewMetricWithSeveralSamplesSurvivesAKillBeforeAnyFlush) {
    append(series("k"), kStart, 1);
    append(series("k"), kStart + 1, 2);
    kill_and_reopen();
    EXPECT_EQ(read("k").values, (std::vector<double>{1, 2}));
}

TEST_F(SeedRegression, C1_2_TwoKillsInARowLeaveAStoreThatOpens) {
    for (int i = 0; i < 5; ++i) {
        append(series("metric_" + std::to_string(i)), kStart + i, i);
        kill_and_reopen();
        kill_and_reopen();
    }
    EXPECT_EQ(db().stats().series, 5U);
    EXPECT_EQ(db().stats().head_samples, 5U);
}

TEST_F(SeedRegression, C1_3_FiveMetricsOfOneInstantSurviveAFlushInBetween) {
    options_.defaults.wal.fsync_policy = FsyncPolicy::Always;
    for (int i = 0; i < 5; ++i) {
        append(series("m" + std::to_string(i)), kStart, i);
        if (i == 2) {
            ASSERT_TRUE(db().flush());
        }
    }
    kill_and_reopen();
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(read("m" + std::to_string(i)).values,
                  std::vector<double>{static_cast<double>(i)});
    }
}

TEST_F(SeedRegression, C1_4_TornLogTailIsDroppedAndLaterSamplesAreExact) {
    append(series("m"), kStart, 1);
    const std::string folder = "/disk/root/main/wal";
    const std::string segment = folder + "/" + files(folder).front();
    // Half a record, as a power cut leaves it.
    const auto used = db().stats().wal_bytes;
    const std::string torn("\x12\x34\x56\x78\x30\x00\x00\x02\x05", 9);
    ASSERT_TRUE(
        (*disk_->open(segment, OpenMode::ReadWrite))->pwrite(used, std::as_bytes(std::span(torn))));
    kill_and_reopen();
    append(series("m"), kStart + 1, 2);
    kill_and_reopen();
    append(series("m"), kStart + 2, 3);
    kill_and_reopen();
    EXPECT_EQ(read("m").values, (std::vector<double>{1, 2, 3}));
}

TEST_F(SeedRegression, C1_5_DamagedPartitionFileIsReportedAndTheRestAnswers) {
    append(series("a"), kStart, 1);
    ASSERT_TRUE(db().flush());
    append(series("a"), kStart + kNsPerDay, 2);
    ASSERT_TRUE(db().flush());
    const std::string victim = "/disk/root/main/" + partition_files().front();
    ASSERT_TRUE((*disk_->open(victim, OpenMode::ReadWrite))->truncate(100));
    kill_and_reopen();
    EXPECT_EQ(read("a").values, std::vector<double>{2});
    EXPECT_GE(db().stats().corrupt_blocks, 1U);
}

TEST_F(SeedRegression, C1_5_ALostOrDamagedManifestLosesNothing) {
    append(series("a"), kStart, 1);
    ASSERT_TRUE(db().flush());
    append(series("a"), kStart + kNsPerDay, 2);
    ASSERT_TRUE(db().compact());
    append(series("a"), kStart + kNsPerDay, 3);
    const std::string manifest = "/disk/root/main/MANIFEST";
    ASSERT_TRUE((*disk_->open(manifest, OpenMode::ReadWrite))->truncate(40));
    kill_and_reopen();
    EXPECT_EQ(read("a").values, (std::vector<double>{1, 3}));
    ASSERT_TRUE(disk_->remove(manifest));
    kill_and_reopen();
    EXPECT_EQ(read("a").values, (std::vector<double>{1, 3}));
    append(series("a"), kStart, 4);
    ASSERT_TRUE(db().compact());
    reopen();
    EXPECT_EQ(read("a").values, (std::vector<double>{4, 3}));
}

TEST_F(SeedRegression, C1_6_RejectedSamplesStayRejectedAfterAKill) {
    options_.defaults.out_of_order = OutOfOrder::Reject;
    options_.defaults.max_future_ns = kNsPerDay;
    const SeriesId id = series("m");
    append(id, kStart, 1);
    EXPECT_EQ(try_append(id, kStart - 1, 2)->rejected, 1U);
    EXPECT_EQ(try_append(id, kStart + 2 * kNsPerDay, 3)->rejected, 1U);
    append(id, kStart + 1, 4);
    kill_and_reopen();
    EXPECT_EQ(read("m").values, (std::vector<double>{1, 4}));
    EXPECT_EQ(try_append(series("m"), kStart - 1, 2)->rejected, 1U)
        << "the order is known after a restart too";
}

TEST_F(SeedRegression, C1_6_TheReasonOfARejectionIsInTheImportsAnswer) {
    options_.defaults.out_of_order = OutOfOrder::Reject;
    const auto result = store().append_lines("m 1 1000\nm 2 500\nm 3 2000\n", "main");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->imported, 2U);
    ASSERT_EQ(result->errors.size(), 1U);
    EXPECT_EQ(result->errors[0].line, 2U);
    EXPECT_NE(result->errors[0].reason.find("out_of_order"), std::string::npos);
}

TEST_F(SeedRegression, C1_7_ASampleFromTheFarFutureForgetsNothingAndItsSeriesGoesOn) {
    options_.defaults.retention_ns = kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Delete;
    const SeriesId id = series("m");
    append(id, kStart, 1);
    append(id, TimestampNs{3'029'529'600} * kNsPerSecond, 2066);
    append(id, kStart + 1, 2);
    append(series("other"), kStart, 3);
    ASSERT_TRUE(db().flush());
    clock_.advance(120 * kNsPerSecond);
    store().run_maintenance();
    EXPECT_EQ(read("m").values, (std::vector<double>{1, 2, 2066}));
    EXPECT_EQ(read("other").values, std::vector<double>{3});
}

TEST_F(SeedRegression, C1_8_TheLastDayOfAMonthIsKeptOnTheFirstOfTheNext) {
    options_.defaults.partition = PartitionPeriod::Month;
    options_.defaults.retention_ns = 30 * kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Delete;
    const TimestampNs november = 1'698'796'800 * kNsPerSecond;  // 2023-11-01
    clock_.set_wall(november - kNsPerSecond);
    append(series("m"), november - kNsPerSecond, 1);
    ASSERT_TRUE(db().flush());
    for (int hour = 0; hour < 24; ++hour) {
        clock_.advance(3600 * kNsPerSecond);
        store().run_maintenance();
    }
    EXPECT_EQ(read("m").values, std::vector<double>{1});
}

TEST_F(SeedRegression, C1_11_OldSamplesAreLoggedLikeNewOnes) {
    append(series("m"), kStart - 400 * kNsPerDay, 1);
    kill_and_reopen();
    EXPECT_EQ(read("m").values, std::vector<double>{1});
}

TEST_F(SeedRegression, C1_12_AReaderBesideAWriterLeavesTheLogAsItIs) {
    for (int i = 0; i < 15; ++i) {
        append(series("m"), kStart + i, i);
    }
    const auto before = disk_->image();
    StoreOptions options = options_;
    options.read_only = true;
    {
        const auto reader = Store::open(options);
        ASSERT_TRUE(reader);
        EXPECT_EQ((*reader)->find("main")->stats().head_samples, 15U);
        EXPECT_FALSE((*reader)->find("main")->flush());
    }
    const auto after = disk_->image();
    EXPECT_EQ(before.entries, after.entries);
    EXPECT_EQ(before.files, after.files);
    kill_and_reopen();
    EXPECT_EQ(read("m").size(), 15U);
}

TEST_F(SeedRegression, C1_13_EveryPeriodAndTypeIsInAnExport) {
    const SeriesId whole = series("whole", ValueType::Int);
    const SeriesId broken = series("broken");
    const int64_t large = (int64_t{1} << 60) + 1;
    for (int day = 0; day < 3; ++day) {
        const TimestampNs t = kStart + day * kNsPerDay;
        const Sample samples[] = {{whole, t, ValueBits::of_int(large + day)},
                                  {broken, t, ValueBits::of(0.1 * day)}};
        ASSERT_TRUE(db().append({samples, {}}));
        ASSERT_TRUE(day == 0 ? db().compact() : db().flush());
    }
    append(broken, kStart + 5 * kNsPerDay, 5);  // still in the log
    std::string text;
    const auto querier = db().querier();
    std::vector<TimestampNs> timestamps;
    std::vector<ValueBits> values;
    const auto found = *querier->select({}, {});
    for (const SeriesHandle& handle : found) {
        ASSERT_TRUE(querier->read_bits(handle, {}, timestamps, values));
        const LinePrinter printer("copy", *handle.labels, handle.type);
        for (size_t i = 0; i < timestamps.size(); ++i) {
            printer.append(text, timestamps[i], values[i]);
        }
    }
    const auto imported = store().append_lines(text, "main");
    ASSERT_TRUE(imported);
    EXPECT_EQ(imported->imported, 7U);
    const auto copy = db("copy").querier();
    const auto again = *copy->select({}, {});
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[1].type, ValueType::Int);
    ASSERT_TRUE(copy->read_bits(again[1], {}, timestamps, values));
    EXPECT_EQ(values.back().as_int(), large + 2);
}

TEST_F(SeedRegression, C1_14_IdsAreNeverGivenToAnotherSeries) {
    append(series("a"), kStart, 1);
    ASSERT_TRUE(db().flush());
    append(series("b"), kStart, 2);
    ASSERT_TRUE(db().flush());
    ASSERT_TRUE(disk_->remove("/disk/root/main/catalog.log"));  // the worst that can happen to it
    kill_and_reopen();
    const SeriesId fresh = series("c");
    append(fresh, kStart, 3);
    EXPECT_GT(fresh.value(), 2U);
    EXPECT_EQ(read("c").values, std::vector<double>{3});
}

TEST_F(SeedRegression, C1_15_ABatchIsThereAsAWholeOrNotAtAll) {
    const SeriesId a = series("a");
    const Sample samples[] = {{a, kStart, ValueBits::of(1.0)},
                              {SeriesId(999), kStart, ValueBits::of(2.0)}};
    const auto counts = db().append({samples, {}});
    ASSERT_FALSE(counts);
    EXPECT_EQ(counts.error().code, ErrorCode::InvalidArgument);
    EXPECT_TRUE(read("a").values.empty());
    kill_and_reopen();
    EXPECT_TRUE(read("a").values.empty());
}

TEST_F(SeedRegression, C1_16_LastValuesAndOrderSurviveACleanRestart) {
    const SeriesId id = series("m");
    append(id, kStart + 5, 2);
    reopen();
    append(series("m"), kStart, 1);
    const auto querier = db().querier();
    const auto found = *querier->select({}, {});
    EXPECT_EQ(querier->last(found.front(), {})->value.as_double(), 2);
    EXPECT_EQ(read("m").timestamps, (std::vector<TimestampNs>{kStart, kStart + 5}));
}

TEST_F(SeedRegression, C1_16_AnOldDayTakesSamplesAfterItWasSealed) {
    const SeriesId id = series("m");
    append(id, kStart, 1);
    ASSERT_TRUE(db().compact());
    append(id, kStart + 1, 2);
    ASSERT_TRUE(db().compact());
    EXPECT_EQ(read("m").values, (std::vector<double>{1, 2}));
}

TEST_F(SeedRegression, C2_NanosecondTimestampsAndLargeCountersAreExact) {
    ASSERT_TRUE(store().append_lines(
        "energy 16777217 1700000000000000001\nkwh 1234567.891 1700000000123456789\n", "main"));
    ASSERT_TRUE(db().flush());
    EXPECT_EQ(read("kwh").timestamps, std::vector<TimestampNs>{1'700'000'000'123'456'789});
    EXPECT_EQ(read("kwh").values, std::vector<double>{1234567.891});
    EXPECT_EQ(read("energy").values, std::vector<double>{16777217});
}

TEST_F(SeedRegression, C2_AnAnswerWithoutAnEndReadsNoMoreThanOneWithOne) {
    uint64_t calls = 0;
    test::FaultFileSystem counting(*disk_, [&calls](test::FileOp, const std::string&) {
        ++calls;
        return test::Verdict::pass();
    });
    options_.file_system = &counting;
    append(series("m"), kStart, 1);
    ASSERT_TRUE(db().flush());
    EXPECT_EQ(read("m").size(), 1U);
    const auto calls_of = [&](const std::string& metric, TimeRange range) {
        calls = 0;
        (void)read(metric, range);
        return calls;
    };
    EXPECT_LE(calls_of("m", {}), calls_of("m", {kStart, kStart + kNsPerDay}));
    EXPECT_EQ(calls_of("nobody", {}), 0U);
    store_.reset();
}

TEST_F(SeedRegression, C2_ASlowClockOfOneDeviceDoesNotBlockOthers) {
    append(series("fast"), kStart + 100, 1);
    append(series("slow"), kStart, 2);
    EXPECT_EQ(read("slow").values, std::vector<double>{2});
}

TEST_F(SeedRegression, C4_RowsComeInOrderAcrossSegmentsAndRestarts) {
    const SeriesId id = series("m");
    for (int i = 1; i <= 45; ++i) {
        append(id, kStart + i, i);
        if (i % 10 == 0) {
            i % 20 == 0 ? reopen() : kill_and_reopen();
        }
    }
    const auto all = read("m");
    ASSERT_EQ(all.size(), 45U);
    EXPECT_TRUE(std::is_sorted(all.timestamps.begin(), all.timestamps.end()));
    EXPECT_EQ(read("m", {kStart + 25, kStart + 61}).size(), 21U);
}

TEST_F(SeedRegression, C4_3_AQueryMadeAfterAWriteSeesIt) {
    const SeriesId id = series("m");
    for (int i = 0; i < 300; ++i) {
        append(id, kStart + i, i);
        if (i % 100 == 50) {
            ASSERT_TRUE(db().flush());
        }
        ASSERT_EQ(read("m", {kStart + i, kStart + i + 1}).values,
                  std::vector<double>{static_cast<double>(i)});
    }
}

TEST_F(SeedRegression, C4_9_TimeZeroAndTimesBeforeItAreTimesLikeOthers) {
    const SeriesId id = series("m");
    append(id, 0, 1);
    append(id, -5, 2);
    ASSERT_TRUE(db().compact());
    kill_and_reopen();
    EXPECT_EQ(read("m").timestamps, (std::vector<TimestampNs>{-5, 0}));
    append(series("m"), -9, 3);
    EXPECT_EQ(read("m").timestamps, (std::vector<TimestampNs>{-9, -5, 0}));
}

TEST_F(SeedRegression, C4_11_AThousandQuietSeriesTakeLittleRoom) {
    std::vector<Sample> batch;
    for (int i = 0; i < 1000; ++i) {
        batch.push_back({series("quiet_" + std::to_string(i)), kStart, ValueBits::of(21.5)});
    }
    append_all(batch);
    ASSERT_TRUE(db().compact());
    EXPECT_EQ(db().stats().files, 1U);
    EXPECT_LE(db().stats().file_bytes, 64U << 10);
}

}  // namespace
}  // namespace cistern::store
