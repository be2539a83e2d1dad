// SPDX-License-Identifier: MIT
#include "store/partition/partition_reader.h"

#include "store/partition/frame_scanner.h"
#include "store/partition/partition_file.h"
#include "store/partition/value_block.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::store {
namespace {

class Reader final : public PartitionReader {
  public:
    Reader(std::string path, std::unique_ptr<PartitionFile> file)
        : path_(std::move(path)), file_(std::move(file)), identity_(identity_of(file_->header())) {}

    const std::string& path() const override { return path_; }
    const PartitionIdentity& identity() const override { return identity_; }
    uint64_t file_bytes() const override { return file_->bytes(); }
    uint64_t samples() const override { return file_->trailer().samples; }
    TimestampNs first_ns() const override { return file_->trailer().first_ns; }
    TimestampNs last_ns() const override { return file_->trailer().last_ns; }
    std::vector<SeriesId> series() const override { return file_->directory().series; }

    ValueType type(SeriesId series) const override {
        const auto& ints = file_->directory().int_series;
        return std::binary_search(ints.begin(), ints.end(), series) ? ValueType::Int
                                                                    : ValueType::Float;
    }

    Result<std::vector<BlockEntry>> blocks(SeriesId series) const override {
        std::vector<BlockEntry> entries;
        const auto& pages = file_->directory().block_pages;
        // A series may begin at the end of the page before the first one that begins with it.
        auto page = std::lower_bound(
            pages.begin(), pages.end(), series, [](const PageLink& link, SeriesId id) {
                return link.first_series < id;
            });
        if (page != pages.begin()) {
            --page;
        }
        for (; page != pages.end() && page->first_series <= series; ++page) {
            const auto decoded = TRY(
                file_->block_page(static_cast<size_t>(page - pages.begin())).with_context(path_));
            const auto& blocks = *decoded;
            auto block = std::lower_bound(
                blocks.begin(), blocks.end(), series, [](const IndexedBlock& b, SeriesId id) {
                    return b.series < id;
                });
            for (; block != blocks.end() && block->series == series; ++block) {
                entries.push_back(block->entry);
            }
        }
        return entries;
    }

    Status read_block(SeriesId series,
                      const BlockEntry& block,
                      std::vector<TimestampNs>& timestamps,
                      std::vector<ValueBits>& values) const override {
        return append_block(series, block, TimeRange{}, timestamps, values);
    }

    Status read_block(SeriesId series,
                      const BlockEntry& block,
                      TimeRange range,
                      std::vector<TimestampNs>& timestamps,
                      std::vector<double>& values) const override {
        return append_block(series, block, range, timestamps, values);
    }

    Status read(SeriesId series,
                TimeRange range,
                std::vector<TimestampNs>& timestamps,
                std::vector<double>& values,
                std::vector<BlockFault>& faults) const override {
        return read_range(series, range, timestamps, values, faults);
    }

    Status read_bits(SeriesId series,
                     TimeRange range,
                     std::vector<TimestampNs>& timestamps,
                     std::vector<ValueBits>& values,
                     std::vector<BlockFault>& faults) const override {
        return read_range(series, range, timestamps, values, faults);
    }

    const std::vector<BlockFault>& index_faults() const override { return file_->index_faults(); }
    void verify(std::vector<BlockFault>& faults) const override;

  private:
    void verify_blocks(std::vector<BlockFault>& faults) const;

    template <class Value>
    Status read_range(SeriesId series,
                      TimeRange range,
                      std::vector<TimestampNs>& timestamps,
                      std::vector<Value>& values,
                      std::vector<BlockFault>& faults) const {
        const auto entries = blocks(series);
        if (!entries) {
            faults.push_back({series, 0, entries.error().message});
            return {};
        }
        for (const BlockFault& fault : file_->index_faults()) {
            if (fault.series == series) {
                faults.push_back(fault);
            }
        }
        for (const BlockEntry& block : *entries) {
            if (!range.overlaps(block.first_ns, block.last_ns)) {
                continue;
            }
            const Status read = append_block(series, block, range, timestamps, values);
            if (!read) {
                faults.push_back({series, block.offset, read.error().message});
            }
        }
        return {};
    }

    // All or nothing.
    template <class Value>
    Status append_block(SeriesId series,
                        const BlockEntry& block,
                        TimeRange range,
                        std::vector<TimestampNs>& timestamps,
                        std::vector<Value>& values) const {
        const auto times = TRY(file_->times(block.time_block).with_context(path_));
        const size_t at = values.size();
        values.resize(at + times->size());
        const Status decoded = decode_block<Value>(series, block, std::span(values).subspan(at));
        if (!decoded) {
            values.resize(at);
            return Status(decoded).with_context(path_);
        }
        const size_t begin = block.first_ns < range.begin ? times->rank(range.begin) : 0;
        const size_t end = block.last_ns < range.end ? times->size() : times->rank(range.end);
        if (begin > 0) {
            std::copy(values.begin() + static_cast<ptrdiff_t>(at + begin),
                      values.begin() + static_cast<ptrdiff_t>(at + end),
                      values.begin() + static_cast<ptrdiff_t>(at));
        }
        values.resize(at + end - begin);
        const size_t times_at = timestamps.size();
        timestamps.resize(times_at + end - begin);
        times->copy(begin, std::span(timestamps).subspan(times_at));
        return {};
    }

    template <class Value>
    Status decode_block(SeriesId series, const BlockEntry& entry, std::span<Value> into) const {
        const Frame frame = TRY(read_frame(file_->file(), entry.offset, entry.bytes));
        const ValueBlock block = TRY(parse_value_block(frame, entry.offset));
        if (block.series != series) {
            return fail(
                ErrorCode::Corruption,
                fmt::format("block at {} is one of series {}", entry.offset, block.series.value()));
        }
        const TimeEntry time = TRY(file_->time_entry(entry.time_block));
        if (entry.offset - time.offset != block.time_distance) {
            return fail(ErrorCode::Corruption,
                        fmt::format("block at {} belongs to another time block", entry.offset));
        }
        if (!decode_values(block, into)) {
            return fail(ErrorCode::Corruption,
                        fmt::format("block at {} does not decode", entry.offset));
        }
        return {};
    }

    const std::string path_;
    const std::unique_ptr<PartitionFile> file_;
    const PartitionIdentity identity_;
};

void Reader::verify_blocks(std::vector<BlockFault>& faults) const {
    const auto& pages = file_->directory().block_pages;
    std::vector<TimestampNs> timestamps;
    std::vector<ValueBits> values;
    for (size_t page = 0; page < pages.size(); ++page) {
        const auto blocks = file_->block_page(page);
        if (!blocks) {
            faults.push_back({SeriesId(0), pages[page].offset, blocks.error().message});
            continue;
        }
        for (const IndexedBlock& block : **blocks) {
            timestamps.clear();
            values.clear();
            const Status read = read_block(block.series, block.entry, timestamps, values);
            if (!read) {
                faults.push_back({block.series, block.entry.offset, read.error().message});
            }
        }
    }
}

void Reader::verify(std::vector<BlockFault>& faults) const {
    const auto& known = file_->index_faults();
    const size_t begin = faults.size();
    faults.insert(faults.end(), known.begin(), known.end());
    verify_blocks(faults);
    if (!known.empty()) {
        return;  // the whole file was scanned when it was opened
    }
    FrameScanner scanner(file_->file(), sizeof(FileHeader), file_->bytes() - sizeof(FileTrailer));
    while (scanner.next()) {
    }
    const std::vector<BlockFault> found(faults.begin() + static_cast<ptrdiff_t>(begin),
                                        faults.end());
    for (const DamagedStretch& stretch : scanner.damaged()) {
        const bool reported = std::any_of(found.begin(), found.end(), [&](const BlockFault& fault) {
            return fault.offset >= stretch.offset && fault.offset < stretch.offset + stretch.bytes;
        });
        if (!reported) {
            faults.push_back({SeriesId(0),
                              stretch.offset,
                              fmt::format("{} bytes do not verify", stretch.bytes)});
        }
    }
}

}  // namespace

Result<std::shared_ptr<PartitionReader>> PartitionReader::open(FileSystem& fs,
                                                               const std::string& path) {
    auto file = TRY(PartitionFile::open(fs, path));
    return std::make_shared<Reader>(path, std::move(file));
}

}  // namespace cistern::store
