// SPDX-License-Identifier: MIT
// Reads a database's folder file by file while a server may change it: what was torn because the
// server was writing is read again, what is damaged is damaged twice.
#pragma once

#include "store/base/file_system.h"
#include "store/engine/manifest.h"
#include "store/wal/wal_reader.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cistern::store {
class Catalog;
}

namespace cistern::app {

// Reads one partition file. An error counts once the newest MANIFEST still names the file.
using FileReading = std::function<Status(const store::FileInfo& info)>;

struct LiveFileResult {
    store::FileInfo info;
    Status read;
};

// Every file of one MANIFEST is read, each once; files that were merged or expired meanwhile are
// left out and what came in their place is read. Fails when there is no readable MANIFEST; empty
// for a database that never had one.
Result<std::vector<LiveFileResult>> read_live_files(const std::string& folder,
                                                    const FileReading& read);

struct LiveCatalog {
    std::unique_ptr<store::Catalog> catalog;
    std::vector<std::string> warnings;
};
Result<LiveCatalog> open_live_catalog(const std::string& folder);

// What of the log is not in partition files. `make_visitor` makes the visitor of one attempt; the
// last one made is that of the report.
Result<store::WalReport> read_live_log(const std::string& folder,
                                       const std::function<store::WalVisitor&()>& make_visitor);

}  // namespace cistern::app
