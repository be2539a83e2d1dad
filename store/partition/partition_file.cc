// SPDX-License-Identifier: MIT
#include "store/partition/partition_file.h"

#include "store/base/bytes.h"
#include "store/base/crc32c.h"
#include "store/codec/times.h"

#include <fmt/format.h>

#include <cstring>

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

}  // namespace

Result<FileHeader> read_header(File& file) {
    return read_struct<FileHeader>(file, 0, "header");
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
    self.header_ = TRY(read_header(*self.file_).with_context(path));
    if (self.bytes_ < sizeof(FileHeader) + sizeof(FileTrailer)) {
        return fail(ErrorCode::Corruption,
                    fmt::format("{}: cut off after {} bytes", path, self.bytes_));
    }
    const uint64_t end = self.bytes_ - sizeof(FileTrailer);
    self.trailer_ = TRY(read_struct<FileTrailer>(*self.file_, end, "trailer").with_context(path));
    const FileTrailer& trailer = self.trailer_;
    if (trailer.directory_offset < sizeof(FileHeader) || trailer.directory_offset > end ||
        end - trailer.directory_offset != trailer.directory_bytes) {
        return fail(ErrorCode::Corruption,
                    fmt::format("{}: trailer points outside the file", path));
    }
    const Frame frame =
        TRY(read_frame(*self.file_, trailer.directory_offset, trailer.directory_bytes)
                .with_context(path));
    if (frame.kind != FrameKind::Directory) {
        return fail(ErrorCode::Corruption,
                    fmt::format("{}: no directory at {}", path, trailer.directory_offset));
    }
    self.directory_ = TRY(decode_directory(frame.body, self.bytes_).with_context(path));
    return opened;
}

Result<PartitionFile::TimePagePtr> PartitionFile::time_page(size_t page) const {
    {
        const MutexLock lock(mutex_);
        if (time_page_ != nullptr && time_page_number_ == page) {
            return time_page_;
        }
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
    const MutexLock lock(mutex_);
    time_page_number_ = page;
    time_page_ = decoded;
    return decoded;
}

Result<TimeEntry> PartitionFile::time_entry(uint32_t time_block) const {
    const TimePagePtr page = TRY(time_page(time_block / kPageEntries));
    const size_t at = time_block % kPageEntries;
    if (at >= page->size()) {
        return fail(ErrorCode::Corruption, "block refers to a time block that does not exist");
    }
    return (*page)[at];
}

Result<PartitionFile::BlockPagePtr> PartitionFile::block_page(size_t page) const {
    {
        const MutexLock lock(mutex_);
        if (block_page_ != nullptr && block_page_number_ == page) {
            return block_page_;
        }
    }
    const PageLink& link = directory_.block_pages[page];
    const Frame frame = TRY(read_frame(*file_, link.offset, link.bytes).with_context("block page"));
    if (frame.kind != FrameKind::BlockPage) {
        return fail(ErrorCode::Corruption, fmt::format("no block page at {}", link.offset));
    }
    BlockPage decoded = TRY(decode_block_page(frame.body));
    for (IndexedBlock& block : decoded.blocks) {
        const TimeEntry time = TRY(time_entry(block.entry.time_block));
        block.entry.count = time.count;
        block.entry.first_ns = time.first_ns;
        block.entry.last_ns = time.last_ns;
    }
    auto shared = std::make_shared<const BlockPage>(std::move(decoded));
    const MutexLock lock(mutex_);
    block_page_number_ = page;
    block_page_ = shared;
    return shared;
}

Result<std::vector<TimestampNs>> PartitionFile::read_times(const TimeEntry& entry) const {
    const Frame frame =
        TRY(read_frame(*file_, entry.offset, entry.bytes).with_context("time block"));
    ByteReader body(frame.body);
    const uint64_t count = body.varint();
    if (frame.kind != FrameKind::Time || count != entry.count || count == 0 ||
        count > kBlockSamplesMax) {
        return fail(ErrorCode::Corruption,
                    fmt::format("time block at {} is not what the index says", entry.offset));
    }
    std::vector<TimestampNs> times(count);
    if (!codec::decode_times(body.raw(body.left()), times)) {
        return fail(ErrorCode::Corruption,
                    fmt::format("time block at {} does not decode", entry.offset));
    }
    return times;
}

}  // namespace cistern::store
