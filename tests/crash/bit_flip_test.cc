// SPDX-License-Identifier: MIT
// One bit of one file is wrong: the store opens, what it answers is right, what it cannot answer is
// a small part, and it says so.
#include "store/base/log.h"
#include "store/base/time_units.h"
#include "tests/crash/workload.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_scale.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

namespace cistern::test {
namespace {

using Written = std::map<std::pair<std::string, store::TimestampNs>, double>;

struct Kind {
    const char* name;     // of the test
    const char* pattern;  // a part of the paths of these files
    // How many samples one flip may cost.
    size_t missing_max;
};

std::ostream& operator<<(std::ostream& out, const Kind& kind) {
    return out << kind.name;
}

class BitFlip : public ::testing::TestWithParam<Kind> {
  protected:
    void SetUp() override {
        set_up_log({});
        DiskImage empty;
        empty.directories = {"/", "/disk"};
        MemoryFileSystem disk(std::move(empty));
        Workload workload(disk, 5);
        ASSERT_TRUE(workload.run(150));
        ASSERT_TRUE(workload.sync());
        ASSERT_TRUE(workload.append());
        good_ = disk.image();
        workload.kill();
        for (const WrittenBatch& batch : workload.batches()) {
            newest_.clear();
            for (const WrittenSample& sample : batch) {
                newest_[{sample.metric, sample.timestamp}] = sample.value;
            }
            written_.insert(newest_.begin(), newest_.end());
        }
        log_ = folder_.file("log");
        set_up_log({{log_, LogLevel::Warn}});
    }
    void TearDown() override { set_up_log({}); }

    [[nodiscard]] std::vector<std::string> paths() const {
        std::vector<std::string> found;
        for (const auto& [path, inode] : good_.entries) {
            if (path.find(GetParam().pattern) != std::string::npos &&
                !good_.files.at(inode).empty()) {
                found.push_back(path);
            }
        }
        return found;
    }
    // The samples that are missing on this disk; every one that is there is right.
    Written missing_on(DiskImage image) {
        Written missing = written_;
        MemoryFileSystem disk(std::move(image));
        ManualClock clock(1'800'000'000 * kNsPerSecond);
        auto store = store::Store::open(crash_options(disk, clock));
        EXPECT_TRUE(store) << store.error().message;
        store::Database* const database = store ? (*store)->find("main") : nullptr;
        EXPECT_NE(database, nullptr);
        if (database == nullptr) {
            return missing;
        }
        const auto querier = database->querier();
        const auto selected = querier->select({}, {});
        EXPECT_TRUE(selected);
        for (const store::SeriesHandle& series : *selected) {
            store::SampleColumns columns;
            EXPECT_TRUE(querier->read(series, {}, columns));
            const std::string metric(series.labels->metric());
            for (size_t i = 0; i < columns.size(); ++i) {
                const auto at = missing.find({metric, columns.timestamps[i]});
                EXPECT_TRUE(at != missing.end()) << "a sample that nobody wrote";
                if (at != missing.end()) {
                    EXPECT_EQ(at->second, columns.values[i]);
                    missing.erase(at);
                }
            }
        }
        return missing;
    }
    // The newest batch was not synced: without it the log looks as after a power cut.
    [[nodiscard]] bool was_synced(const Written& missing) const {
        return std::any_of(missing.begin(), missing.end(), [this](const auto& sample) {
            return !newest_.contains(sample.first);
        });
    }
    [[nodiscard]] uint64_t reported_bytes() const { return std::filesystem::file_size(log_); }

    DiskImage good_;
    Written written_;
    Written newest_;

  private:
    const TempFolder folder_;
    std::string log_;
};

TEST_P(BitFlip, NeverGivesAWrongValueAndWhatItCostsIsLittleAndReported) {
    ASSERT_TRUE(missing_on(good_).empty());
    const auto files = paths();
    ASSERT_FALSE(files.empty());
    std::mt19937_64 random(17);
    const int flips = 2000 * test_scale();
    for (int flip = 0; flip < flips && !HasFailure(); ++flip) {
        DiskImage image = good_;
        const std::string& path = files[random() % files.size()];
        auto& file = image.files[image.entries.at(path)];
        const size_t at = random() % file.size();
        const auto bit = static_cast<unsigned>(random() % 8);
        SCOPED_TRACE(fmt::format("{}, byte {}, bit {}", path, at, bit));
        file[at] ^= static_cast<std::byte>(1U << bit);
        const uint64_t reported_before = reported_bytes();
        const Written missing = missing_on(std::move(image));
        EXPECT_LE(missing.size(), GetParam().missing_max);
        EXPECT_TRUE(!was_synced(missing) || reported_bytes() > reported_before) << "a silent gap";
    }
}

INSTANTIATE_TEST_SUITE_P(OfEveryKindOfFile,
                         BitFlip,
                         ::testing::Values(Kind{"Partition", "/data-", 40},
                                           Kind{"Log", ".wal", 20},
                                           Kind{"Catalog", "/catalog.log", 60},
                                           Kind{"CatalogSnapshot", "/catalog.json", 0},
                                           Kind{"Manifest", "/MANIFEST", 0},
                                           Kind{"Messages", "/messages.bin", 0},
                                           Kind{"Reserve", "/reserve.bin", 0}),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace cistern::test
