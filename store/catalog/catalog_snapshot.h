// SPDX-License-Identifier: MIT
// catalog.json: the series of a database for people and scripts to read, and a second source for
// definitions whose bytes in catalog.log are damaged.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/catalog/catalog.h"

#include <functional>
#include <memory>
#include <string>

namespace cistern::store {

struct SnapshotEntry {
    SeriesDefinition definition;
    SeriesMetadata metadata;
};

// Writes <path>.tmp entry by entry; nothing is at <path> before finish().
class SnapshotWriter {
  public:
    static Result<SnapshotWriter> create(FileSystem& fs, std::string path);
    [[nodiscard]] Status add(const SnapshotEntry& entry);
    [[nodiscard]] Status finish();

  private:
    SnapshotWriter(FileSystem& fs, std::string path, std::unique_ptr<File> file)
        : fs_(&fs), path_(std::move(path)), file_(std::move(file)) {}
    [[nodiscard]] Status write_out();

    FileSystem* fs_;
    std::string path_;
    std::unique_ptr<File> file_;
    std::string pending_;
    uint64_t offset_ = 0;
    bool first_ = true;
};

// Gives every entry that can be read to `sink`; the rest is skipped. NotFound without a file.
Status read_snapshot(FileSystem& fs,
                     const std::string& path,
                     const std::function<void(SnapshotEntry)>& sink);

}  // namespace cistern::store
