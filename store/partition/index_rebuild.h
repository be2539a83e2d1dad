// SPDX-License-Identifier: MIT
// The index of a file whose own index is damaged: from the frames that verify.
#pragma once

#include "store/base/file_system.h"
#include "store/partition/block_index.h"
#include "store/partition/partition_format.h"

#include <optional>
#include <vector>

namespace cistern::store {

struct RebuiltIndex {
    std::optional<FileHeader> header;  // the header or its copy; nothing when both are lost
    std::vector<TimeEntry> times;      // their numbers are new: positions in this vector
    std::vector<IndexedBlock> blocks;  // by series, then time
    std::vector<BlockFault> faults;    // what is missing; series 0 when it is not known whose
};

// Reads the whole file once; blocks of index pages that are lost are decoded for their aggregates.
RebuiltIndex rebuild_index(File& file, uint64_t file_bytes);

}  // namespace cistern::store
