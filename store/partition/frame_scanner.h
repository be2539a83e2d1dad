// SPDX-License-Identifier: MIT
// Walks the frames of a file from the first to the last without an index, stepping over damage:
// after a frame that does not verify, the next byte at which one does is searched.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/partition/frame.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace cistern::store {

// Bytes that belong to no frame that verifies.
struct DamagedStretch {
    uint64_t offset = 0;
    uint64_t bytes = 0;
};

class FrameScanner {
  public:
    // Scans [begin, end) of the file.
    FrameScanner(File& file, uint64_t begin, uint64_t end) : file_(file), at_(begin), end_(end) {}

    struct Found {
        uint64_t offset = 0;
        uint32_t bytes = 0;
        Frame frame;
    };
    // The next frame that verifies; nothing at the end. Bytes that cannot be read count as damaged.
    [[nodiscard]] std::optional<Found> next();

    // So far.
    [[nodiscard]] const std::vector<DamagedStretch>& damaged() const { return damaged_; }

  private:
    std::optional<Found> frame_at(uint64_t offset);
    std::optional<Found> search(uint64_t from);
    std::optional<Found> search_window(uint64_t from, std::span<const std::byte> window);

    File& file_;
    uint64_t at_;
    const uint64_t end_;
    std::vector<DamagedStretch> damaged_;
};

}  // namespace cistern::store
