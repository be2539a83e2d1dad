// SPDX-License-Identifier: MIT
// Commands that read files directly, beside a server that merges, seals and forgets.
#include "app/inspection.h"
#include "app/inspection_result.h"
#include "app/verification.h"
#include "store/base/log.h"
#include "store/engine/store.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace cistern::app {
namespace {

class BesideAServer : public ::testing::Test {
  protected:
    BesideAServer() {
        set_up_log({});
        store::StoreOptions options;
        options.root = folder_.file("root");
        options.clock = &clock_;
        options.background = false;
        options.reserve_bytes = 0;
        options.defaults.wal.segment_bytes = 16 << 10;
        options.defaults.retention_ns = 3 * kNsPerDay;
        options.defaults.retention_action = store::RetentionAction::Delete;
        auto opened = store::Store::open(options);
        EXPECT_TRUE(opened) << opened.error().message;
        store_ = std::move(*opened);
        work(1);
        server_ = std::thread([this] {
            for (int round = 2; !done_; ++round) {
                work(round);
                ++rounds_;
            }
        });
    }
    ~BesideAServer() override {
        done_ = true;
        server_.join();
    }
    // New series, several files of a day, then one of them; every tenth round a new day.
    void work(int round) {
        store::Database& database = **store_->database("main");
        for (int i = 0; i < 40; ++i) {
            const auto series = database.series(
                store::Labels::of_metric("m" + std::to_string((round + i) % (round + 3))),
                store::ValueType::Float);
            const store::Sample sample{
                series->id, clock_.now_ns() + i, store::ValueBits::of(round + i)};
            EXPECT_TRUE(database.append({{&sample, 1}, {}}));
            if (i % 10 == 0) {
                clock_.advance(2 * kNsPerSecond);
                store_->run_maintenance();
            }
        }
        EXPECT_TRUE(round % 3 == 0 ? database.compact() : database.flush());
        clock_.advance(round % 10 == 0 ? kNsPerDay : kNsPerSecond);
    }

    const test::TempFolder folder_;
    ManualClock clock_{1'700'000'000 * kNsPerSecond};
    std::unique_ptr<store::Store> store_;
    static constexpr int kRounds = 100;  // of the server, while the command runs again and again
    std::atomic<int> rounds_{0};
    std::atomic<bool> done_{false};
    std::thread server_;
};

TEST_F(BesideAServer, VerifyFindsNoFault) {
    while (rounds_ < kRounds) {
        const auto verified = verify_root(folder_.file("root"));
        ASSERT_TRUE(verified) << verified.error().message;
        for (const Fault& fault : verified->faults) {
            ADD_FAILURE() << fault.file << " at " << fault.offset << ": " << fault.reason;
        }
        EXPECT_EQ(verified->databases, 1U);
    }
}

TEST_F(BesideAServer, InspectShowsNoDamage) {
    const InspectedFolder folder{folder_.file("root"), "main", true};
    while (rounds_ < kRounds) {
        for (const auto inspect :
             {inspect_partitions, inspect_catalog, inspect_log, inspect_database}) {
            const auto found = inspect(folder);
            ASSERT_TRUE(found) << found.error().message;
            EXPECT_FALSE(found->damaged) << found->text;
        }
    }
}

}  // namespace
}  // namespace cistern::app
