// SPDX-License-Identifier: MIT
#include "store/partition/salvage.h"

#include "store/partition/index_rebuild.h"
#include "store/partition/partition_file.h"
#include "store/partition/value_block.h"

#include <fmt/format.h>

namespace cistern::store {
namespace {

struct BlockColumns {
    std::vector<TimestampNs> timestamps;
    std::vector<ValueBits> values;
};

Result<BlockColumns> read_columns(File& file, const IndexedBlock& indexed, const TimeEntry& time) {
    BlockColumns columns;
    const Frame times = TRY(read_frame(file, time.offset, time.bytes));
    columns.timestamps = TRY(decode_time_block(times, time.offset));
    const Frame frame = TRY(read_frame(file, indexed.entry.offset, indexed.entry.bytes));
    const ValueBlock block = TRY(parse_value_block(frame, indexed.entry.offset));
    columns.values.resize(columns.timestamps.size());
    if (!decode_values(block, columns.values)) {
        return fail(ErrorCode::Corruption,
                    fmt::format("block at {} does not decode", indexed.entry.offset));
    }
    return columns;
}

}  // namespace

Result<SalvageResult> salvage(FileSystem& fs, const std::string& path, const SalvageSink& sink) {
    const auto file = TRY(fs.open(path, OpenMode::Read));
    RebuiltIndex index = rebuild_index(*file, TRY(file->size()));
    SalvageResult result;
    if (index.header) {
        result.identity = identity_of(*index.header);
    }
    result.faults = std::move(index.faults);
    for (const IndexedBlock& block : index.blocks) {
        const auto columns = read_columns(*file, block, index.times[block.entry.time_block]);
        if (!columns) {
            result.faults.push_back({block.series, block.entry.offset, columns.error().message});
            continue;
        }
        TRY(sink({block.series, block.type, columns->timestamps, columns->values}));
        ++result.blocks;
        result.samples += columns->timestamps.size();
    }
    return result;
}

}  // namespace cistern::store
