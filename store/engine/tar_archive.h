// SPDX-License-Identifier: MIT
// Expired partition files go into tar files (POSIX.1-1988 ustar), which every system can read.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/engine/options.h"
#include "store/model/sample.h"

#include <string>

namespace cistern::store {

// The bucket of a period, named as NanoTDB names it: days go to "archive-2026-11.tar", months to
// "archive-2026.tar", years to "archive-forever.tar".
std::string archive_name(PartitionPeriod kind, TimestampNs begin);

// Copies a file to the end of a tar, which is made when missing, and syncs it. An entry of this
// name that is there already is left alone. A crash leaves the tar without the entry or with all
// of it. Corruption: what is there is no tar.
Status append_to_tar(FileSystem& fs,
                     const std::string& tar_path,
                     const std::string& source_path,
                     const std::string& entry_name);

}  // namespace cistern::store
