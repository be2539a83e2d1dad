// SPDX-License-Identifier: MIT
#include "store/partition/partition_dump.h"

#include "store/codec/describe.h"
#include "store/partition/partition_file.h"
#include "store/partition/value_block.h"

#include <algorithm>
#include <utility>

namespace cistern::store {
namespace {

std::string damaged(const Error& error) {
    return "damaged: " + error.message;
}

Result<std::string> describe_values(File& file, const BlockEntry& entry) {
    const Frame frame = TRY(read_frame(file, entry.offset, entry.bytes));
    const ValueBlock block = TRY(parse_value_block(frame, entry.offset));
    return block.type == ValueType::Int ? codec::describe_integers(block.column, entry.count)
                                        : codec::describe_doubles(block.column, entry.count);
}

Result<std::string> describe_times(File& file, const TimeEntry& entry) {
    const Frame frame = TRY(read_frame(file, entry.offset, entry.bytes));
    const TimeBlock block = TRY(parse_time_block(frame, entry.offset));
    return codec::describe_times(block.column, entry.count);
}

void dump_blocks(const PartitionFile& file, PartitionDump& dump) {
    for (size_t page = 0; page < file.directory().block_pages.size(); ++page) {
        const auto blocks = file.block_page(page);
        if (!blocks) {
            dump.faults.push_back(
                {SeriesId(0), file.directory().block_pages[page].offset, blocks.error().message});
            continue;
        }
        for (const IndexedBlock& block : **blocks) {
            auto encoding = describe_values(file.file(), block.entry);
            if (!encoding) {
                dump.faults.push_back({block.series, block.entry.offset, encoding.error().message});
            }
            dump.value_bytes += block.entry.bytes;
            dump.blocks.push_back({block.series,
                                   block.type,
                                   block.entry,
                                   encoding ? std::move(*encoding) : damaged(encoding.error())});
        }
    }
}

void dump_times(const PartitionFile& file, PartitionDump& dump) {
    for (uint32_t number = 0; number < file.trailer().time_blocks; ++number) {
        const auto entry = file.time_entry(number);
        if (!entry) {
            continue;  // its page is damaged and reported with the blocks that need it
        }
        auto encoding = describe_times(file.file(), *entry);
        if (!encoding) {
            dump.faults.push_back({SeriesId(0), entry->offset, encoding.error().message});
        }
        dump.time_bytes += entry->bytes;
        dump.times.push_back({number,
                              entry->offset,
                              entry->bytes,
                              entry->count,
                              entry->first_ns,
                              entry->last_ns,
                              encoding ? std::move(*encoding) : damaged(encoding.error())});
    }
}

}  // namespace

Result<PartitionDump> dump_partition(FileSystem& fs, const std::string& path) {
    const auto file = TRY(PartitionFile::open(fs, path));
    PartitionDump dump;
    dump.identity = identity_of(file->header());
    dump.version = file->header().version;
    dump.block_samples_max = file->header().block_samples_max;
    dump.file_bytes = file->bytes();
    dump.samples = file->trailer().samples;
    dump.series = file->trailer().series;
    dump.faults = file->index_faults();
    dump_blocks(*file, dump);
    dump_times(*file, dump);
    dump.index_bytes =
        dump.file_bytes - std::min(dump.file_bytes, dump.value_bytes + dump.time_bytes);
    return dump;
}

}  // namespace cistern::store
