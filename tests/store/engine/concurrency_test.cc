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
constexpr int kBatches = 150;

class Concurrency : public DatabaseFixture {
  protected:
    // Each batch has one sample of two series: a reader sees both or none.
    void write(int writer) {
        const auto left =
            db().series(Labels::of_metric("left_" + std::to_string(writer)), ValueType::Float);
        const auto right =
            db().series(Labels::of_metric("right_" + std::to_string(writer)), ValueType::Float);
        for (int i = 0; i < kBatches; ++i) {
            const TimestampNs t = kStart + i * kNsPerSecond * 600;
            const Sample samples[] = {{left->id, t, ValueBits::of(i)},
                                      {right->id, t, ValueBits::of(i)}};
            ASSERT_TRUE(db().append({samples, {}}));
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
    std::atomic<bool> done_{false};
};

TEST_F(Concurrency, ReadersSeeWholeBatchesAndAPrefixOfThem) {
    options_.background = true;
    options_.defaults.flush_bytes = 32 << 10;
    options_.defaults.wal.sync_interval_ns = kNsPerMs;
    (void)db();
    std::vector<std::thread> writers;
    std::vector<std::thread> others;
    for (int i = 0; i < kWriters; ++i) {
        writers.emplace_back([this, i] { write(i); });
    }
    for (int i = 0; i < kReaders; ++i) {
        others.emplace_back([this] { read_all(); });
    }
    others.emplace_back([this] {
        for (int i = 0; !done_; ++i) {
            clock_.advance(kNsPerSecond);
            ASSERT_TRUE(i % 2 == 0 ? db().flush() : db().compact());
            (void)db().stats();
        }
    });
    for (std::thread& writer : writers) {
        writer.join();
    }
    done_ = true;
    for (std::thread& other : others) {
        other.join();
    }
    reopen();
    for (int i = 0; i < kWriters; ++i) {
        EXPECT_EQ(read("left_" + std::to_string(i)).size(), static_cast<size_t>(kBatches));
    }
    EXPECT_EQ(db().stats().file_samples, static_cast<uint64_t>(2 * kWriters * kBatches));
}

}  // namespace
}  // namespace cistern::store
