// SPDX-License-Identifier: MIT
// Files of every version must be readable for ever. tests/golden/partition-v1 was written by the
// first release; CISTERN_WRITE_GOLDEN=1 writes the files of a new version, never of an old one.
#include "store/partition/partition_reader.h"
#include "tests/store/partition/sample_file.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace cistern::store {
namespace {

class GoldenPartition : public testing::TestWithParam<bool> {
  protected:
    static std::string path() {
        return std::string(CISTERN_SOURCE_FOLDER) + "/tests/golden/partition-v1/" +
               (GetParam() ? "sealed.dat" : "hot.dat");
    }
};

TEST_P(GoldenPartition, OfVersion1ReadsAsItWasWritten) {
    const SampleSet set = sample_set();
    if (std::getenv("CISTERN_WRITE_GOLDEN") != nullptr) {
        const auto bytes = sample_file(set, GetParam(), 300);
        ASSERT_TRUE(
            write_file_atomically(posix_file_system(),
                                  path(),
                                  {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
    }
    const auto reader = PartitionReader::open(posix_file_system(), path());
    ASSERT_TRUE(reader.has_value()) << reader.error().message;
    EXPECT_EQ((*reader)->identity().sealed, GetParam());
    EXPECT_EQ((*reader)->identity().generation, 7U);
    EXPECT_EQ((*reader)->identity().wal_lsn_max, 123'456U);
    EXPECT_EQ((*reader)->series().size(), set.size());
    for (const auto& [id, series] : set) {
        std::vector<TimestampNs> timestamps;
        std::vector<ValueBits> values;
        std::vector<BlockFault> faults;
        ASSERT_TRUE((*reader)->read_bits(SeriesId(id), {}, timestamps, values, faults));
        EXPECT_TRUE(faults.empty());
        EXPECT_EQ((*reader)->type(SeriesId(id)), series.type);
        EXPECT_EQ(timestamps, series.timestamps) << "series " << id;
        EXPECT_EQ(values, series.values) << "series " << id;
    }
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenPartition, testing::Bool(), [](const auto& param) {
    return param.param ? "Sealed" : "Hot";
});

}  // namespace
}  // namespace cistern::store
