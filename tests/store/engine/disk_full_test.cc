// SPDX-License-Identifier: MIT
#include "tests/store/engine/database_fixture.h"

#include <gtest/gtest.h>

namespace cistern::store {
namespace {

class DiskFull : public DatabaseFixture {
  protected:
    // Appends until the disk refuses; how many samples were taken.
    int fill() {
        const SeriesId id = series("m");
        for (int i = 0;; ++i) {
            const auto counts = try_append(id, kStart + next_ * kNsPerMs, 1.0 / (1 + next_));
            if (!counts) {
                EXPECT_EQ(counts.error().code, ErrorCode::ResourceExhausted)
                    << counts.error().message;
                return i;
            }
            ++next_;
        }
    }
    int next_ = 0;
};

TEST_F(DiskFull, AppendsAreRefusedReadsWorkAndWritingGoesOnWhenThereIsRoomAgain) {
    append(series("m"), kStart - 1, 0);
    disk_->set_capacity(disk_->used_bytes() + (200 << 10));
    const int taken = fill();
    EXPECT_GT(taken, 1000);
    EXPECT_TRUE(db().stats().read_only);
    EXPECT_NE(db().stats().read_only_reason, "");
    EXPECT_EQ(read("m").size(), static_cast<size_t>(taken) + 1);
    disk_->set_capacity(UINT64_MAX);
    clock_.advance(2 * kNsPerSecond);
    append(series("m"), kStart + next_ * kNsPerMs, 5);
    store().run_maintenance();
    EXPECT_FALSE(db().stats().read_only);
    kill_and_reopen();
    EXPECT_EQ(read("m").size(), static_cast<size_t>(taken) + 2);
}

TEST_F(DiskFull, NothingOfARefusedBatchIsThereAfterAKill) {
    append(series("m"), kStart - 1, 0);
    disk_->set_capacity(disk_->used_bytes() + (100 << 10));
    const int taken = fill();
    kill_and_reopen();
    EXPECT_EQ(read("m").size(), static_cast<size_t>(taken) + 1);
}

TEST_F(DiskFull, TheReserveLetsAFlushFinish) {
    options_.reserve_bytes = 256 << 10;
    append(series("m"), kStart - 1, 0);
    EXPECT_TRUE(*disk_->exists("/disk/root/reserve.bin"));
    disk_->set_capacity(disk_->used_bytes() + (100 << 10));
    const int taken = fill();
    disk_->set_capacity(disk_->used_bytes());  // not a byte left
    clock_.advance(2 * kNsPerSecond);
    EXPECT_TRUE(db().flush());
    EXPECT_FALSE(*disk_->exists("/disk/root/reserve.bin"));
    EXPECT_EQ(read("m").size(), static_cast<size_t>(taken) + 1);
    append(series("m"), kStart + next_ * kNsPerMs, 1);  // a segment became free
    disk_->set_capacity(UINT64_MAX);
    store().run_maintenance();
    EXPECT_TRUE(*disk_->exists("/disk/root/reserve.bin"));
}

TEST_F(DiskFull, OpensWithNotAByteFree) {
    append(series("m"), kStart, 1);
    const uint64_t used = disk_->used_bytes();
    auto copy = std::make_unique<test::MemoryFileSystem>(disk_->image());
    store_.reset();
    disk_ = std::move(copy);
    disk_->set_capacity(used);
    options_.file_system = disk_.get();
    EXPECT_EQ(read("m").values, std::vector<double>{1});
}

}  // namespace
}  // namespace cistern::store
