// SPDX-License-Identifier: MIT
// A checksummed stretch of a partition file.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/partition/partition_format.h"

#include <memory>
#include <span>
#include <vector>

namespace cistern::store {

// Appends a frame whose body `write_body` appends to the buffer that it is given.
template <class WriteBody>
void append_frame(FrameKind kind, std::vector<std::byte>& out, WriteBody write_body);

struct Frame {
    FrameKind kind{};
    std::span<const std::byte> body;
    std::unique_ptr<std::byte[]> bytes;  // owns what body points into
};

// Reads and verifies the frame at `offset` of `bytes` bytes. Corruption when it does not verify.
Result<Frame> read_frame(File& file, uint64_t offset, uint32_t bytes);

struct FrameHead {
    uint32_t crc = 0;
    uint32_t bytes = 0;
    FrameKind kind{};
};

// Nothing is verified but that the length can hold the head and the kind exists.
bool parse_frame_head(std::span<const std::byte> bytes, FrameHead& head);
// `frame` is the whole frame.
bool frame_verifies(std::span<const std::byte> frame);

namespace detail {
void begin_frame(std::vector<std::byte>& out);
void end_frame(FrameKind kind, size_t at, std::vector<std::byte>& out);
}  // namespace detail

template <class WriteBody>
void append_frame(FrameKind kind, std::vector<std::byte>& out, WriteBody write_body) {
    const size_t at = out.size();
    detail::begin_frame(out);
    write_body(out);
    detail::end_frame(kind, at, out);
}

}  // namespace cistern::store
