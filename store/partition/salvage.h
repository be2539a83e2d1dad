// SPDX-License-Identifier: MIT
// Saves what can be saved from a damaged partition file, with or without an index.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/partition/partition_reader.h"
#include "store/partition/partition_writer.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cistern::store {

struct SalvageResult {
    std::optional<PartitionIdentity> identity;  // nothing when header and its copy are lost
    uint64_t blocks = 0;                        // given to the sink
    uint64_t samples = 0;
    std::vector<BlockFault> faults;  // what was lost; series 0 when it is not known whose
};

// One block's samples, valid during the call. An error stops the salvage and is returned by it.
using SalvageSink = std::function<Status(const SeriesColumns& columns)>;

// Scans the whole file and gives every block that verifies to `sink`: series ascending, and the
// blocks of one series in time order. Fails only when the file cannot be opened or the sink says
// so.
Result<SalvageResult> salvage(FileSystem& fs, const std::string& path, const SalvageSink& sink);

}  // namespace cistern::store
