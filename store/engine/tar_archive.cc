// SPDX-License-Identifier: MIT
#include "store/engine/tar_archive.h"

#include "store/engine/period.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <vector>

namespace cistern::store {
namespace {

constexpr uint64_t kBlockBytes = 512;
constexpr uint64_t kCopyBytes = 256 << 10;
constexpr size_t kNameBytesMax = 99;
constexpr uint64_t kSizeMax = 077777777777;  // eleven octal digits
using Block = std::array<std::byte, kBlockBytes>;

// Offsets and widths of ustar header fields.
struct Field {
    size_t at;
    size_t size;
};
constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kUser{108, 8};
constexpr Field kGroup{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kTime{136, 12};
constexpr Field kChecksum{148, 8};
constexpr Field kType{156, 1};
constexpr Field kMagic{257, 8};

void put(Block& block, Field field, std::string_view text) {
    std::memcpy(block.data() + field.at, text.data(), std::min(text.size(), field.size));
}

// The sum of all bytes with the checksum's own counted as blanks.
unsigned checksum_of(const Block& block) {
    unsigned sum = 0;
    for (size_t i = 0; i < block.size(); ++i) {
        const bool own = i >= kChecksum.at && i < kChecksum.at + kChecksum.size;
        sum += own ? ' ' : static_cast<unsigned>(block[i]);
    }
    return sum;
}

Block make_header(const std::string& name, uint64_t size) {
    Block block{};
    put(block, kName, name);
    put(block, kMode, "0000640");
    put(block, kUser, "0000000");
    put(block, kGroup, "0000000");
    put(block, kSize, fmt::format("{:011o}", size));
    put(block, kTime, "00000000000");
    put(block, kType, "0");
    put(block, kMagic, std::string_view("ustar\00000", 8));
    put(block, kChecksum, fmt::format("{:06o}", checksum_of(block)) + std::string("\0 ", 2));
    return block;
}

std::string text_of(const Block& block, Field field) {
    const char* const text = reinterpret_cast<const char*>(block.data()) + field.at;
    return {text, ::strnlen(text, field.size)};
}

struct Entry {
    std::string name;
    uint64_t size = 0;
};

std::optional<Entry> parse_header(const Block& block) {
    const auto octal = [&block](Field field) {
        return std::strtoull(text_of(block, field).c_str(), nullptr, 8);
    };
    if (octal(kChecksum) != checksum_of(block)) {
        return std::nullopt;
    }
    return Entry{text_of(block, kName), octal(kSize)};
}

uint64_t block_up(uint64_t size) {
    return (size + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
}

// Where the next entry goes, or nothing when `name` is there.
Result<std::optional<uint64_t>> find_end(File& tar,
                                         const std::string& path,
                                         const std::string& name) {
    const uint64_t size = TRY(tar.size());
    uint64_t at = 0;
    while (at + kBlockBytes <= size) {
        Block block{};
        TRY(tar.pread(at, block));
        if (std::all_of(
                block.begin(), block.end(), [](std::byte b) { return b == std::byte{0}; })) {
            break;
        }
        const auto entry = parse_header(block);
        if (!entry) {
            return fail(ErrorCode::Corruption, fmt::format("{}: no tar header at {}", path, at));
        }
        if (entry->name == name) {
            return std::optional<uint64_t>();
        }
        at += kBlockBytes + block_up(entry->size);
    }
    return std::optional(at);
}

Status copy(File& from, uint64_t size, File& to, uint64_t at) {
    std::vector<std::byte> buffer(kCopyBytes);
    for (uint64_t done = 0; done < size; done += kCopyBytes) {
        const auto part = std::span(buffer).first(std::min(kCopyBytes, size - done));
        if (TRY(from.pread(done, part)) != part.size()) {
            return fail(ErrorCode::Io, "the file shrank while it was archived");
        }
        TRY(to.pwrite(at + done, part));
    }
    return {};
}

}  // namespace

std::string archive_name(PartitionPeriod kind, TimestampNs begin) {
    const bool by_day = kind == PartitionPeriod::Day;
    const PartitionPeriod bucket = by_day                           ? PartitionPeriod::Month
                                   : kind == PartitionPeriod::Month ? PartitionPeriod::Year
                                                                    : PartitionPeriod::Forever;
    return fmt::format("archive-{}.tar", period_name(bucket, begin));
}

Status append_to_tar(FileSystem& fs,
                     const std::string& tar_path,
                     const std::string& source_path,
                     const std::string& entry_name) {
    const bool exists = TRY(fs.exists(tar_path));
    auto tar = TRY(fs.open(tar_path, exists ? OpenMode::ReadWrite : OpenMode::Create));
    auto source = TRY(fs.open(source_path, OpenMode::Read));
    const uint64_t size = TRY(source->size());
    if (entry_name.size() > kNameBytesMax || size > kSizeMax) {
        return fail(ErrorCode::Unsupported, fmt::format("{} does not fit a tar entry", entry_name));
    }
    const auto at = TRY(find_end(*tar, tar_path, entry_name));
    if (!at) {
        return {};
    }
    // The header last: until it is there the zeros in its place end the archive.
    const uint64_t data_at = *at + kBlockBytes;
    const uint64_t padded = block_up(size);
    TRY(tar->pwrite(*at, Block{}));
    TRY(copy(*source, size, *tar, data_at));
    const std::vector<std::byte> zeros(padded - size + 2 * kBlockBytes);
    TRY(tar->pwrite(data_at + size, zeros));
    TRY(tar->sync_data());
    TRY(tar->pwrite(*at, make_header(entry_name, size)));
    TRY(tar->sync_data());
    return fs.sync_directory(parent_directory(tar_path));
}

}  // namespace cistern::store
