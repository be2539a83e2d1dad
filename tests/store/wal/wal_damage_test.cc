// SPDX-License-Identifier: MIT
// Torn tails, damage, failing disks.
#include "store/base/bytes.h"
#include "store/wal/recent_messages.h"
#include "tests/store/wal/wal_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace cistern::store {
namespace {

TEST_F(WalTest, ATornLastRecordIsDroppedAndEverythingBeforeIsKept) {
    start();
    for (int i = 1; i <= 10; ++i) {
        ASSERT_TRUE(write(i));
    }
    const auto used = wal_->stats().bytes;
    damage(segments().back(), used - 3, 2);
    Collector collector;
    const auto report = read(collector);
    EXPECT_TRUE(report.faults.empty()) << "a torn tail is no damage";
    EXPECT_EQ(collector.values, up_to(9));
}

TEST_F(WalTest, UnsyncedRecordsBehindAHoleAreDroppedToo) {
    start();
    for (int i = 1; i <= 10; ++i) {
        ASSERT_TRUE(write(i));
        if (i == 4) {
            ASSERT_TRUE(wal_->sync());
        }
    }
    // The first record behind the sync is lost, those behind it landed.
    damage(segments().back(), kWalPageBytes + 30, 4);
    Collector collector;
    const auto report = read(collector);
    EXPECT_EQ(collector.values, up_to(4));
    EXPECT_GT(report.dropped_frames, 0U);
}

TEST_F(WalTest, DamageInSyncedRecordsIsReportedAndAllOthersAreRead) {
    start();
    for (int i = 1; i <= 20; ++i) {
        ASSERT_TRUE(write(i));
    }
    ASSERT_TRUE(wal_->sync());
    for (int i = 21; i <= 25; ++i) {
        ASSERT_TRUE(write(i));
    }
    damage(segments().back(), 300, 4);
    Collector collector;
    const auto report = read(collector);
    EXPECT_EQ(report.faults.size(), 1U);
    EXPECT_GE(collector.values.size(), 23U);
    EXPECT_EQ(collector.values.back(), 25);
}

TEST_F(WalTest, ADamagedSegmentStartLosesNothing) {
    start();
    for (int i = 1; i <= 20; ++i) {
        ASSERT_TRUE(write(i));
    }
    ASSERT_TRUE(wal_->sync());
    damage(segments().front(), 5, 4);
    Collector collector;
    (void)read(collector);
    EXPECT_EQ(collector.values, up_to(20));
}

TEST_F(WalTest, AReopenedLogGoesOnInANewSegment) {
    for (int run = 0; run < 4; ++run) {
        start();
        for (int i = run * 10 + 1; i <= run * 10 + 10; ++i) {
            ASSERT_TRUE(write(i));
        }
    }
    EXPECT_EQ(segments().size(), 4U);
    Collector collector;
    EXPECT_TRUE(read(collector).faults.empty());
    EXPECT_EQ(collector.values, up_to(40));
}

TEST_F(WalTest, RecycledSegmentsDoNotBringBackTheirFormerLife) {
    start();
    for (int i = 1; i <= 3000; ++i) {
        const auto lsn = write(i);
        ASSERT_TRUE(lsn);
        if (i % 500 == 0) {
            wal_->recycle(*lsn);
        }
    }
    EXPECT_LE(segments().size(), 8U);
    const uint64_t flushed = *write(3001);
    ASSERT_TRUE(write(3002));
    Collector collector;
    EXPECT_TRUE(read(collector, flushed).faults.empty());
    EXPECT_EQ(collector.values, std::vector<double>{3002});
}

TEST_F(WalTest, AfterAFailedSyncTheDataGoesToANewSegmentAndTheOldOneIsNeverSyncedAgain) {
    start();
    ASSERT_TRUE(write(1));
    ASSERT_TRUE(wal_->sync());
    ASSERT_TRUE(write(2));
    std::map<std::string, int> syncs_after_failure;
    bool failed = false;
    std::string poisoned;
    judge_ = [&](test::FileOp op, const std::string& path) {
        if (op == test::FileOp::Sync && !failed) {
            failed = true;
            poisoned = path;
            return test::Verdict::fail();
        }
        syncs_after_failure[path] += op == test::FileOp::Sync ? 1 : 0;
        return test::Verdict::pass();
    };
    ASSERT_TRUE(wal_->sync());
    ASSERT_TRUE(write(3));
    ASSERT_TRUE(wal_->sync());
    EXPECT_EQ(syncs_after_failure[poisoned], 0);
    EXPECT_EQ(wal_->stats().poisoned, 1U);
    // The device kept only what the first sync covered of the old segment.
    damage(poisoned, kWalPageBytes, 100);
    Collector collector;
    EXPECT_TRUE(read(collector).faults.empty());
    EXPECT_EQ(collector.values, up_to(3));
}

TEST_F(WalTest, AFailedWriteIsMadeGoodInANewSegment) {
    start();
    ASSERT_TRUE(write(1));
    bool failed = false;
    judge_ = [&](test::FileOp op, const std::string&) {
        const bool now = op == test::FileOp::Write && !failed;
        failed = failed || now;
        return now ? test::Verdict::fail() : test::Verdict::pass();
    };
    ASSERT_TRUE(write(2));
    ASSERT_TRUE(write(3));
    Collector collector;
    EXPECT_TRUE(read(collector).faults.empty());
    EXPECT_EQ(collector.values, up_to(3));
}

TEST_F(WalTest, ARefusedAppendIsNotReplayedWhenTheDiskWorksAgain) {
    start();
    ASSERT_TRUE(write(1));
    judge_ = [](test::FileOp op, const std::string&) {
        return op == test::FileOp::Write ? test::Verdict::fail() : test::Verdict::pass();
    };
    EXPECT_FALSE(write(99));
    EXPECT_FALSE(write(98));
    judge_ = [](test::FileOp, const std::string&) { return test::Verdict::pass(); };
    ASSERT_TRUE(write(2));
    Collector collector;
    EXPECT_TRUE(read(collector).faults.empty());
    EXPECT_EQ(collector.values, up_to(2));
}

TEST_F(WalTest, NoRoomForASegmentIsResourceExhausted) {
    start();
    ASSERT_TRUE(write(1));
    disk_->set_capacity(disk_->used_bytes());
    Result<uint64_t> written = uint64_t{0};
    int stored = 1;
    for (int i = 2; i < 3000 && written; ++i) {
        written = write(i);
        stored += written ? 1 : 0;
    }
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::ResourceExhausted);
    disk_->set_capacity(UINT64_MAX);
    ASSERT_TRUE(write(stored + 1));
    Collector collector;
    EXPECT_TRUE(read(collector).faults.empty());
    EXPECT_EQ(collector.values, up_to(stored + 1));
}

TEST_F(WalTest, ABatchLargerThanASegmentGetsALargerSegment) {
    start();
    std::vector<Sample> samples;
    for (uint32_t i = 0; i < 20'000; ++i) {
        samples.push_back(
            {SeriesId(i + 1), static_cast<int64_t>(i) * 1'234'567, ValueBits::of(1.0 / (i + 1))});
    }
    batch_.clear();
    batch_.add_samples(samples, {});
    ASSERT_TRUE(wal_->append(batch_));
    ASSERT_TRUE(write(7));
    Collector collector;
    (void)read(collector);
    EXPECT_EQ(collector.values.size(), 20'001U);
}

TEST_F(WalTest, AnyFlippedBitCostsAtMostItsOwnRecord) {
    start();
    for (int i = 1; i <= 200; ++i) {
        ASSERT_TRUE(write(i));
        if (i % 20 == 0) {
            ASSERT_TRUE(wal_->sync());
        }
    }
    const test::DiskImage good = disk_->image();
    std::mt19937_64 random(11);
    for (int flip = 0; flip < 2000; ++flip) {
        test::DiskImage image = good;
        auto file = image.files.begin();
        std::advance(file, static_cast<ptrdiff_t>(random() % image.files.size()));
        const uint64_t at = random() % file->second.size();
        file->second[at] ^= static_cast<std::byte>(1U << random() % 8);
        SCOPED_TRACE("file " + std::to_string(file->first) + " at " + std::to_string(at));
        test::MemoryFileSystem disk(std::move(image));
        Collector collector;
        const auto report = read_wal(disk, kFolder, 0, collector);
        ASSERT_TRUE(report);
        // The last group was not followed by a mark: a flip there looks like a torn tail.
        ASSERT_GE(collector.values.size(), 180U);
        if (collector.values.size() < 200 && collector.values.back() == 200) {
            ASSERT_EQ(report->faults.size(), 1U);
            ASSERT_EQ(collector.values.size(), 199U);
        }
        ASSERT_TRUE(std::is_sorted(collector.values.begin(), collector.values.end()));
    }
}

TEST(SegmentFileName, IsReadBackAndNothingElseIs) {
    EXPECT_EQ(segment_file_name(42), "000000000000002a.wal");
    EXPECT_EQ(parse_segment_file_name("000000000000002a.wal"), 42U);
    for (const char* name : {"",
                             "2a.wal",
                             "000000000000002A.wal",
                             "000000000000002a.wal.tmp",
                             "messages.bin",
                             "+00000000000002a.wal"}) {
        EXPECT_EQ(parse_segment_file_name(name), std::nullopt) << name;
    }
}

TEST(RecentMessages, DamageIsNoticed) {
    test::DiskImage image;
    image.directories = {"/"};
    test::MemoryFileSystem disk(std::move(image));
    RecentMessages messages(10);
    messages.add({1, 1, 11, 0});
    messages.add({1, 2, 22, 0});
    ASSERT_TRUE(messages.save(disk, "/m"));
    RecentMessages loaded(10);
    ASSERT_TRUE(loaded.load(disk, "/m"));
    EXPECT_EQ(loaded.of(1), messages.of(1));
    auto file = *disk.open("/m", OpenMode::ReadWrite);
    const std::byte wrong{0x77};
    ASSERT_TRUE(file->pwrite(9, {&wrong, 1}));
    RecentMessages damaged(10);
    EXPECT_EQ(damaged.load(disk, "/m").error().code, ErrorCode::Corruption);
}

TEST(WalRecord, SeriesIdsBeyondAllIdsAreRefused) {
    const auto decodes = [](uint64_t first, uint64_t step) {
        ByteWriter writer;
        writer.u8(0x01);  // one timestamp, ids as steps
        writer.varint(1);
        writer.svarint(0);
        writer.varint(first);
        writer.varint(step);
        writer.varint(5);
        std::vector<Sample> samples;
        NumberedStamp stamp;
        return decode_samples(writer.bytes(), samples, stamp);
    };
    EXPECT_TRUE(decodes(5, zigzag(0)));
    EXPECT_FALSE(decodes(5, zigzag(-6)));
    EXPECT_FALSE(decodes(5, zigzag(std::numeric_limits<int64_t>::min())));
    EXPECT_FALSE(decodes(std::numeric_limits<uint64_t>::max(), zigzag(-1)));
}

}  // namespace
}  // namespace cistern::store
