// SPDX-License-Identifier: MIT
// What a partition file is made of, for people: `cistern inspect dat`.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/partition/partition_reader.h"
#include "store/partition/partition_writer.h"

#include <string>
#include <vector>

namespace cistern::store {

struct DumpedBlock {
    SeriesId series;
    ValueType type = ValueType::Float;
    BlockEntry entry;
    std::string
        encoding;  // such as "decimal e=2, delta, packed"; "damaged: ..." when it does not verify
};

struct DumpedTimes {
    uint32_t number = 0;  // BlockEntry::time_block
    uint64_t offset = 0;
    uint32_t bytes = 0;
    uint32_t count = 0;
    TimestampNs first_ns = 0, last_ns = 0;
    std::string encoding;
};

struct PartitionDump {
    PartitionIdentity identity;
    uint16_t version = 0;
    uint32_t block_samples_max = 0;
    uint64_t file_bytes = 0;
    uint64_t samples = 0;
    uint64_t value_bytes = 0;
    uint64_t time_bytes = 0;
    uint64_t index_bytes = 0;  // everything else: header, pages, directory, trailer
    uint32_t series = 0;
    std::vector<DumpedBlock> blocks;  // by series, then time
    std::vector<DumpedTimes> times;   // by number
    std::vector<BlockFault> faults;   // series 0: of the index, or times that many series share
};

// Reads every block once. Errors as PartitionReader::open.
Result<PartitionDump> dump_partition(FileSystem& fs, const std::string& path);

}  // namespace cistern::store
