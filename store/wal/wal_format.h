// SPDX-License-Identifier: MIT
// The frame: the unit of the write-ahead log. docs/formats/wal.md describes every byte.
//
//   crc32c u32      over the rest of the frame, seeded by the segment's id
//   size u24        of the payload, bytes
//   type u8         RecordType
//   lsn u32         low half of the log sequence number; every frame has the next one
//   payload [size]
//
// The seed makes the frames of a recycled segment's former life fail their check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cistern::store {

inline constexpr size_t kFrameHeaderBytes = 12;
inline constexpr size_t kFramePayloadBytesMax = (1U << 24) - 1;
// A synced page is never written again: the first frame after a sync starts a new one.
inline constexpr size_t kWalPageBytes = 4096;
inline constexpr uint8_t kWalVersion = 1;
inline constexpr uint32_t kWalSourcesMax = 4096;

enum class RecordType : uint8_t {
    SegmentStart = 1,  // first frame of a segment
    Samples = 2,
    Series = 3,
    Metadata = 4,
    Source = 5,     // gives a stamp source its number in this segment
    SyncMark = 6,   // everything up to an lsn was on the device when this was written
    Event = 7,      // reserved for store/event
    EventName = 8,  // reserved for store/event
};
inline constexpr uint8_t kRecordTypeMax = 8;

struct Frame {
    RecordType type = RecordType::Samples;
    uint64_t lsn = 0;
    std::span<const std::byte> payload;
    size_t bytes = 0;  // of the whole frame
};

uint32_t segment_seed(uint64_t segment_id);

// Writes the header of a frame whose payload already lies behind it.
void finish_frame(std::span<std::byte> frame, RecordType type, uint64_t lsn, uint32_t seed);
// Recomputes the checksum of a finished frame for another segment.
void reseal_frame(std::span<std::byte> frame, uint32_t seed);
// Bytes of the whole frame as its header says; the header must be finished by us.
size_t frame_bytes(std::span<const std::byte> at);

// The frame at the start of `bytes` if its checksum holds. The upper half of its lsn is chosen so
// that the lsn is the first one >= `lsn_floor`.
std::optional<Frame> parse_frame(std::span<const std::byte> bytes,
                                 uint32_t seed,
                                 uint64_t lsn_floor);
// False when no frame can start here; cheap, checks no bytes but the header's.
bool may_be_frame(std::span<const std::byte> bytes, uint64_t lsn_floor, uint64_t lsn_window);

// "000000000000002a.wal" <-> 42.
std::string segment_file_name(uint64_t segment_id);
std::optional<uint64_t> parse_segment_file_name(std::string_view name);

}  // namespace cistern::store
