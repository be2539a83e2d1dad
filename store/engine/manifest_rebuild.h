// SPDX-License-Identifier: MIT
// A MANIFEST from the partition files themselves, when the real one is lost or damaged.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/engine/manifest.h"

#include <string>
#include <vector>

namespace cistern::store {

// Names every partition file of the folder that can be opened. Nothing of the log counts as
// flushed: what it still holds is replayed over the files, which changes no value. A file that was
// merged away but not removed yet comes back beside its successor, which wins.
Result<Manifest> rebuild_manifest(FileSystem& fs, const std::string& folder, bool read_only);

}  // namespace cistern::store
