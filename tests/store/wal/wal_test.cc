// SPDX-License-Identifier: MIT
#include "tests/store/wal/wal_fixture.h"

#include <gtest/gtest.h>

#include <random>

namespace cistern::store {
namespace {

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
            // Unsigned, so that random times wrap around.
            const uint64_t units =
                random() % 5 == 0 ? random()
                                  : 1'700'000'000'000 * 1'000'000 / static_cast<uint64_t>(unit);
            const auto time = static_cast<int64_t>(units * static_cast<uint64_t>(unit));
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

}  // namespace
}  // namespace cistern::store
