// SPDX-License-Identifier: MIT
// The index of a partition file as bytes: pages of entries, coded by column like the data itself,
// and the directory that finds them. An entry of a regular series takes about 15 bytes.
//
//   page      = varint entries, [BlockPage: u8 type], columns
//   column    = varint bytes, integers or doubles (store/codec)
//   TimePage  columns: gap, bytes, count, first_ns, last_ns - first_ns
//   BlockPage columns: gap, bytes, series, time block, nan count,
//             min, first, last and max of each entry in turn, sum, [Int: sum fits]
//   gap       = offset - end of the entry before (of the first: the offset)
//   Directory = the 64 bytes of the header, then groups of columns, each group after a varint count
//             and empty when that is 0: block pages (offset, bytes, first series, entries), time
//             pages (offset, bytes), series, Int series
#pragma once

#include "store/base/result.h"
#include "store/model/sample.h"
#include "store/partition/partition_format.h"
#include "store/partition/partition_reader.h"

#include <span>
#include <vector>

namespace cistern::store {

// Where a time block is.
struct TimeEntry {
    uint64_t offset = 0;
    uint32_t bytes = 0;
    uint32_t count = 0;
    TimestampNs first_ns = 0;
    TimestampNs last_ns = 0;
};

// A value block; of `entry` the count and times are those of the time block and not stored again.
struct IndexedBlock {
    SeriesId series;
    ValueType type = ValueType::Float;
    BlockEntry entry;
};

struct PageLink {
    uint64_t offset = 0;
    uint32_t bytes = 0;
    uint32_t entries = 0;   // block pages only
    SeriesId first_series;  // block pages only
};

struct Directory {
    FileHeader header{};                // again, so that damage to either leaves one
    std::vector<PageLink> block_pages;  // by series, then time
    std::vector<PageLink> time_pages;   // kPageEntries each, but for the last
    std::vector<SeriesId> series;       // ascending
    std::vector<SeriesId> int_series;   // those of type Int, ascending
};

// Append to `out`. Pages are not empty; the blocks of one page are of one type.
void encode_time_page(std::span<const TimeEntry> entries, std::vector<std::byte>& out);
void encode_block_page(std::span<const IndexedBlock> blocks, std::vector<std::byte>& out);
void encode_directory(const Directory& directory, std::vector<std::byte>& out);

// Corruption when the bytes contradict themselves.
Result<std::vector<TimeEntry>> decode_time_page(std::span<const std::byte> body);
Result<std::vector<IndexedBlock>> decode_block_page(std::span<const std::byte> body);
Result<Directory> decode_directory(std::span<const std::byte> body, uint64_t file_bytes);

}  // namespace cistern::store
