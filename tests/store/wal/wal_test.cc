// SPDX-License-Identifier: MIT
#include "store/base/log.h"
#include "store/wal/recent_messages.h"
#include "store/wal/wal_reader.h"
#include "store/wal/wal_writer.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace cistern::store {
namespace {

constexpr int64_t kSecond = kNsPerSecond;
const std::string kFolder = "/wal";

// Keeps what it is given.
class Collector final : public WalVisitor {
  public:
    void on_samples(uint64_t lsn,
                    std::span<const Sample> samples,
                    const MessageStamp& stamp) override {
        EXPECT_GT(lsn, last_lsn);
        last_lsn = lsn;
        for (const Sample& sample : samples) {
            values.push_back(sample.value.as_double());
            timestamps.push_back(sample.timestamp);
            series.push_back(sample.series.value());
        }
        if (stamp.source != 0) {
            stamps.push_back(stamp);
        }
    }
    void on_series(uint64_t, const SeriesDefinition& definition) override {
        definitions[definition.id.value()] = definition.labels.to_string();
    }
    void on_metadata(uint64_t, SeriesId id, const SeriesMetadata& metadata) override {
        units[id.value()] = metadata.unit;
    }

    uint64_t last_lsn = 0;
    std::vector<double> values;
    std::vector<TimestampNs> timestamps;
    std::vector<uint32_t> series;
    std::vector<MessageStamp> stamps;
    std::map<uint32_t, std::string> definitions, units;
};

class WalTest : public ::testing::Test {
  protected:
    WalTest() {
        set_up_log({});
        test::DiskImage image;
        image.directories = {"/", kFolder};
        disk_ = std::make_unique<test::MemoryFileSystem>(std::move(image));
        faults_ = std::make_unique<test::FaultFileSystem>(
            *disk_, [this](test::FileOp op, const std::string& path) { return judge_(op, path); });
        options_.segment_bytes = 16 << 10;
    }

    void start() {
        Collector collector;
        const auto report = read_wal(*disk_, kFolder, 0, collector);
        ASSERT_TRUE(report);
        WalStart start{
            lsn_after_reopen(report->end_lsn), report->end_lsn, report->next_segment_id, {}};
        for (const auto& segment : report->segments) {
            start.segments.push_back({segment.id, segment.last_lsn, segment.file_bytes, true});
        }
        wal_ = std::make_unique<WalWriter>(*faults_, clock_, kFolder, options_, start);
    }
    Result<uint64_t> write(double value, uint64_t stamp = 0) {
        batch_.clear();
        NumberedStamp numbered;
        if (stamp != 0) {
            numbered = {wal_->source_number(9, batch_), stamp, stamp * 7, 1};
        }
        const Sample sample{
            SeriesId(1), static_cast<int64_t>(value) * kSecond, ValueBits::of(value)};
        batch_.add_samples({&sample, 1}, numbered);
        return wal_->append(batch_);
    }
    WalReport read(Collector& collector, uint64_t flushed = 0) {
        auto report = read_wal(*disk_, kFolder, flushed, collector);
        EXPECT_TRUE(report);
        return std::move(*report);
    }
    std::vector<std::string> segments() {
        std::vector<std::string> names;
        const auto entries = disk_->list(kFolder);
        for (const auto& entry : *entries) {
            names.push_back(kFolder + "/" + entry.name);
        }
        return names;
    }
    void damage(const std::string& path, uint64_t at, uint64_t size) {
        auto file = *disk_->open(path, OpenMode::ReadWrite);
        std::vector<std::byte> bytes(size);
        ASSERT_EQ(*file->pread(at, bytes), size);
        for (std::byte& byte : bytes) {
            byte ^= std::byte{0x5a};
        }
        ASSERT_TRUE(file->pwrite(at, bytes));
    }
    static std::vector<double> up_to(int last) {
        std::vector<double> values;
        for (int i = 1; i <= last; ++i) {
            values.push_back(i);
        }
        return values;
    }

    ManualClock clock_{0};
    std::unique_ptr<test::MemoryFileSystem> disk_;
    std::unique_ptr<test::FaultFileSystem> faults_;
    test::FaultFileSystem::Judge judge_ = [](test::FileOp, const std::string&) {
        return test::Verdict::pass();
    };
    WalOptions options_;
    std::unique_ptr<WalWriter> wal_;
    WalBatch batch_;
};

TEST_F(WalTest, EveryRecordComesBackInOrder) {
    start();
    batch_.clear();
    batch_.add_series({SeriesId(1), ValueType::Float, Labels::of_metric("m", {{"a", "b"}})});
    SeriesMetadata metadata;
    metadata.unit = "°C";
    batch_.add_metadata(SeriesId(1), metadata);
    ASSERT_TRUE(wal_->append(batch_));
    for (int i = 1; i <= 2000; ++i) {
        ASSERT_TRUE(write(i, static_cast<uint64_t>(i)));
    }
    EXPECT_GT(segments().size(), 3U);
    Collector collector;
    const auto report = read(collector);
    EXPECT_TRUE(report.faults.empty());
    EXPECT_EQ(collector.values, up_to(2000));
    EXPECT_EQ(collector.definitions[1], "m{a=\"b\"}");
    EXPECT_EQ(collector.units[1], "°C");
    ASSERT_EQ(collector.stamps.size(), 2000U);
    EXPECT_EQ(collector.stamps[1999], (MessageStamp{9, 2000, 14000, 1}));
}

TEST_F(WalTest, SamplesKeepEveryBitWhateverTheirShape) {
    std::mt19937_64 random(5);
    for (int round = 0; round < 200; ++round) {
        std::vector<Sample> samples;
        const size_t count = 1 + random() % 40;
        const int64_t unit = std::vector<int64_t>{1, 1000, 1'000'000, kSecond}[random() % 4];
        for (size_t i = 0; i < count; ++i) {
            const auto id = static_cast<uint32_t>(random() % 3 == 0 ? random() : i + 1);
            const auto time =
                static_cast<int64_t>(random() % 5 == 0 ? random()
                                                       : 1'700'000'000'000 * 1'000'000 / unit) *
                unit;
            const uint64_t kind = random() % 6;
            const auto small = static_cast<double>(static_cast<int64_t>(random() % 20001) - 10000);
            const ValueBits value =
                kind == 0   ? ValueBits::from_bits(random())
                : kind == 1 ? ValueBits::of(small / 10)
                : kind == 2 ? ValueBits::of(static_cast<double>(static_cast<float>(small) / 3.0F))
                : kind == 3 ? ValueBits::of_int(static_cast<int64_t>(random()) >> (random() % 64))
                : kind == 4 ? ValueBits::of(-0.0)
                            : ValueBits::of(small);
            samples.push_back({SeriesId(id), time, value});
        }
        WalBatch batch;
        batch.add_samples(samples, {});
        batch.seal(1, 0);
        const auto frame = parse_frame(batch.bytes(), 0, 1);
        ASSERT_TRUE(frame);
        std::vector<Sample> decoded;
        NumberedStamp stamp;
        ASSERT_TRUE(decode_samples(frame->payload, decoded, stamp));
        ASSERT_EQ(decoded.size(), samples.size());
        for (size_t i = 0; i < count; ++i) {
            ASSERT_EQ(decoded[i].series, samples[i].series);
            ASSERT_EQ(decoded[i].timestamp, samples[i].timestamp);
            ASSERT_EQ(decoded[i].value, samples[i].value);
        }
    }
}

TEST_F(WalTest, OneAppendIsOneWrite) {
    start();
    ASSERT_TRUE(write(1));
    int writes = 0;
    judge_ = [&writes](test::FileOp op, const std::string&) {
        writes += op == test::FileOp::Write ? 1 : 0;
        return test::Verdict::pass();
    };
    ASSERT_TRUE(write(2, 5));
    EXPECT_EQ(writes, 1);
}

TEST_F(WalTest, ASyncedPageIsNeverWrittenAgain) {
    start();
    ASSERT_TRUE(write(1));
    std::map<test::InodeId, uint64_t> synced_end, written_end;
    disk_->observe([&](const test::DiskChange& change) {
        if (change.kind == test::DiskChange::Kind::Write && !change.bytes.empty()) {
            EXPECT_GE(change.offset, synced_end[change.inode]);
            written_end[change.inode] = change.offset + change.bytes.size();
        } else if (change.kind == test::DiskChange::Kind::Rename) {
            synced_end[change.inode] = written_end[change.inode] = 0;  // zeros, or a former life
        } else if (change.kind == test::DiskChange::Kind::SyncFile) {
            synced_end[change.inode] =
                (written_end[change.inode] + kWalPageBytes - 1) / kWalPageBytes * kWalPageBytes;
        }
    });
    ASSERT_TRUE(wal_->sync());
    for (int i = 2; i <= 100; ++i) {
        ASSERT_TRUE(write(i));
        if (i % 7 == 0) {
            ASSERT_TRUE(wal_->sync());
        }
    }
    disk_->observe(nullptr);
    Collector collector;
    EXPECT_TRUE(read(collector).faults.empty());
    EXPECT_EQ(collector.values, up_to(100));
}

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

}  // namespace
}  // namespace cistern::store
