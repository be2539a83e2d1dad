// SPDX-License-Identifier: MIT
// Flush, merge, seal, retention: what happens to samples as they grow old.
#include "store/engine/tar_archive.h"
#include "tests/store/engine/database_fixture.h"

#include <gtest/gtest.h>

namespace cistern::store {
namespace {

class Lifecycle : public DatabaseFixture {
  protected:
    void pass(int64_t ns) {
        clock_.advance(ns);
        store().run_maintenance();
    }
    // A sample of its own file per day, oldest first; the clock stands at the end of the last day.
    void write_days(int days) {
        for (int day = 0; day < days; ++day) {
            append(series("m"), clock_.now_ns(), day);
            ASSERT_TRUE(db().flush());
            pass(kNsPerDay);
        }
    }
};

TEST_F(Lifecycle, AHeadThatIsOldEnoughIsFlushedThoughNothingArrives) {
    append(series("m"), kStart, 1);
    pass(options_.defaults.flush_age_ns / 2);
    EXPECT_TRUE(partition_files().empty());
    pass(options_.defaults.flush_age_ns);
    EXPECT_EQ(partition_files().size(), 1U);
    EXPECT_EQ(db().stats().head_samples, 0U);
    EXPECT_EQ(read("m").values, std::vector<double>{1});
}

TEST_F(Lifecycle, AHeadThatIsLargeEnoughIsFlushed) {
    options_.defaults.flush_bytes = 64 << 10;
    const SeriesId id = series("m");
    for (int64_t i = 0; i < 20'000; ++i) {
        append(id, kStart + i, static_cast<double>(i));
        ASSERT_LE(db().stats().head_bytes, 2 * options_.defaults.flush_bytes);
    }
    EXPECT_GT(db().stats().flushes, 3U);
    EXPECT_EQ(read("m").size(), 20'000U);
}

TEST_F(Lifecycle, ALogThatIsLongEnoughIsFlushedAndItsSegmentsReused) {
    options_.defaults.wal.total_bytes_max = 256 << 10;
    const SeriesId id = series("m");
    for (int64_t i = 0; i < 60'000; ++i) {
        append(id, kStart + i, 1.0 / static_cast<double>(i + 1));
    }
    EXPECT_GT(db().stats().flushes, 2U);
    EXPECT_LE(db().stats().wal_segments, 10U);
    kill_and_reopen();
    EXPECT_EQ(read("m").size(), 60'000U);
}

TEST_F(Lifecycle, SamplesGoIntoTheFileOfTheirUtcDay) {
    const SeriesId id = series("m");
    append(id, kNsPerDay - 1, 1);
    append(id, kNsPerDay, 2);
    append(id, -1, 3);
    ASSERT_TRUE(db().flush());
    auto names = partition_files();
    for (std::string& name : names) {
        name = name.substr(0, 15);
    }
    EXPECT_EQ(names,
              (std::vector<std::string>{"data-1969-12-31", "data-1970-01-01", "data-1970-01-02"}));
    reopen();
    EXPECT_EQ(read("m").values, (std::vector<double>{3, 1, 2}));
}

TEST_F(Lifecycle, TheCatalogHasASecondCopyADayAfterAStart) {
    append(series("m"), kStart, 1);
    ASSERT_TRUE(db().flush());
    pass(kNsPerSecond);
    pass(kNsPerDay + kNsPerSecond);
    ASSERT_TRUE(disk_->remove("/disk/root/main/catalog.log"));
    kill_and_reopen();
    EXPECT_EQ(read("m").values, std::vector<double>{1});
}

TEST_F(Lifecycle, ADayThatIsOverBecomesOneSealedFile) {
    const SeriesId id = series("m");
    for (int i = 0; i < 3; ++i) {
        append(id, kStart + i, i);
        ASSERT_TRUE(db().flush());
    }
    EXPECT_EQ(partition_files().size(), 3U);
    pass(2 * kNsPerDay);
    EXPECT_EQ(partition_files().size(), 1U);
    EXPECT_EQ(db().stats().seals, 1U);
    EXPECT_EQ(read("m").values, (std::vector<double>{0, 1, 2}));
    reopen();
    EXPECT_EQ(read("m").values, (std::vector<double>{0, 1, 2}));
    EXPECT_EQ(db().stats().file_samples, 3U);
}

TEST_F(Lifecycle, LateSamplesJoinASealedDayAfterAWhileAndTheLastWriteWins) {
    const SeriesId id = series("m");
    append(id, kStart, 1);
    append(id, kStart + 1, 2);
    pass(3 * kNsPerDay);
    pass(kNsPerSecond);
    ASSERT_EQ(db().stats().seals, 1U);
    append(id, kStart, 10);
    ASSERT_TRUE(db().flush());
    EXPECT_EQ(read("m").values, (std::vector<double>{10, 2}));
    pass(kNsPerSecond);
    EXPECT_EQ(partition_files().size(), 2U);
    pass(2 * kNsPerDay);
    EXPECT_EQ(partition_files().size(), 1U);
    EXPECT_EQ(read("m").values, (std::vector<double>{10, 2}));
    EXPECT_EQ(db().stats().file_samples, 2U);
}

TEST_F(Lifecycle, ManyFilesOfOneDayAreMergedWhileItLasts) {
    const SeriesId id = series("m");
    for (int i = 0; i < 40; ++i) {
        append(id, kStart + i, i);
        ASSERT_TRUE(db().flush());
        store().run_maintenance();
    }
    EXPECT_LE(partition_files().size(), 12U);
    EXPECT_EQ(read("m").size(), 40U);
}

TEST_F(Lifecycle, AQueryKeepsItsViewThroughFlushSealAndRetention) {
    options_.defaults.retention_ns = kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Delete;
    const SeriesId id = series("m");
    append(id, kStart, 1);
    ASSERT_TRUE(db().flush());
    append(id, kStart + 1, 2);
    const auto querier = db().querier();
    append(id, kStart + 2, 3);
    ASSERT_TRUE(db().compact());
    pass(3 * kNsPerDay);
    pass(120 * kNsPerSecond);
    EXPECT_TRUE(read("m").values.empty());
    SampleColumns columns;
    ASSERT_TRUE(querier->read(querier->select({}, {})->front(), {}, columns));
    EXPECT_EQ(columns.values, (std::vector<double>{1, 2}));
}

TEST_F(Lifecycle, RetentionForgetsByTheEndOfAPeriod) {
    options_.defaults.partition = PartitionPeriod::Month;
    options_.defaults.retention_ns = 30 * kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Delete;
    // 31 October on 1 November: the month is over, its end is not 30 days ago.
    const TimestampNs november = 1'698'796'800 * kNsPerSecond;
    clock_.set_wall(november - 1000);
    append(series("m"), november - 1000, 1);
    ASSERT_TRUE(db().flush());
    pass(kNsPerDay);
    pass(120 * kNsPerSecond);
    EXPECT_EQ(read("m").size(), 1U);
    for (int day = 0; day < 31; ++day) {
        pass(kNsPerDay);
    }
    EXPECT_EQ(read("m").size(), 0U);
}

TEST_F(Lifecycle, RetentionForgetsAFewPeriodsPerPass) {
    write_days(10);
    options_.defaults.retention_ns = 2 * kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Delete;
    reopen();
    pass(kNsPerSecond);
    EXPECT_EQ(partition_files().size(), 8U);
    pass(60 * kNsPerSecond);
    EXPECT_EQ(partition_files().size(), 6U);
    for (int i = 0; i < 10; ++i) {
        pass(60 * kNsPerSecond);
    }
    EXPECT_EQ(partition_files().size(), 2U);
}

TEST_F(Lifecycle, KeepKeeps) {
    options_.defaults.retention_ns = kNsPerDay;
    write_days(4);
    pass(100 * kNsPerDay);
    EXPECT_EQ(read("m").size(), 4U);
}

TEST_F(Lifecycle, ClockAt1970AndAt2066DeletesNothing) {
    options_.defaults.retention_ns = 5 * kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Delete;
    write_days(3);
    const TimestampNs good = clock_.now_ns();
    for (const TimestampNs wrong : {TimestampNs{0}, TimestampNs{3'029'529'600} * kNsPerSecond}) {
        clock_.set_wall(wrong);
        for (int i = 0; i < 20; ++i) {
            pass(3600 * kNsPerSecond);
        }
        reopen();  // a new process starts with the wrong clock
        for (int i = 0; i < 5; ++i) {
            pass(3600 * kNsPerSecond);
        }
        EXPECT_EQ(read("m").size(), 3U);
    }
    clock_.set_wall(good);
    pass(60 * kNsPerSecond);
    EXPECT_EQ(read("m").size(), 3U);
}

TEST_F(Lifecycle, ASampleFromTheFarFutureDeletesNothing) {
    options_.defaults.retention_ns = 5 * kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Delete;
    write_days(3);
    append(series("m"), TimestampNs{3'029'529'600} * kNsPerSecond, 2066);
    append(series("m"), clock_.now_ns(), 4);  // and the series goes on
    ASSERT_TRUE(db().flush());
    pass(60 * kNsPerSecond);
    EXPECT_EQ(read("m").size(), 5U);
}

TEST_F(Lifecycle, TheOldestPeriodsGoWhenTheDatabaseIsTooLarge) {
    write_days(6);
    const auto stats = db().stats();
    options_.defaults.retention_bytes_max = stats.file_bytes / 2;
    reopen();
    for (int i = 0; i < 6; ++i) {
        pass(60 * kNsPerSecond);
    }
    EXPECT_LE(db().stats().file_bytes, options_.defaults.retention_bytes_max);
    const auto left = read("m").values;
    EXPECT_EQ(left, (std::vector<double>{3, 4, 5}));
}

TEST_F(Lifecycle, ExpiredDaysGoIntoTheTarOfTheirMonth) {
    options_.defaults.retention_ns = 2 * kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Archive;
    write_days(5);
    pass(60 * kNsPerSecond);
    pass(60 * kNsPerSecond);
    const auto names = files();
    ASSERT_NE(std::find(names.begin(), names.end(), "archive-2023-11.tar"), names.end());
    EXPECT_LT(read("m").size(), 5U);
    const auto tar = read_file(*disk_, "/disk/root/main/archive-2023-11.tar");
    EXPECT_NE(tar->find("data-2023-11-14"), std::string::npos);
    EXPECT_EQ(tar->size() % 512, 0U);
}

TEST_F(Lifecycle, AnEntryThatIsInTheTarIsNotAddedTwice) {
    ASSERT_TRUE(write_file_atomically(*disk_, "/disk/a", std::string(700, 'x')));
    ASSERT_TRUE(append_to_tar(*disk_, "/disk/t.tar", "/disk/a", "one"));
    const auto once = read_file(*disk_, "/disk/t.tar")->size();
    ASSERT_TRUE(append_to_tar(*disk_, "/disk/t.tar", "/disk/a", "one"));
    EXPECT_EQ(read_file(*disk_, "/disk/t.tar")->size(), once);
    ASSERT_TRUE(append_to_tar(*disk_, "/disk/t.tar", "/disk/a", "two"));
    EXPECT_EQ(read_file(*disk_, "/disk/t.tar")->size(), once + 512 + 1024);
}

TEST_F(Lifecycle, ArchivingWhatNeverExpiresIsRefused) {
    options_.defaults.partition = PartitionPeriod::Forever;
    options_.defaults.retention_action = RetentionAction::Archive;
    EXPECT_EQ(store().database("main").error().code, ErrorCode::InvalidArgument);
}

TEST_F(Lifecycle, ChangingThePeriodKeepsOldFilesReadable) {
    const SeriesId id = series("m");
    append(id, kStart, 1);
    append(id, kStart + 1, 2);
    ASSERT_TRUE(db().flush());
    options_.defaults.partition = PartitionPeriod::Month;
    reopen();
    append(series("m"), kStart, 3);
    ASSERT_TRUE(db().compact());
    pass(kNsPerDay * 60);
    EXPECT_EQ(read("m").values, (std::vector<double>{3, 2}));
    options_.defaults.partition = PartitionPeriod::Day;
    reopen();
    append(series("m"), kStart + 1, 4);
    ASSERT_TRUE(db().flush());
    EXPECT_EQ(read("m").values, (std::vector<double>{3, 4}));
}

}  // namespace
}  // namespace cistern::store
