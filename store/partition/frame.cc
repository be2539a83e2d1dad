// SPDX-License-Identifier: MIT
#include "store/partition/frame.h"

#include "store/base/assert.h"
#include "store/base/crc32c.h"

#include <fmt/format.h>

#include <cstring>

namespace cistern::store {

namespace detail {

void begin_frame(std::vector<std::byte>& out) {
    out.resize(out.size() + kFrameHeadBytes);
}

void end_frame(FrameKind kind, size_t at, std::vector<std::byte>& out) {
    const size_t bytes = out.size() - at;
    CISTERN_ASSERT(bytes <= kFrameBytesMax);
    const uint32_t word = static_cast<uint32_t>(bytes) | static_cast<uint32_t>(kind) << 24;
    std::memcpy(out.data() + at + 4, &word, sizeof(word));
    const uint32_t crc = crc32c(std::span(out).subspan(at + 4));
    std::memcpy(out.data() + at, &crc, sizeof(crc));
}

}  // namespace detail

bool parse_frame_head(std::span<const std::byte> bytes, FrameHead& head) {
    if (bytes.size() < kFrameHeadBytes) {
        return false;
    }
    uint32_t word = 0;
    std::memcpy(&head.crc, bytes.data(), sizeof(head.crc));
    std::memcpy(&word, bytes.data() + 4, sizeof(word));
    head.bytes = word & kFrameBytesMax;
    const auto kind = static_cast<uint8_t>(word >> 24);
    head.kind = static_cast<FrameKind>(kind);
    return head.bytes >= kFrameHeadBytes && kind >= static_cast<uint8_t>(FrameKind::Time) &&
           kind <= static_cast<uint8_t>(FrameKind::Directory);
}

bool frame_verifies(std::span<const std::byte> frame) {
    FrameHead head;
    return parse_frame_head(frame, head) && head.bytes == frame.size() &&
           crc32c(frame.subspan(4)) == head.crc;
}

Result<Frame> read_frame(File& file, uint64_t offset, uint32_t bytes) {
    if (bytes < kFrameHeadBytes || bytes > kFrameBytesMax) {
        return fail(ErrorCode::Corruption,
                    fmt::format("frame at {} has an impossible size of {} bytes", offset, bytes));
    }
    Frame frame;
    frame.bytes = std::make_unique_for_overwrite<std::byte[]>(bytes);
    const std::span<std::byte> whole(frame.bytes.get(), bytes);
    const size_t got = TRY(file.pread(offset, whole));
    if (got != bytes) {
        return fail(ErrorCode::Corruption,
                    fmt::format("frame at {} is cut off after {} of {} bytes", offset, got, bytes));
    }
    if (!frame_verifies(whole)) {
        return fail(ErrorCode::Corruption, fmt::format("frame at {} fails its checksum", offset));
    }
    FrameHead head;
    parse_frame_head(whole, head);
    frame.kind = head.kind;
    frame.body = whole.subspan(kFrameHeadBytes);
    return frame;
}

}  // namespace cistern::store
