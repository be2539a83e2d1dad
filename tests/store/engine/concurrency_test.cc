// SPDX-License-Identifier: MIT
// Eight writers, eight readers, flushes, seals and retention at once. Worth most under TSan.
#include "tests/store/engine/database_fixture.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

namespace cistern::store {
namespace {

constexpr int kWriters = 8;
constexpr int kReaders = 8;
// Of flush, merge, seal and retention; in each one every writer has some batches to write, so that
// all of it really happens at once.
constexpr int kRounds = 20;
constexpr int kBatchesPerRound = 8;
constexpr int kBatches = kRounds * kBatchesPerRound;

class Concurrency : public DatabaseFixture {
  protected:
    // Each batch has one sample of two series: a reader sees both or none.
    void write(int writer) {
        const auto left =
            db().series(Labels::of_metric("left_" + std::to_string(writer)), ValueType::Float);
        const auto right =
            db().series(Labels::of_metric("right_" + std::to_string(writer)), ValueType::Float);
        for (int i = 0; i < kBatches; ++i) {
            while (i >= (rounds_ + 1) * kBatchesPerRound && !HasFailure()) {
                std::this_thread::yield();
            }
            const TimestampNs t = kStart + i * kNsPerSecond * 600;
            const Sample samples[] = {{left->id, t, ValueBits::of(i)},
                                      {right->id, t, ValueBits::of(i)}};
            ASSERT_TRUE(db().append({samples, {}}));
            ++written_;
        }
    }
    void read_all() {
        while (!done_) {
            const auto querier = db().querier();
            const auto found = querier->select({}, {});
            ASSERT_TRUE(found);
            std::map<std::string, size_t> sizes;
            for (const SeriesHandle& series : *found) {
                SampleColumns columns;
                ASSERT_TRUE(querier->read(series, {}, columns));
                for (size_t i = 0; i < columns.size(); ++i) {
                    ASSERT_EQ(columns.values[i], static_cast<double>(i))
                        << "a prefix, without a hole";
                }
                sizes[std::string(series.labels->metric())] = columns.size();
            }
            for (int writer = 0; writer < kWriters; ++writer) {
                ASSERT_EQ(sizes["left_" + std::to_string(writer)],
                          sizes["right_" + std::to_string(writer)]);
            }
        }
    }
    // One round of what the background does. An old sample is written, and forgotten by retention.
    void maintain(int round) {
        while (written_ <= round * kBatchesPerRound * kWriters && !HasFailure()) {
            std::this_thread::yield();  // what it works on while the rest is written
        }
        Database& old = db("old");
        const SeriesId id = old.series(Labels::of_metric("expired"), ValueType::Float)->id;
        clock_.advance(61 * kNsPerSecond);
        const Sample sample{id, kStart - (100 + round) * kNsPerDay, ValueBits::of(round)};
        ASSERT_TRUE(old.append({{&sample, 1}, {}}));
        ASSERT_TRUE(old.flush());
        store().run_maintenance();
        ASSERT_TRUE(round % 2 == 0 ? db().flush() : db().compact());
        (void)db().stats();
    }

    std::atomic<int> rounds_{0};
    std::atomic<int> written_{0};  // batches
    std::atomic<bool> done_{false};
};

TEST_F(Concurrency, ReadersSeeWholeBatchesAndAPrefixOfThem) {
    options_.background = true;
    options_.defaults.flush_bytes = 32 << 10;
    options_.defaults.wal.sync_interval_ns = kNsPerMs;
    options_.defaults.retention_ns = 30 * kNsPerDay;
    options_.defaults.retention_action = RetentionAction::Delete;
    (void)db();
    std::vector<std::thread> writers;
    std::vector<std::thread> others;
    for (int i = 0; i < kWriters; ++i) {
        writers.emplace_back([this, i] { write(i); });
    }
    for (int i = 0; i < kReaders; ++i) {
        others.emplace_back([this] { read_all(); });
    }
    for (; rounds_ < kRounds; ++rounds_) {
        maintain(rounds_);
    }
    for (std::thread& writer : writers) {
        writer.join();
    }
    done_ = true;
    for (std::thread& other : others) {
        other.join();
    }
    EXPECT_GE(db().stats().flushes, static_cast<uint64_t>(kRounds) / 2);
    EXPECT_GT(db().stats().merges, 0U);
    EXPECT_GT(db("old").stats().expired_files, 0U);
    reopen();
    for (int i = 0; i < kWriters; ++i) {
        EXPECT_EQ(read("left_" + std::to_string(i)).size(), static_cast<size_t>(kBatches));
    }
    EXPECT_EQ(db().stats().file_samples, static_cast<uint64_t>(2 * kWriters * kBatches));
}

TEST_F(Concurrency, AStoreOpenedForReadingMissesNothingWhileFilesComeAndGo) {
    options_.defaults.flush_bytes = 16 << 10;
    const SeriesId id = series("m");
    append(id, kStart, 0);
    std::atomic<int> written{1};
    std::thread writer([&] {
        for (int i = 1; !done_; ++i) {
            ASSERT_TRUE(try_append(id, kStart + i, i));
            written.store(i + 1);
            if (i % 50 == 0) {
                ASSERT_TRUE(i % 100 == 0 ? db().compact() : db().flush());
            }
        }
    });
    for (int round = 0; round < 40 || (written < 2000 && !HasFailure()); ++round) {
        const auto before = static_cast<size_t>(written.load());
        StoreOptions options = options_;
        options.read_only = true;
        auto second = Store::open(options);
        ASSERT_TRUE(second) << second.error().message;
        Database* const seen = (*second)->find("main");
        ASSERT_NE(seen, nullptr);
        const auto querier = seen->querier();
        SampleColumns columns;
        const auto found = querier->select({}, {});
        ASSERT_TRUE(found);
        ASSERT_EQ(found->size(), 1U);
        ASSERT_TRUE(querier->read(found->front(), {}, columns));
        EXPECT_GE(columns.size(), before);
        EXPECT_EQ(seen->stats().corrupt_blocks, 0U);
    }
    done_ = true;
    writer.join();
}

}  // namespace
}  // namespace cistern::store
