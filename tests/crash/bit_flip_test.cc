// SPDX-License-Identifier: MIT
// One bit of one file is wrong: the store opens, what it answers is right, and what it cannot
// answer is a small part.
#include "store/base/log.h"
#include "store/base/time_units.h"
#include "tests/crash/workload.h"
#include "tests/support/memory_file_system.h"

#include <gtest/gtest.h>

#include <random>

namespace cistern::test {
namespace {

TEST(BitFlip, NeverGivesAWrongValueAndNeverACrash) {
    set_up_log({});
    DiskImage empty;
    empty.directories = {"/", "/disk"};
    MemoryFileSystem disk(std::move(empty));
    Workload workload(disk, 5);
    ASSERT_TRUE(workload.run(150));
    const DiskImage good = disk.image();
    workload.kill();
    std::map<std::pair<std::string, store::TimestampNs>, double> written;
    for (const WrittenBatch& batch : workload.batches()) {
        for (const WrittenSample& sample : batch) {
            written[{sample.metric, sample.timestamp}] = sample.value;
        }
    }
    std::mt19937_64 random(17);
    uint64_t found_total = 0;
    constexpr int kFlips = 2000;
    for (int flip = 0; flip < kFlips; ++flip) {
        DiskImage image = good;
        auto entry = image.entries.begin();
        std::advance(entry, static_cast<ptrdiff_t>(random() % image.entries.size()));
        auto& file = image.files[entry->second];
        if (file.empty()) {
            continue;
        }
        file[random() % file.size()] ^= static_cast<std::byte>(1U << random() % 8);
        MemoryFileSystem flipped(std::move(image));
        ManualClock clock(1'800'000'000 * kNsPerSecond);
        auto store = store::Store::open(crash_options(flipped, clock));
        ASSERT_TRUE(store) << entry->first << ": " << store.error().message;
        store::Database* const database = (*store)->find("main");
        ASSERT_NE(database, nullptr);
        const auto querier = database->querier();
        const auto selected = querier->select({}, {});
        ASSERT_TRUE(selected);
        for (const store::SeriesHandle& series : *selected) {
            store::SampleColumns columns;
            ASSERT_TRUE(querier->read(series, {}, columns));
            for (size_t i = 0; i < columns.size(); ++i) {
                const auto at =
                    written.find({std::string(series.labels->metric()), columns.timestamps[i]});
                ASSERT_NE(at, written.end()) << entry->first << ": a sample that nobody wrote";
                ASSERT_EQ(at->second, columns.values[i]) << entry->first;
            }
            found_total += columns.size();
        }
    }
    EXPECT_GT(found_total, written.size() * kFlips * 9 / 10)
        << "only the damaged part may be missing";
}

}  // namespace
}  // namespace cistern::test
