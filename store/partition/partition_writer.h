// SPDX-License-Identifier: MIT
// Columns of many series -> one immutable file of one UTC period.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/model/sample.h"

namespace cistern::store {

// What the file's header says about it.
struct PartitionIdentity {
    TimeRange period;            // [begin, end) of the UTC period the file belongs to
    uint32_t generation = 0;     // of equal timestamps the sample of the higher generation wins
    uint64_t wal_lsn_max = 0;    // everything up to this WAL position is in files
    bool sealed = false;         // written by seal or compaction: zstd was tried on every block
};

// Timestamps ascending and unique, values in step. [n] each.
struct SeriesColumns {
    SeriesId series;
    ValueType type = ValueType::Float;
    std::span<const TimestampNs> timestamps;
    std::span<const ValueBits> values;
};

struct PartitionWriteResult {
    uint64_t file_bytes = 0;
    uint64_t samples = 0;
    uint64_t time_bytes = 0;   // in time blocks
    uint64_t value_bytes = 0;  // in value blocks
    TimestampNs first_ns = 0, last_ns = 0;
};

// Writes <path>.tmp, then syncs and renames at finish: a file with its final name is complete.
// Equal time columns are stored once per file, however they arrived. Not thread safe.
class PartitionWriter {
  public:
    static Result<std::unique_ptr<PartitionWriter>> create(FileSystem& fs, std::string path,
                                                           PartitionIdentity identity,
                                                           uint32_t block_samples_max);
    virtual ~PartitionWriter() = default;
    // Series in ascending id order, each once; copies nothing that outlives the call.
    [[nodiscard]] virtual Status add(const SeriesColumns& columns) = 0;
    // Index, trailer, sync, rename, directory sync.
    [[nodiscard]] virtual Result<PartitionWriteResult> finish() = 0;
};

}  // namespace cistern::store
