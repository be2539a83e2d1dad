// SPDX-License-Identifier: MIT
#include "store/partition/partition_file.h"

#include "store/base/crc32c.h"
#include "store/partition/decoded_cache.h"
#include "store/partition/index_rebuild.h"
#include "store/partition/value_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

namespace cistern::store {
namespace {

// Reads a header or trailer and checks its checksum.
template <class Struct>
Result<Struct> read_struct(File& file, uint64_t offset, const char* what) {
    Struct found{};
    const auto bytes = std::as_writable_bytes(std::span(&found, 1));
    const size_t got = TRY(file.pread(offset, bytes));
    if (got != bytes.size()) {
        return fail(ErrorCode::Corruption, fmt::format("{} is cut off", what));
    }
    if (found.magic != kPartitionMagic) {
        return fail(ErrorCode::Corruption, fmt::format("{} is not that of a partition file", what));
    }
    if (crc32c(bytes.first(offsetof(Struct, crc))) != found.crc) {
        return fail(ErrorCode::Corruption, fmt::format("{} fails its checksum", what));
    }
    if (found.version > kPartitionVersion) {
        return fail(ErrorCode::Unsupported,
                    fmt::format("version {} of the format: this build knows up to {}",
                                found.version,
                                kPartitionVersion));
    }
    return found;
}

uint64_t next_file_number() {
    static std::atomic<uint64_t> numbers{0};
    return ++numbers;
}

}  // namespace

PartitionFile::PartitionFile() : number_(next_file_number()) {}
PartitionFile::~PartitionFile() {
    decoded_cache().forget(number_);
}

Result<FileHeader> read_header(File& file) {
    return read_struct<FileHeader>(file, 0, "header");
}

Result<FileTrailer> read_trailer(File& file, uint64_t file_bytes) {
    if (file_bytes < sizeof(FileHeader) + sizeof(FileTrailer)) {
        return fail(ErrorCode::Corruption, fmt::format("cut off after {} bytes", file_bytes));
    }
    return read_struct<FileTrailer>(file, file_bytes - sizeof(FileTrailer), "trailer");
}

bool header_verifies(const FileHeader& header) {
    const auto bytes = std::as_bytes(std::span(&header, 1)).first(offsetof(FileHeader, crc));
    return header.magic == kPartitionMagic && header.version == kPartitionVersion &&
           crc32c(bytes) == header.crc;
}

PartitionIdentity identity_of(const FileHeader& header) {
    PartitionIdentity identity;
    identity.period = {header.period_begin_ns, header.period_end_ns};
    identity.generation = header.generation;
    identity.wal_lsn_max = header.wal_lsn_max;
    identity.sealed = (header.flags & kPartitionSealed) != 0;
    return identity;
}

Result<std::unique_ptr<PartitionFile>> PartitionFile::open(FileSystem& fs,
                                                           const std::string& path) {
    std::unique_ptr<PartitionFile> opened(new PartitionFile);
    PartitionFile& self = *opened;
    self.file_ = TRY(fs.open(path, OpenMode::Read));
    self.bytes_ = TRY(self.file_->size());
    const Status indexed = self.open_index();
    if (!indexed) {
        if (indexed.error().code != ErrorCode::Corruption) {
            return tl::unexpected(indexed.error().with_context(path));
        }
        TRY(self.rebuild().with_context(fmt::format("{}: {}", path, indexed.error().message)));
    }
    return opened;
}

Status PartitionFile::open_index() {
    header_ = TRY(read_header(*file_));
    trailer_ = TRY(read_trailer(*file_, bytes_));
    const uint64_t end = bytes_ - sizeof(FileTrailer);
    if (trailer_.directory_offset < sizeof(FileHeader) || trailer_.directory_offset > end ||
        end - trailer_.directory_offset != trailer_.directory_bytes) {
        return fail(ErrorCode::Corruption, "trailer points outside the file");
    }
    const Frame frame =
        TRY(read_frame(*file_, trailer_.directory_offset, trailer_.directory_bytes));
    if (frame.kind != FrameKind::Directory) {
        return fail(ErrorCode::Corruption,
                    fmt::format("no directory at {}", trailer_.directory_offset));
    }
    directory_ = TRY(decode_directory(frame.body, bytes_));
    return check_pages();
}

// Only the checksums: decoding waits until a page is asked for.
Status PartitionFile::check_pages() const {
    for (const auto* pages : {&directory_.time_pages, &directory_.block_pages}) {
        for (const PageLink& page : *pages) {
            TRY(read_frame(*file_, page.offset, page.bytes).with_context("index"));
        }
    }
    return {};
}

Status PartitionFile::rebuild() {
    RebuiltIndex index = rebuild_index(*file_, bytes_);
    if (!index.header) {
        return fail(ErrorCode::Corruption, "nothing says which period the file belongs to");
    }
    header_ = *index.header;
    index_faults_ = std::move(index.faults);
    rebuilt_times_ = std::move(index.times);
    directory_ = {};
    trailer_ = {};
    const auto& blocks = index.blocks;
    for (size_t at = 0; at < blocks.size(); at += kPageEntries) {
        const auto begin = blocks.begin() + static_cast<ptrdiff_t>(at);
        const auto end = begin + static_cast<ptrdiff_t>(std::min(kPageEntries, blocks.size() - at));
        PageLink link;
        link.first_series = begin->series;
        link.entries = static_cast<uint32_t>(end - begin);
        directory_.block_pages.push_back(link);
        rebuilt_pages_.push_back(std::make_shared<const std::vector<IndexedBlock>>(begin, end));
    }
    for (const IndexedBlock& block : blocks) {
        if (directory_.series.empty() || directory_.series.back() != block.series) {
            directory_.series.push_back(block.series);
            if (block.type == ValueType::Int) {
                directory_.int_series.push_back(block.series);
            }
        }
        const BlockEntry& entry = block.entry;
        trailer_.first_ns =
            trailer_.samples == 0 ? entry.first_ns : std::min(trailer_.first_ns, entry.first_ns);
        trailer_.last_ns =
            trailer_.samples == 0 ? entry.last_ns : std::max(trailer_.last_ns, entry.last_ns);
        trailer_.samples += entry.count;
    }
    trailer_.series = static_cast<uint32_t>(directory_.series.size());
    trailer_.value_blocks = static_cast<uint32_t>(blocks.size());
    trailer_.time_blocks = static_cast<uint32_t>(rebuilt_times_.size());
    return {};
}

Result<PartitionFile::TimePagePtr> PartitionFile::time_page(size_t page) const {
    const DecodedCache::Key key{number_, static_cast<uint32_t>(page), DecodedCache::Kind::TimePage};
    if (auto found = decoded_cache().find<std::vector<TimeEntry>>(key)) {
        return found;
    }
    if (page >= directory_.time_pages.size()) {
        return fail(ErrorCode::Corruption, "block refers to a time block that does not exist");
    }
    const PageLink& link = directory_.time_pages[page];
    const Frame frame = TRY(read_frame(*file_, link.offset, link.bytes).with_context("time page"));
    if (frame.kind != FrameKind::TimePage) {
        return fail(ErrorCode::Corruption, fmt::format("no time page at {}", link.offset));
    }
    auto decoded =
        std::make_shared<const std::vector<TimeEntry>>(TRY(decode_time_page(frame.body)));
    decoded_cache().keep(key, decoded, decoded->capacity() * sizeof(TimeEntry));
    return decoded;
}

Result<TimeEntry> PartitionFile::time_entry(uint32_t time_block) const {
    if (time_block < rebuilt_times_.size()) {
        return rebuilt_times_[time_block];
    }
    const TimePagePtr page = TRY(time_page(time_block / kPageEntries));
    const size_t at = time_block % kPageEntries;
    if (at >= page->size()) {
        return fail(ErrorCode::Corruption, "block refers to a time block that does not exist");
    }
    return (*page)[at];
}

Result<PartitionFile::BlockPagePtr> PartitionFile::block_page(size_t page) const {
    if (!rebuilt_pages_.empty()) {
        return rebuilt_pages_[page];
    }
    const DecodedCache::Key key{
        number_, static_cast<uint32_t>(page), DecodedCache::Kind::BlockPage};
    if (auto found = decoded_cache().find<std::vector<IndexedBlock>>(key)) {
        return found;
    }
    const PageLink& link = directory_.block_pages[page];
    const Frame frame = TRY(read_frame(*file_, link.offset, link.bytes).with_context("block page"));
    if (frame.kind != FrameKind::BlockPage) {
        return fail(ErrorCode::Corruption, fmt::format("no block page at {}", link.offset));
    }
    std::vector<IndexedBlock> blocks = TRY(decode_block_page(frame.body));
    for (IndexedBlock& block : blocks) {
        const TimeEntry time = TRY(time_entry(block.entry.time_block));
        block.entry.count = time.count;
        block.entry.first_ns = time.first_ns;
        block.entry.last_ns = time.last_ns;
    }
    auto decoded = std::make_shared<const std::vector<IndexedBlock>>(std::move(blocks));
    decoded_cache().keep(key, decoded, decoded->capacity() * sizeof(IndexedBlock));
    return decoded;
}

Result<PartitionFile::TimesPtr> PartitionFile::times(uint32_t time_block) const {
    const DecodedCache::Key key{number_, time_block, DecodedCache::Kind::Times};
    if (auto found = decoded_cache().find<codec::TimeColumn>(key)) {
        return found;
    }
    const TimeEntry entry = TRY(time_entry(time_block));
    const Frame frame =
        TRY(read_frame(*file_, entry.offset, entry.bytes).with_context("time block"));
    codec::TimeColumn column = TRY(decode_time_column(frame, entry.offset));
    if (column.size() != entry.count) {
        return fail(ErrorCode::Corruption,
                    fmt::format("time block at {} is not what the index says", entry.offset));
    }
    auto decoded = std::make_shared<const codec::TimeColumn>(std::move(column));
    decoded_cache().keep(key, decoded, decoded->memory_bytes() + sizeof(codec::TimeColumn));
    return decoded;
}

}  // namespace cistern::store
