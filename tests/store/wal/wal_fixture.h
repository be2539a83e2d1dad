// SPDX-License-Identifier: MIT
// A log on a disk in memory that fails when told to.
#pragma once

#include "store/base/log.h"
#include "store/wal/wal_reader.h"
#include "store/wal/wal_writer.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"

#include <gtest/gtest.h>

#include <map>

namespace cistern::store {

inline constexpr int64_t kSecond = kNsPerSecond;
inline const std::string kFolder = "/wal";

// Keeps what it is given.
class Collector final : public WalVisitor {
  public:
    void on_samples(uint64_t lsn,
                    std::span<const Sample> samples,
                    const MessageStamp& stamp) override {
        EXPECT_GT(lsn, last_lsn);
        last_lsn = lsn;
        for (const Sample& sample : samples) {
            values.push_back(sample.value.as_double());
            timestamps.push_back(sample.timestamp);
            series.push_back(sample.series.value());
        }
        if (stamp.source != 0) {
            stamps.push_back(stamp);
        }
    }
    void on_series(uint64_t, const SeriesDefinition& definition) override {
        definitions[definition.id.value()] = definition.labels.to_string();
    }
    void on_metadata(uint64_t, SeriesId id, const SeriesMetadata& metadata) override {
        units[id.value()] = metadata.unit;
    }

    uint64_t last_lsn = 0;
    std::vector<double> values;
    std::vector<TimestampNs> timestamps;
    std::vector<uint32_t> series;
    std::vector<MessageStamp> stamps;
    std::map<uint32_t, std::string> definitions, units;
};

class WalTest : public ::testing::Test {
  protected:
    WalTest() {
        set_up_log({});
        test::DiskImage image;
        image.directories = {"/", kFolder};
        disk_ = std::make_unique<test::MemoryFileSystem>(std::move(image));
        faults_ = std::make_unique<test::FaultFileSystem>(
            *disk_, [this](test::FileOp op, const std::string& path) { return judge_(op, path); });
        options_.segment_bytes = 16 << 10;
    }

    void start() {
        Collector collector;
        const auto report = read_wal(*disk_, kFolder, 0, collector);
        ASSERT_TRUE(report);
        WalStart start{
            lsn_after_reopen(report->end_lsn), report->end_lsn, report->next_segment_id, {}};
        for (const auto& segment : report->segments) {
            start.segments.push_back({segment.id, segment.last_lsn, segment.file_bytes, true});
        }
        wal_ = std::make_unique<WalWriter>(*faults_, clock_, kFolder, options_, start);
    }
    Result<uint64_t> write(double value, uint64_t stamp = 0) {
        batch_.clear();
        NumberedStamp numbered;
        if (stamp != 0) {
            numbered = {wal_->source_number(9, batch_), stamp, stamp * 7, 1};
        }
        const Sample sample{
            SeriesId(1), static_cast<int64_t>(value) * kSecond, ValueBits::of(value)};
        batch_.add_samples({&sample, 1}, numbered);
        return wal_->append(batch_);
    }
    WalReport read(Collector& collector, uint64_t flushed = 0) {
        auto report = read_wal(*disk_, kFolder, flushed, collector);
        EXPECT_TRUE(report);
        return std::move(*report);
    }
    std::vector<std::string> segments() {
        std::vector<std::string> names;
        const auto entries = disk_->list(kFolder);
        for (const auto& entry : *entries) {
            names.push_back(kFolder + "/" + entry.name);
        }
        return names;
    }
    void damage(const std::string& path, uint64_t at, uint64_t size) {
        auto file = *disk_->open(path, OpenMode::ReadWrite);
        std::vector<std::byte> bytes(size);
        ASSERT_EQ(*file->pread(at, bytes), size);
        for (std::byte& byte : bytes) {
            byte ^= std::byte{0x5a};
        }
        ASSERT_TRUE(file->pwrite(at, bytes));
    }
    static std::vector<double> up_to(int last) {
        std::vector<double> values;
        for (int i = 1; i <= last; ++i) {
            values.push_back(i);
        }
        return values;
    }

    ManualClock clock_{0};
    std::unique_ptr<test::MemoryFileSystem> disk_;
    std::unique_ptr<test::FaultFileSystem> faults_;
    test::FaultFileSystem::Judge judge_ = [](test::FileOp, const std::string&) {
        return test::Verdict::pass();
    };
    WalOptions options_;
    std::unique_ptr<WalWriter> wal_;
    WalBatch batch_;
};

}  // namespace cistern::store
