// SPDX-License-Identifier: MIT
#include "store/wal/wal_format.h"

#include "store/base/crc32c.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace cistern::store {
namespace {

constexpr std::string_view kSuffix = ".wal";
constexpr size_t kIdDigits = 16;

uint32_t load_u32(const std::byte* at) {
    uint32_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    return value;
}

void store_u32(std::byte* at, uint32_t value) {
    std::memcpy(at, &value, sizeof(value));
}

}  // namespace

uint32_t segment_seed(uint64_t segment_id) {
    return crc32c(std::as_bytes(std::span(&segment_id, 1)));
}

void finish_frame(std::span<std::byte> frame, RecordType type, uint64_t lsn, uint32_t seed) {
    const auto payload = static_cast<uint32_t>(frame.size() - kFrameHeaderBytes);
    store_u32(frame.data() + 4, payload | static_cast<uint32_t>(type) << 24);
    store_u32(frame.data() + 8, static_cast<uint32_t>(lsn));
    reseal_frame(frame, seed);
}

void reseal_frame(std::span<std::byte> frame, uint32_t seed) {
    store_u32(frame.data(), crc32c(frame.subspan(4), seed));
}

size_t frame_bytes(std::span<const std::byte> at) {
    return kFrameHeaderBytes + (load_u32(at.data() + 4) & kFramePayloadBytesMax);
}

bool may_be_frame(std::span<const std::byte> bytes, uint64_t lsn_floor, uint64_t lsn_window) {
    if (bytes.size() < kFrameHeaderBytes) {
        return false;
    }
    const uint32_t size_and_type = load_u32(bytes.data() + 4);
    const uint32_t type = size_and_type >> 24;
    if (type == 0 || type > kRecordTypeMax ||
        (size_and_type & kFramePayloadBytesMax) > bytes.size() - kFrameHeaderBytes) {
        return false;
    }
    return load_u32(bytes.data() + 8) - static_cast<uint32_t>(lsn_floor) < lsn_window;
}

std::optional<Frame> parse_frame(std::span<const std::byte> bytes,
                                 uint32_t seed,
                                 uint64_t lsn_floor) {
    if (!may_be_frame(bytes, lsn_floor, uint64_t{1} << 32)) {
        return std::nullopt;
    }
    const uint32_t size_and_type = load_u32(bytes.data() + 4);
    Frame frame;
    frame.bytes = kFrameHeaderBytes + (size_and_type & kFramePayloadBytesMax);
    if (crc32c(bytes.subspan(4, frame.bytes - 4), seed) != load_u32(bytes.data())) {
        return std::nullopt;
    }
    frame.type = static_cast<RecordType>(size_and_type >> 24);
    frame.lsn = lsn_floor + static_cast<uint32_t>(load_u32(bytes.data() + 8) -
                                                  static_cast<uint32_t>(lsn_floor));
    frame.payload = bytes.subspan(kFrameHeaderBytes, frame.bytes - kFrameHeaderBytes);
    return frame;
}

std::string segment_file_name(uint64_t segment_id) {
    return fmt::format("{:016x}{}", segment_id, kSuffix);
}

std::optional<uint64_t> parse_segment_file_name(std::string_view name) {
    if (name.size() != kIdDigits + kSuffix.size() || !name.ends_with(kSuffix)) {
        return std::nullopt;
    }
    uint64_t id = 0;
    const char* end = name.data() + kIdDigits;
    const auto [stop, error] = std::from_chars(name.data(), end, id, 16);
    if (error != std::errc{} || stop != end || segment_file_name(id) != name) {
        return std::nullopt;
    }
    return id;
}

}  // namespace cistern::store
