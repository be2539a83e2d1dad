// SPDX-License-Identifier: MIT
// The bytes of a partition file, shared by writer, reader, salvage and dump;
// docs/formats/partition.md is the same in prose. Little endian.
//
//   header 64 | frame | frame | ... | directory frame | trailer 64
// Frames follow each other without a gap, so that the checksums cover every byte and a file without
// its index can still be read from the start.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace cistern::store {

static_assert(std::endian::native == std::endian::little, "the formats are little endian");

inline constexpr uint32_t kPartitionMagic = 0x504e5443;  // "CTNP"
inline constexpr uint16_t kPartitionVersion = 1;
inline constexpr uint16_t kPartitionSealed = 0x0001;  // flag

struct FileHeader {
    uint32_t magic;
    uint16_t version;
    uint16_t flags;
    int64_t period_begin_ns;
    int64_t period_end_ns;
    uint32_t generation;
    uint32_t block_samples_max;
    uint64_t wal_lsn_max;
    uint8_t reserved[20];  // 0
    uint32_t crc;          // CRC-32C of the 60 bytes before
};
static_assert(sizeof(FileHeader) == 64 && offsetof(FileHeader, wal_lsn_max) == 32 &&
              offsetof(FileHeader, crc) == 60);

struct FileTrailer {
    uint64_t directory_offset;
    uint64_t samples;
    int64_t first_ns;
    int64_t last_ns;
    uint32_t directory_bytes;
    uint32_t series;
    uint32_t value_blocks;
    uint32_t time_blocks;
    uint16_t version;
    uint16_t reserved;   // 0
    uint32_t reserved2;  // 0
    uint32_t magic;
    uint32_t crc;  // CRC-32C of the 60 bytes before
};
static_assert(sizeof(FileTrailer) == 64 && offsetof(FileTrailer, directory_bytes) == 32 &&
              offsetof(FileTrailer, crc) == 60);

enum class FrameKind : uint8_t {
    Time = 0xc1,       // varint count, times
    Float = 0xc2,      // varint series, varint distance back to the time frame, doubles
    Int = 0xc3,        // varint series, varint distance back to the time frame, integers
    TimePage = 0xc4,   // index entries of up to kPageEntries time frames
    BlockPage = 0xc5,  // index entries of up to kPageEntries value frames
    Directory = 0xc6,  // a copy of the header, where the pages are, which series there are
};

// u32 CRC-32C of the rest of the frame, u32 bytes of the whole frame (low 24 bits) and kind.
inline constexpr size_t kFrameHeadBytes = 8;
inline constexpr size_t kFrameBytesMax = (size_t{1} << 24) - 1;
inline constexpr size_t kPageEntries = 128;
// No encoder makes more; a scan of damaged bytes need not believe in more.
inline constexpr uint32_t kBlockBytesMax = uint32_t{1} << 20;
inline constexpr uint32_t kPageBytesMax = uint32_t{1} << 16;
// A block is decoded as a whole: what a reader allocates for one is bounded by this.
inline constexpr uint32_t kBlockSamplesMax = 65536;

}  // namespace cistern::store
