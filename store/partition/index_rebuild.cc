// SPDX-License-Identifier: MIT
#include "store/partition/index_rebuild.h"

#include "store/partition/block_statistics.h"
#include "store/partition/frame_scanner.h"
#include "store/partition/partition_file.h"
#include "store/partition/value_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace cistern::store {
namespace {

struct FoundValues {
    uint64_t offset = 0;
    uint32_t bytes = 0;
    uint64_t time_offset = 0;
    SeriesId series;
    ValueType type = ValueType::Float;
};

struct FoundTimes {
    uint64_t offset = 0;
    uint32_t bytes = 0;
};

class Rebuilder {
  public:
    Rebuilder(File& file, uint64_t file_bytes) : file_(file), file_bytes_(file_bytes) {}

    RebuiltIndex run() {
        scan();
        resolve_times();
        resolve_values();
        report_lost_blocks();
        std::sort(index_.blocks.begin(),
                  index_.blocks.end(),
                  [](const IndexedBlock& a, const IndexedBlock& b) {
                      return a.series != b.series ? a.series < b.series
                                                  : a.entry.first_ns < b.entry.first_ns;
                  });
        return std::move(index_);
    }

  private:
    void scan() {
        if (auto header = read_header(file_)) {
            index_.header = *header;
        } else {
            index_.faults.push_back({SeriesId(0), 0, header.error().message});
        }
        uint64_t end = file_bytes_;
        if (auto trailer = read_trailer(file_, file_bytes_)) {
            end -= sizeof(FileTrailer);
        } else {
            index_.faults.push_back({SeriesId(0), end, trailer.error().message});
        }
        FrameScanner scanner(file_, sizeof(FileHeader), end);
        while (auto found = scanner.next()) {
            take(*found);
        }
        for (const DamagedStretch& stretch : scanner.damaged()) {
            index_.faults.push_back({SeriesId(0),
                                     stretch.offset,
                                     fmt::format("{} bytes do not verify", stretch.bytes)});
        }
    }

    void take(const FrameScanner::Found& found) {
        switch (found.frame.kind) {
            case FrameKind::Time:
                times_.push_back({found.offset, found.bytes});
                break;
            case FrameKind::Float:
            case FrameKind::Int:
                take_values(found);
                break;
            case FrameKind::TimePage:
                take_time_page(found);
                break;
            case FrameKind::BlockPage:
                take_block_page(found);
                break;
            case FrameKind::Directory:
                take_directory(found);
                break;
        }
    }

    void take_values(const FrameScanner::Found& found) {
        const auto block = parse_value_block(found.frame, found.offset);
        if (block) {
            values_.push_back({found.offset,
                               found.bytes,
                               found.offset - block->time_distance,
                               block->series,
                               block->type});
        } else {
            index_.faults.push_back({SeriesId(0), found.offset, block.error().message});
        }
    }

    void take_time_page(const FrameScanner::Found& found) {
        if (const auto entries = decode_time_page(found.frame.body)) {
            for (const TimeEntry& entry : *entries) {
                known_times_.emplace(entry.offset, entry);
            }
        }
    }

    void take_block_page(const FrameScanner::Found& found) {
        if (const auto blocks = decode_block_page(found.frame.body)) {
            for (const IndexedBlock& block : *blocks) {
                known_blocks_.emplace(block.entry.offset, block);
            }
        }
    }

    void take_directory(const FrameScanner::Found& found) {
        const auto directory = decode_directory(found.frame.body, file_bytes_);
        if (directory && !index_.header && header_verifies(directory->header)) {
            index_.header = directory->header;
        }
    }

    void resolve_times() {
        for (const FoundTimes& found : times_) {
            TimeEntry entry;
            const auto known = known_times_.find(found.offset);
            if (known != known_times_.end()) {
                entry = known->second;
            } else if (const auto times = read_times(found)) {
                entry = {found.offset,
                         found.bytes,
                         static_cast<uint32_t>(times->size()),
                         times->front(),
                         times->back()};
            } else {
                index_.faults.push_back({SeriesId(0), found.offset, times.error().message});
                continue;
            }
            time_numbers_.emplace(found.offset, static_cast<uint32_t>(index_.times.size()));
            index_.times.push_back(entry);
        }
    }

    Result<std::vector<TimestampNs>> read_times(const FoundTimes& found) {
        const Frame frame = TRY(read_frame(file_, found.offset, found.bytes));
        return decode_time_block(frame, found.offset);
    }

    void resolve_values() {
        for (const FoundValues& found : values_) {
            const auto number = time_numbers_.find(found.time_offset);
            if (number == time_numbers_.end()) {
                index_.faults.push_back({found.series, found.offset, "its time block is lost"});
                continue;
            }
            const TimeEntry& time = index_.times[number->second];
            IndexedBlock block;
            const auto known = known_blocks_.find(found.offset);
            if (known != known_blocks_.end()) {
                block = known->second;
                known_blocks_.erase(known);
            } else if (const Status measured = measure(found, time.count, block.entry); !measured) {
                index_.faults.push_back({found.series, found.offset, measured.error().message});
                continue;
            }
            block.series = found.series;
            block.type = found.type;
            block.entry.offset = found.offset;
            block.entry.bytes = found.bytes;
            block.entry.time_block = number->second;
            block.entry.count = time.count;
            block.entry.first_ns = time.first_ns;
            block.entry.last_ns = time.last_ns;
            index_.blocks.push_back(block);
        }
    }

    Status measure(const FoundValues& found, uint32_t count, BlockEntry& entry) {
        const Frame frame = TRY(read_frame(file_, found.offset, found.bytes));
        const ValueBlock block = TRY(parse_value_block(frame, found.offset));
        std::vector<ValueBits> values(count);
        if (!decode_values(block, values)) {
            return fail(ErrorCode::Corruption,
                        fmt::format("block at {} does not decode", found.offset));
        }
        measure_values(values, block.type, entry);
        return {};
    }

    // Blocks that a page of the index names but that do not verify.
    void report_lost_blocks() {
        std::vector<BlockFault> lost;
        for (const auto& [offset, block] : known_blocks_) {
            lost.push_back(
                {block.series, offset, fmt::format("block at {} does not verify", offset)});
        }
        std::sort(lost.begin(), lost.end(), [](const auto& a, const auto& b) {
            return a.offset < b.offset;
        });
        index_.faults.insert(index_.faults.end(), lost.begin(), lost.end());
    }

    File& file_;
    const uint64_t file_bytes_;
    RebuiltIndex index_;
    std::vector<FoundTimes> times_;
    std::vector<FoundValues> values_;
    std::unordered_map<uint64_t, TimeEntry>
        known_times_;  // by offset, from the pages that are whole
    std::unordered_map<uint64_t, IndexedBlock> known_blocks_;  // the same
    std::unordered_map<uint64_t, uint32_t> time_numbers_;
};

}  // namespace

RebuiltIndex rebuild_index(File& file, uint64_t file_bytes) {
    return Rebuilder(file, file_bytes).run();
}

}  // namespace cistern::store
