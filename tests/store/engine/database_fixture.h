// SPDX-License-Identifier: MIT
// A store on a disk in memory, with the clock in the test's hand.
#pragma once

#include "store/base/log.h"
#include "store/engine/store.h"
#include "tests/support/memory_file_system.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace cistern::store {

inline constexpr TimestampNs kStart = 1'700'000'000 * kNsPerSecond;  // 2023-11-14 22:13:20

class DatabaseFixture : public ::testing::Test {
  protected:
    DatabaseFixture() : disk_(empty_disk()) {
        set_up_log({});
        options_.root = "/disk/root";
        options_.file_system = disk_.get();
        options_.clock = &clock_;
        options_.background = false;
        options_.reserve_bytes = 0;
        options_.defaults.wal.segment_bytes = 64 << 10;
    }

    static std::unique_ptr<test::MemoryFileSystem> empty_disk() {
        test::DiskImage image;
        image.directories = {"/", "/disk"};
        return std::make_unique<test::MemoryFileSystem>(std::move(image));
    }
    Store& store() {
        if (store_ == nullptr) {
            auto opened = Store::open(options_);
            EXPECT_TRUE(opened) << opened.error().message;
            store_ = std::move(*opened);
        }
        return *store_;
    }
    Database& db(const std::string& name = "main") { return **store().database(name); }
    void reopen() {
        store_.reset();
        (void)store();
    }
    // What kill -9 leaves: the disk as it is, nothing of the process.
    void kill_and_reopen() {
        auto copy = std::make_unique<test::MemoryFileSystem>(disk_->image());
        store_.reset();
        disk_ = std::move(copy);
        options_.file_system = disk_.get();
        (void)store();
    }
    SeriesId series(const std::string& metric, ValueType type = ValueType::Float) {
        const auto found = db().series(Labels::of_metric(metric), type);
        EXPECT_TRUE(found) << found.error().message;
        return found->id;
    }
    Result<AppendCounts> try_append(SeriesId id, TimestampNs timestamp, double value) {
        const Sample sample{id, timestamp, ValueBits::of(value)};
        return db().append({{&sample, 1}, {}});
    }
    void append(SeriesId id, TimestampNs timestamp, double value) {
        const auto counts = try_append(id, timestamp, value);
        ASSERT_TRUE(counts) << counts.error().message;
    }
    void append_all(const std::vector<Sample>& samples) {
        const auto counts = db().append({samples, {}});
        ASSERT_TRUE(counts) << counts.error().message;
    }
    SampleColumns read(const std::string& metric,
                       TimeRange range = {},
                       const std::string& name = "main") {
        SampleColumns columns;
        const auto querier = db(name).querier();
        const std::vector<Matcher> matchers{Matcher::equal("__name__", metric)};
        const auto found = querier->select(matchers, range);
        if (found && !found->empty()) {
            EXPECT_TRUE(querier->read(found->front(), range, columns));
        }
        return columns;
    }
    std::vector<std::string> files(const std::string& folder = "/disk/root/main") {
        std::vector<std::string> names;
        const auto entries = disk_->list(folder);
        for (const DirectoryEntry& entry : *entries) {
            names.push_back(entry.name);
        }
        return names;
    }
    std::vector<std::string> partition_files() {
        auto names = files();
        std::erase_if(names, [](const std::string& name) { return !name.starts_with("data-"); });
        return names;
    }

    ManualClock clock_{kStart};
    std::unique_ptr<test::MemoryFileSystem> disk_;
    StoreOptions options_;
    std::unique_ptr<Store> store_;
};

}  // namespace cistern::store
