// SPDX-License-Identifier: MIT
// Writer and reader together.
#include "store/partition/partition_reader.h"
#include "store/partition/partition_writer.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

namespace cistern::store {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'767'225'600 * kSecond;

struct Column {
    std::vector<TimestampNs> timestamps;
    std::vector<ValueBits> values;
};

Column make_column(size_t count, uint64_t seed, int64_t jitter_ms = 50) {
    std::mt19937_64 random(seed);
    Column column;
    double value = 2000;
    for (size_t i = 0; i < count; ++i) {
        const auto jitter =
            static_cast<int64_t>(random() % static_cast<uint64_t>(jitter_ms)) * 1'000'000;
        column.timestamps.push_back(kStart + static_cast<int64_t>(i) * 10 * kSecond + jitter);
        value += static_cast<double>(random() % 7) - 3;
        column.values.push_back(ValueBits::of(value / 100));
    }
    return column;
}

class Partition : public testing::Test {
  protected:
    std::unique_ptr<PartitionWriter> writer(uint32_t block_samples_max = 8192) {
        PartitionIdentity identity;
        identity.period = {kStart, kStart + 86'400 * kSecond};
        identity.generation = 3;
        identity.wal_lsn_max = 77;
        identity.sealed = sealed_;
        auto made =
            PartitionWriter::create(posix_file_system(), path_, identity, block_samples_max);
        EXPECT_TRUE(made.has_value()) << made.error().message;
        return std::move(*made);
    }
    std::shared_ptr<PartitionReader> reader() {
        auto opened = PartitionReader::open(posix_file_system(), path_);
        EXPECT_TRUE(opened.has_value()) << opened.error().message;
        return *opened;
    }

    test::TempFolder folder_;
    std::string path_ = folder_.file("data-2026-01-01.dat");
    bool sealed_ = false;
};

TEST_F(Partition, GivesBackWhatWasWritten) {
    for (const bool sealed : {false, true}) {
        sealed_ = sealed;
        auto out = writer();
        std::vector<Column> columns;
        for (uint32_t id = 1; id <= 20; ++id) {
            columns.push_back(make_column(id * 613, id));
            ASSERT_TRUE(out->add({SeriesId(id),
                                  ValueType::Float,
                                  columns.back().timestamps,
                                  columns.back().values}));
        }
        const auto result = out->finish();
        ASSERT_TRUE(result.has_value()) << result.error().message;
        const auto in = reader();
        EXPECT_EQ(in->identity().generation, 3U);
        EXPECT_EQ(in->identity().wal_lsn_max, 77U);
        EXPECT_EQ(in->identity().sealed, sealed);
        EXPECT_EQ(in->samples(), result->samples);
        EXPECT_EQ(in->series().size(), 20U);
        for (uint32_t id = 1; id <= 20; ++id) {
            std::vector<TimestampNs> timestamps;
            std::vector<ValueBits> values;
            std::vector<BlockFault> faults;
            ASSERT_TRUE(in->read_bits(SeriesId(id), {}, timestamps, values, faults));
            EXPECT_TRUE(faults.empty());
            EXPECT_EQ(timestamps, columns[id - 1].timestamps);
            EXPECT_EQ(values, columns[id - 1].values);
        }
    }
}

TEST_F(Partition, StoresEqualTimeColumnsOnceHoweverTheyArrive) {
    const Column shared = make_column(8640, 1);
    const Column other = make_column(8640, 2);
    auto out = writer();
    for (uint32_t id = 1; id <= 40; ++id) {
        const Column& column = id % 2 == 0 ? other : shared;
        ASSERT_TRUE(out->add({SeriesId(id), ValueType::Float, column.timestamps, column.values}));
    }
    const auto result = out->finish();
    ASSERT_TRUE(result.has_value());
    EXPECT_LT(result->time_bytes, 2U * 8640);
    const auto in = reader();
    const auto first = in->blocks(SeriesId(1));
    const auto third = in->blocks(SeriesId(39));
    ASSERT_EQ(first->size(), 2U);
    EXPECT_EQ((*first)[0].count, 4320U);
    EXPECT_EQ((*first)[0].time_block, (*third)[0].time_block);
    EXPECT_EQ((*first)[1].time_block, (*third)[1].time_block);
}

TEST_F(Partition, ReadsOnlyTheRangeAskedFor) {
    const Column column = make_column(3000, 5);
    auto out = writer(500);
    ASSERT_TRUE(out->add({SeriesId(9), ValueType::Float, column.timestamps, column.values}));
    ASSERT_TRUE(out->finish());
    const auto in = reader();
    for (const auto& [begin, end] : {std::pair<size_t, size_t>{0, 1},
                                     {0, 3000},
                                     {499, 501},
                                     {700, 1900},
                                     {2999, 3000},
                                     {10, 10}}) {
        const TimestampNs until =
            end < 3000 ? column.timestamps[end] : column.timestamps.back() + 1;
        std::vector<TimestampNs> timestamps{1, 2};
        std::vector<double> values{3, 4};
        std::vector<BlockFault> faults;
        ASSERT_TRUE(
            in->read(SeriesId(9), {column.timestamps[begin], until}, timestamps, values, faults));
        ASSERT_EQ(timestamps.size(), 2 + end - begin);
        ASSERT_EQ(values.size(), timestamps.size());
        EXPECT_EQ(values[0], 3);
        for (size_t i = begin; i < end; ++i) {
            EXPECT_EQ(timestamps[2 + i - begin], column.timestamps[i]);
            EXPECT_EQ(values[2 + i - begin], column.values[i].as_double());
        }
    }
}

TEST_F(Partition, KeepsIntegersAndTheirAggregatesExactly) {
    Column column;
    std::mt19937_64 random(4);
    for (size_t i = 0; i < 1000; ++i) {
        column.timestamps.push_back(kStart + static_cast<int64_t>(i * i) * 1000);
        column.values.push_back(ValueBits::of_int(static_cast<int64_t>(random())));
    }
    auto out = writer();
    ASSERT_TRUE(out->add({SeriesId(1), ValueType::Int, column.timestamps, column.values}));
    const Column floats = make_column(10, 1);
    ASSERT_TRUE(out->add({SeriesId(2), ValueType::Float, floats.timestamps, floats.values}));
    ASSERT_TRUE(out->finish());
    const auto in = reader();
    EXPECT_EQ(in->type(SeriesId(1)), ValueType::Int);
    EXPECT_EQ(in->type(SeriesId(2)), ValueType::Float);
    std::vector<TimestampNs> timestamps;
    std::vector<ValueBits> values;
    std::vector<BlockFault> faults;
    ASSERT_TRUE(in->read_bits(SeriesId(1), {}, timestamps, values, faults));
    EXPECT_EQ(values, column.values);
    const auto blocks = in->blocks(SeriesId(1));
    EXPECT_FALSE((*blocks)[0].sum_fits);
    EXPECT_EQ((*blocks)[0].first, column.values.front());
    EXPECT_EQ((*blocks)[0].last, column.values.back());
}

TEST_F(Partition, SaysThatASeriesIsNotHereWithAnEmptyAnswer) {
    auto out = writer();
    const Column column = make_column(10, 1);
    ASSERT_TRUE(out->add({SeriesId(5), ValueType::Float, column.timestamps, column.values}));
    ASSERT_TRUE(out->finish());
    const auto in = reader();
    for (const uint32_t id : {1, 4, 6, 100}) {
        EXPECT_TRUE(in->blocks(SeriesId(id))->empty());
    }
}

TEST_F(Partition, RefusesSeriesOutOfOrderAndTimestampsThatAreNotAscending) {
    auto out = writer();
    Column column = make_column(10, 1);
    ASSERT_TRUE(out->add({SeriesId(5), ValueType::Float, column.timestamps, column.values}));
    EXPECT_FALSE(out->add({SeriesId(5), ValueType::Float, column.timestamps, column.values}));
    column.timestamps[3] = column.timestamps[2];
    EXPECT_FALSE(out->add({SeriesId(6), ValueType::Float, column.timestamps, column.values}));
}

TEST_F(Partition, HasNoFileUnderItsNameBeforeFinish) {
    {
        auto out = writer();
        const Column column = make_column(10, 1);
        ASSERT_TRUE(out->add({SeriesId(5), ValueType::Float, column.timestamps, column.values}));
    }
    EXPECT_TRUE(posix_file_system().list(folder_.path())->empty());
}

TEST_F(Partition, HoldsManySeriesAcrossIndexPages) {
    auto out = writer(16);
    std::vector<Column> columns;
    for (uint32_t id = 0; id < 700; ++id) {
        columns.push_back(make_column(1 + id % 90, id));
        ASSERT_TRUE(out->add({SeriesId(10 + 3 * id),
                              ValueType::Float,
                              columns.back().timestamps,
                              columns.back().values}));
    }
    ASSERT_TRUE(out->finish());
    const auto in = reader();
    for (uint32_t id = 0; id < 700; ++id) {
        std::vector<TimestampNs> timestamps;
        std::vector<ValueBits> values;
        std::vector<BlockFault> faults;
        ASSERT_TRUE(in->read_bits(SeriesId(10 + 3 * id), {}, timestamps, values, faults));
        EXPECT_EQ(timestamps, columns[id].timestamps);
        EXPECT_EQ(values, columns[id].values);
    }
    std::vector<BlockFault> faults;
    in->verify(faults);
    EXPECT_TRUE(faults.empty());
}

TEST_F(Partition, AnswersManyThreadsAtOnce) {
    auto out = writer(256);
    std::vector<Column> columns;
    for (uint32_t id = 1; id <= 30; ++id) {
        columns.push_back(make_column(600, id % 3));
        ASSERT_TRUE(out->add(
            {SeriesId(id), ValueType::Float, columns.back().timestamps, columns.back().values}));
    }
    ASSERT_TRUE(out->finish());
    const auto in = reader();
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (uint32_t thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (uint32_t i = 0; i < 60; ++i) {
                const uint32_t id = 1 + (i * 7 + thread) % 30;
                std::vector<TimestampNs> timestamps;
                std::vector<ValueBits> values;
                std::vector<BlockFault> faults;
                const Status read = in->read_bits(SeriesId(id), {}, timestamps, values, faults);
                if (!read || !faults.empty() || values != columns[id - 1].values ||
                    timestamps != columns[id - 1].timestamps) {
                    ++wrong;
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace cistern::store
