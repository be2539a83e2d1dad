// SPDX-License-Identifier: MIT
// Finds the frames of one segment, around padding and damage.
#pragma once

#include "store/wal/wal_format.h"

#include <cstdint>
#include <span>
#include <vector>

namespace cistern::store {

struct FoundFrame {
    Frame frame;
    uint64_t offset = 0;
};

// Every frame with a good checksum, in file order, lsn ascending from `lsn_floor`. The frames point
// into `bytes`.
std::vector<FoundFrame> scan_segment(std::span<const std::byte> bytes,
                                     uint64_t segment_id,
                                     uint64_t lsn_floor);

}  // namespace cistern::store
