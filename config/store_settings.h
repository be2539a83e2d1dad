// SPDX-License-Identifier: MIT
// The store's part of engine.toml ([wal], [durability], [manifest_defaults]) and a database's own
// manifest.toml. Keys are those of the seed where it has them.
#pragma once

#include "config/table_reader.h"
#include "store/base/file_system.h"
#include "store/engine/options.h"

#include <string>

namespace cistern::config {

// [wal] and [durability] of engine.toml.
void read_store_settings(TableReader& root, store::StoreOptions& options);

// [retention], [wal], [page], [ingest]: the tables of manifest.toml, which [manifest_defaults]
// holds as sub-tables. Keys that are absent leave what is in `options`.
void read_database_settings(TableReader& table, store::DatabaseOptions& options);

// Reads <folder>/manifest.toml over `defaults`; without the file gives `defaults`.
// InvalidArgument lists every problem.
Result<store::DatabaseOptions> load_manifest(FileSystem& fs,
                                             const std::string& folder,
                                             const store::DatabaseOptions& defaults);

}  // namespace cistern::config
