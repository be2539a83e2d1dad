// SPDX-License-Identifier: MIT
// What a database tells about its own work.
#include "tests/store/engine/database_fixture.h"
#include "tests/support/fault_file_system.h"

#include <gtest/gtest.h>

namespace cistern::store {
namespace {

class Statistics : public DatabaseFixture {
  protected:
    // Every sync takes as long as this.
    static constexpr int64_t kSyncNs = 3 * kNsPerMs;
    Statistics()
        : slow_(*disk_, [this](test::FileOp op, const std::string&) {
              clock_.advance(op == test::FileOp::Sync ? kSyncNs : 0);
              return test::Verdict::pass();
          }) {
        options_.file_system = &slow_;
    }
    ~Statistics() override { store_.reset(); }

    test::FaultFileSystem slow_;
};

TEST_F(Statistics, OfTheLogTellWritesBytesAndTheTimeOfSyncs) {
    const SeriesId id = series("m");
    append(id, kStart, 1);
    append(id, kStart + 1, 2);
    EXPECT_EQ(db().stats().wal_writes, 2U);
    EXPECT_GT(db().stats().wal_written_bytes, 30U);
    EXPECT_GT(db().stats().wal_unsynced_bytes, 0U);
    const DatabaseStats before = db().stats();
    clock_.advance(2 * options_.defaults.wal.sync_interval_ns);
    store().run_maintenance();
    const DatabaseStats after = db().stats();
    EXPECT_EQ(after.wal_unsynced_bytes, 0U);
    EXPECT_EQ(after.wal_syncs, before.wal_syncs + 1);
    EXPECT_EQ(after.wal_sync_ns, before.wal_sync_ns + kSyncNs);
    EXPECT_EQ(after.wal_sync_ns_max, static_cast<uint64_t>(kSyncNs));
    EXPECT_EQ(after.wal_poisoned, 0U);
}

TEST_F(Statistics, OfFlushesAndMergesTellSamplesBytesAndTimes) {
    const SeriesId id = series("m");
    for (int i = 0; i < 3; ++i) {
        append(id, kStart + i, i);
        ASSERT_TRUE(db().flush());
    }
    const DatabaseStats flushed = db().stats();
    EXPECT_EQ(flushed.flushes, 3U);
    EXPECT_EQ(flushed.flushed_samples, 3U);
    EXPECT_EQ(flushed.flushed_bytes, flushed.file_bytes);
    EXPECT_GE(flushed.flush_ns_max, static_cast<uint64_t>(kSyncNs));
    EXPECT_GE(flushed.flush_ns, flushed.flush_ns_max);
    EXPECT_EQ(flushed.flush_failures, 0U);
    ASSERT_TRUE(db().compact());
    const DatabaseStats merged = db().stats();
    EXPECT_EQ(merged.merges, 1U);
    EXPECT_EQ(merged.merged_samples, 3U);
    EXPECT_EQ(merged.merged_bytes, merged.file_bytes);
    EXPECT_GE(merged.merge_ns_max, static_cast<uint64_t>(kSyncNs));
}

TEST_F(Statistics, OfARecoveryTellWhatTheLogHeld) {
    append(series("m"), kStart, 1);
    append(series("m"), kStart + 1, 2);
    const test::DiskImage image = disk_->image();
    store_.reset();
    test::MemoryFileSystem killed(image);
    options_.file_system = &killed;
    EXPECT_EQ(db().stats().replayed_records, 3U);  // a definition and two appends
    EXPECT_EQ(db().stats().replay_dropped, 0U);
    EXPECT_EQ(db().stats().replay_faults, 0U);
    store_.reset();
}

TEST_F(Statistics, CountFailedFlushesAndExpiredFiles) {
    options_.defaults.retention_ns = kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Delete;
    append(series("m"), kStart, 1);
    disk_->set_capacity(disk_->used_bytes());
    EXPECT_FALSE(db().flush());
    EXPECT_EQ(db().stats().flush_failures, 1U);
    EXPECT_EQ(db().stats().flushed_samples, 0U);
    disk_->set_capacity(UINT64_MAX);
    ASSERT_TRUE(db().flush());
    for (int day = 0; day < 3; ++day) {
        clock_.advance(kNsPerDay);
        store().run_maintenance();
    }
    EXPECT_EQ(db().stats().files, 0U);
    EXPECT_EQ(db().stats().expired_files, 1U);
    EXPECT_GT(db().stats().catalog_bytes, 0U);
}

TEST_F(Statistics, OfTheCacheTellHitsAndMisses) {
    const SeriesId id = series("m");
    for (int i = 0; i < 100; ++i) {
        append(id, kStart + i * kNsPerSecond, i);
    }
    ASSERT_TRUE(db().flush());
    const CacheStats before = cache_stats();
    EXPECT_EQ(read("m").size(), 100U);
    const CacheStats once = cache_stats();
    EXPECT_GT(once.misses, before.misses);
    EXPECT_EQ(read("m").size(), 100U);
    EXPECT_GT(cache_stats().hits, once.hits);
    EXPECT_LE(once.bytes, once.bytes_max);
}

}  // namespace
}  // namespace cistern::store
