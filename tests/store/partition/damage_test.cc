// SPDX-License-Identifier: MIT
// Files that the disk, the network or a person has changed.
#include "store/base/crc32c.h"
#include "store/partition/partition_dump.h"
#include "store/partition/partition_format.h"
#include "store/partition/salvage.h"
#include "tests/store/partition/bytes_file_system.h"
#include "tests/store/partition/sample_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cistern::store {
namespace {

using test::BytesFileSystem;

using Bytes = std::vector<std::byte>;

// Reads everything: every sample that comes back must be one that was written, and every one that
// is missing must lie in a block that is reported. Gives the number of samples missing.
size_t read_and_compare(const PartitionReader& reader, const SampleSet& set, size_t& faults_seen) {
    size_t missing = 0;
    faults_seen = reader.index_faults().size();
    for (const auto& [id, series] : set) {
        std::vector<TimestampNs> timestamps;
        std::vector<ValueBits> values;
        std::vector<BlockFault> faults;
        EXPECT_TRUE(reader.read_bits(SeriesId(id), {}, timestamps, values, faults));
        EXPECT_EQ(timestamps.size(), values.size());
        faults_seen += faults.size();
        size_t at = 0;
        for (size_t i = 0; i < timestamps.size(); ++i) {
            while (at < series.timestamps.size() && series.timestamps[at] != timestamps[i]) {
                ++at;
            }
            EXPECT_LT(at, series.timestamps.size()) << "a sample that was never written";
            if (at < series.timestamps.size()) {
                EXPECT_EQ(values[i], series.values[at]);
            }
        }
        missing += series.timestamps.size() - timestamps.size();
    }
    return missing;
}

TEST(DamagedPartition, EveryFlippedBitIsReportedAndCostsNoMoreThanTheBlocksOfOneTimeColumn) {
    const SampleSet set = sample_set(60);
    const Bytes good = sample_file(set, true, 30);
    for (size_t at = 0; at < good.size(); ++at) {
        Bytes bytes = good;
        bytes[at] ^= static_cast<std::byte>(1U << (at % 8));
        BytesFileSystem disk(bytes);
        const auto reader = PartitionReader::open(disk, "data.dat");
        ASSERT_TRUE(reader.has_value()) << at << ": " << reader.error().message;
        size_t faults = 0;
        const size_t missing = read_and_compare(**reader, set, faults);
        EXPECT_LE(missing, 120U) << "flip at "
                                 << at;  // four series share a time column, one does not
        EXPECT_TRUE(missing == 0 || faults > 0) << "flip at " << at << " is not reported";
        std::vector<BlockFault> found;
        (*reader)->verify(found);
        EXPECT_FALSE(found.empty()) << "verify does not see the flip at " << at;
    }
}

TEST(DamagedPartition, OfAnyLengthIsReadAsFarAsItGoesOrRefused) {
    const SampleSet set = sample_set(100);
    const Bytes good = sample_file(set, false, 40);
    for (size_t size = 0; size < good.size(); size += size < 300 ? 1 : 37) {
        BytesFileSystem disk(Bytes(good.begin(), good.begin() + static_cast<ptrdiff_t>(size)));
        const auto reader = PartitionReader::open(disk, "data.dat");
        if (size < sizeof(FileHeader)) {
            ASSERT_FALSE(reader.has_value());
            EXPECT_EQ(reader.error().code, ErrorCode::Corruption);
            continue;
        }
        ASSERT_TRUE(reader.has_value()) << size;
        size_t faults = 0;
        read_and_compare(**reader, set, faults);
        EXPECT_FALSE((*reader)->index_faults().empty()) << size;
    }
}

TEST(DamagedPartition, WithAHoleLosesOnlyWhatWasInIt) {
    const SampleSet set = sample_set(1200);
    const Bytes good = sample_file(set, true, 100);
    std::mt19937_64 random(5);
    for (int round = 0; round < 60; ++round) {
        Bytes bytes = good;
        const size_t at = random() % bytes.size();
        const size_t size = std::min<size_t>(random() % 3000, bytes.size() - at);
        for (size_t i = at; i < at + size; ++i) {
            bytes[i] = round % 2 == 0 ? std::byte{0} : static_cast<std::byte>(random());
        }
        BytesFileSystem disk(bytes);
        const auto reader = PartitionReader::open(disk, "data.dat");
        ASSERT_TRUE(reader.has_value()) << reader.error().message;
        size_t faults = 0;
        const size_t missing = read_and_compare(**reader, set, faults);
        EXPECT_TRUE(missing == 0 || faults > 0) << round;
    }
}

TEST(DamagedPartition, OfANewerVersionIsRefusedByName) {
    Bytes bytes = sample_file(sample_set(), false, 100);
    FileHeader header{};
    std::memcpy(&header, bytes.data(), sizeof(header));
    header.version = kPartitionVersion + 1;
    header.crc = crc32c(std::as_bytes(std::span(&header, 1)).first(offsetof(FileHeader, crc)));
    std::memcpy(bytes.data(), &header, sizeof(header));
    BytesFileSystem disk(bytes);
    const auto reader = PartitionReader::open(disk, "data.dat");
    ASSERT_FALSE(reader.has_value());
    EXPECT_EQ(reader.error().code, ErrorCode::Unsupported);
    EXPECT_NE(reader.error().message.find("version 2"), std::string::npos)
        << reader.error().message;
}

TEST(DamagedPartition, ThatIsNoPartitionIsRefused) {
    for (const std::string& text : std::vector<std::string>{"", "hello", std::string(5000, 'x')}) {
        const auto view = std::as_bytes(std::span(text));
        BytesFileSystem disk(Bytes(view.begin(), view.end()));
        const auto reader = PartitionReader::open(disk, "data.dat");
        ASSERT_FALSE(reader.has_value());
        EXPECT_EQ(reader.error().code, ErrorCode::Corruption);
    }
}

struct Salvaged {
    SalvageResult result;
    SampleSet set;
};

Salvaged salvage_all(const Bytes& bytes) {
    BytesFileSystem disk(bytes);
    Salvaged salvaged;
    const auto result = salvage(disk, "data.dat", [&](const SeriesColumns& columns) -> Status {
        SampleSeries& series = salvaged.set[columns.series.value()];
        series.type = columns.type;
        series.timestamps.insert(
            series.timestamps.end(), columns.timestamps.begin(), columns.timestamps.end());
        series.values.insert(series.values.end(), columns.values.begin(), columns.values.end());
        return {};
    });
    EXPECT_TRUE(result.has_value());
    salvaged.result = *result;
    return salvaged;
}

TEST(Salvage, OfAWholeFileGivesEverySampleInOrder) {
    const SampleSet set = sample_set();
    const Salvaged salvaged = salvage_all(sample_file(set, false, 100));
    EXPECT_TRUE(salvaged.result.faults.empty());
    EXPECT_EQ(salvaged.result.identity->wal_lsn_max, 123'456U);
    ASSERT_EQ(salvaged.set.size(), set.size());
    for (const auto& [id, series] : set) {
        EXPECT_EQ(salvaged.set.at(id).timestamps, series.timestamps);
        EXPECT_EQ(salvaged.set.at(id).values, series.values);
        EXPECT_EQ(salvaged.set.at(id).type, series.type);
    }
}

TEST(Salvage, NeedsNeitherHeaderNorIndex) {
    const SampleSet set = sample_set();
    Bytes bytes = sample_file(set, true, 100);
    FileTrailer trailer{};
    std::memcpy(&trailer, bytes.data() + bytes.size() - sizeof(trailer), sizeof(trailer));
    std::fill_n(bytes.begin(), sizeof(FileHeader), std::byte{0});
    bytes.resize(trailer.directory_offset + 5);
    const Salvaged salvaged = salvage_all(bytes);
    EXPECT_FALSE(salvaged.result.identity.has_value());
    EXPECT_FALSE(salvaged.result.faults.empty());
    for (const auto& [id, series] : set) {
        EXPECT_EQ(salvaged.set.at(id).values, series.values);
    }
}

TEST(Salvage, StopsWithTheErrorOfTheSink) {
    BytesFileSystem disk(sample_file(sample_set(), false, 100));
    const auto result = salvage(disk, "data.dat", [](const SeriesColumns&) -> Status {
        return fail(ErrorCode::ResourceExhausted, "full");
    });
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::ResourceExhausted);
}

TEST(PartitionDump, NamesEveryBlockAndAccountsForEveryByte) {
    const SampleSet set = sample_set();
    const Bytes bytes = sample_file(set, false, 300);
    BytesFileSystem disk(bytes);
    const auto dump = dump_partition(disk, "data.dat");
    ASSERT_TRUE(dump.has_value());
    EXPECT_EQ(dump->series, set.size());
    EXPECT_EQ(dump->value_bytes + dump->time_bytes + dump->index_bytes, bytes.size());
    EXPECT_EQ(dump->blocks[0].encoding, "constant");
    uint64_t samples = 0;
    for (const DumpedBlock& block : dump->blocks) {
        samples += block.entry.count;
        EXPECT_EQ(block.encoding.find("damaged"), std::string::npos) << block.encoding;
    }
    EXPECT_EQ(samples, dump->samples);
    EXPECT_NE(dump->times[0].encoding.find("grid of 10 s"), std::string::npos)
        << dump->times[0].encoding;
}

}  // namespace
}  // namespace cistern::store
