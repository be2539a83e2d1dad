// SPDX-License-Identifier: MIT
// Every call that changes the disk fails, once or from then on; nothing acknowledged may be lost,
// and where the disk works again the store does too.
#include "store/base/log.h"
#include "store/base/time_units.h"
#include "tests/crash/workload.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/test_scale.h"

#include <gtest/gtest.h>

namespace cistern::test {
namespace {

constexpr int kSteps = 60;

DiskImage empty_disk() {
    DiskImage image;
    image.directories = {"/", "/disk"};
    return image;
}

struct Fault {
    uint64_t at = 0;  // number of the failing call, from 1
    bool for_ever = false;
    ErrorCode code = ErrorCode::Io;
};

class DiskFaultTest : public ::testing::Test {
  protected:
    void SetUp() override { set_up_log({}); }

    // How many calls change the disk when nothing fails.
    static uint64_t count_calls(uint64_t seed) {
        MemoryFileSystem disk(empty_disk());
        uint64_t calls = 0;
        FaultFileSystem counting(disk, [&calls](FileOp op, const std::string&) {
            calls += changes_disk(op) ? 1 : 0;
            return Verdict::pass();
        });
        Workload workload(counting, seed);
        EXPECT_TRUE(workload.run(kSteps));
        return calls;
    }

    static void fail_and_recover(uint64_t seed, Fault fault) {
        SCOPED_TRACE(fmt::format("seed {}, call {}, {}, {}",
                                 seed,
                                 fault.at,
                                 fault.for_ever ? "for ever" : "once",
                                 error_code_name(fault.code)));
        MemoryFileSystem disk(empty_disk());
        uint64_t calls = 0;
        FaultFileSystem failing(disk, [&](FileOp op, const std::string&) {
            calls += changes_disk(op) ? 1 : 0;
            const bool now =
                changes_disk(op) && (fault.for_ever ? calls >= fault.at : calls == fault.at);
            return now ? Verdict::fail(fault.code) : Verdict::pass();
        });
        Workload workload(failing, seed);
        uint64_t acked = 0;
        workload.on_acked = [&acked](uint64_t batch) { acked = batch; };
        (void)workload.run(kSteps);  // ends at the first call that the store could not make good
        workload.kill();
        MemoryFileSystem after(disk.image());
        ManualClock clock(1'800'000'000 * kNsPerSecond);
        auto store = store::Store::open(crash_options(after, clock));
        ASSERT_TRUE(store) << store.error().message;
        const auto found = recovered_batches(**store, workload.batches());
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_GE(*found, acked);
    }
};

TEST_F(DiskFaultTest, NothingAcknowledgedIsLostWhicheverCallFails) {
    constexpr uint64_t kFirstSeed = 3;
    for (uint64_t seed = kFirstSeed; seed < kFirstSeed + static_cast<uint64_t>(test_scale());
         ++seed) {
        const uint64_t calls = count_calls(seed);
        ASSERT_GT(calls, 100U);
        for (uint64_t at = 1; at <= calls && !HasFailure(); ++at) {
            for (const bool for_ever : {false, true}) {
                for (const ErrorCode code : {ErrorCode::Io, ErrorCode::ResourceExhausted}) {
                    fail_and_recover(seed, {at, for_ever, code});
                }
            }
        }
    }
}

}  // namespace
}  // namespace cistern::test
