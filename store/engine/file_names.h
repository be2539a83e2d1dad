// SPDX-License-Identifier: MIT
// Names within a database's folder.
#pragma once

#include "store/engine/live_files.h"
#include "store/engine/options.h"

#include <memory>
#include <string>
#include <string_view>

namespace cistern::store {

inline constexpr std::string_view kWalFolder = "wal";

// "data-2026-11-21.17.cst"
std::string partition_file_name(PartitionPeriod kind, TimestampNs begin, uint32_t generation);
bool is_partition(std::string_view name);
bool is_partition_or_temporary(std::string_view name);
std::string messages_path(const std::string& folder);
// Into the order of FileList.
void sort_files(FileList& files);

}  // namespace cistern::store
