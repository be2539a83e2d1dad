// SPDX-License-Identifier: MIT
// One immutable partition file: its index in memory, its blocks read when asked for.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/model/sample.h"
#include "store/partition/partition_writer.h"

namespace cistern::store {

// The index's word about one block. For Int series the aggregates are int64 bit patterns.
struct BlockEntry {
    TimestampNs first_ns = 0;
    TimestampNs last_ns = 0;
    uint32_t count = 0;
    uint32_t nan_count = 0;
    ValueBits min, max, sum, first, last;  // min, max, sum skip NaN and are NaN when all are NaN
    bool sum_fits = true;      // false: the sum of an Int block does not fit int64; decode the block
    uint32_t time_block = 0;   // blocks with the same number share their timestamps
    uint64_t offset = 0;       // of the value block in the file
    uint32_t bytes = 0;
};

// A block that could not be read: reported, skipped, counted; the rest of the file answers.
struct BlockFault {
    SeriesId series;
    uint64_t offset = 0;
    std::string reason;
};

// Thread safe. Immutable after open but for a small cache of decoded time columns.
class PartitionReader {
  public:
    // Reads and checks header, trailer and index. A damaged index is rebuilt in memory from the blocks
    // and reported by index_faults. Corruption: not even the period is left (salvage needs
    // `cistern recover`). Unsupported: a newer version.
    static Result<std::shared_ptr<PartitionReader>> open(FileSystem& fs, const std::string& path);
    virtual ~PartitionReader() = default;

    [[nodiscard]] virtual const std::string& path() const = 0;
    [[nodiscard]] virtual const PartitionIdentity& identity() const = 0;
    [[nodiscard]] virtual uint64_t file_bytes() const = 0;
    [[nodiscard]] virtual uint64_t samples() const = 0;
    [[nodiscard]] virtual TimestampNs first_ns() const = 0;
    [[nodiscard]] virtual TimestampNs last_ns() const = 0;
    // Ascending.
    [[nodiscard]] virtual std::vector<SeriesId> series() const = 0;
    // Of one series in time order; empty when the series is not here. A copy, read from the file's
    // packed index: readers of years of files must not hold every entry in memory.
    [[nodiscard]] virtual Result<std::vector<BlockEntry>> blocks(SeriesId series) const = 0;
    [[nodiscard]] virtual ValueType type(SeriesId series) const = 0;

    // Decodes one block, appending; on a fault nothing is appended and the error says where.
    [[nodiscard]] virtual Status read_block(SeriesId series, const BlockEntry& block,
                                            std::vector<TimestampNs>& timestamps,
                                            std::vector<ValueBits>& values) const = 0;
    // The same of the samples in range alone, as numbers (Int converted).
    [[nodiscard]] virtual Status read_block(SeriesId series, const BlockEntry& block, TimeRange range,
                                            std::vector<TimestampNs>& timestamps,
                                            std::vector<double>& values) const = 0;
    // Appends the samples of range in time order, block after block. Damaged blocks go to
    // `faults` and are skipped. As double (Int converted) and as bits.
    [[nodiscard]] virtual Status read(SeriesId series, TimeRange range, std::vector<TimestampNs>& timestamps,
                                      std::vector<double>& values, std::vector<BlockFault>& faults) const = 0;
    [[nodiscard]] virtual Status read_bits(SeriesId series, TimeRange range,
                                           std::vector<TimestampNs>& timestamps, std::vector<ValueBits>& values,
                                           std::vector<BlockFault>& faults) const = 0;

    // What was damaged in the index at open, with the blocks that are lost for certain; empty when all
    // was well. read and read_bits report those of their series again, every time.
    [[nodiscard]] virtual const std::vector<BlockFault>& index_faults() const = 0;
    // Reads every byte and checks every checksum. A fault without a series (id 0) belongs to no block.
    virtual void verify(std::vector<BlockFault>& faults) const = 0;
};

}  // namespace cistern::store
