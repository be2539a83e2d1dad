// SPDX-License-Identifier: MIT
// MANIFEST: which partition files of a database live, and what of the log they hold. Replaced
// atomically; docs/formats/manifest.md describes the text.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/model/sample.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::store {

struct FileInfo {
    std::string name;  // within the database's folder
    TimeRange period;
    uint32_t generation = 0;
    bool sealed = false;
    uint64_t samples = 0;
    uint64_t bytes = 0;       // as the folder says; not in the MANIFEST
    uint32_t series_max = 0;  // highest id in the file
    TimestampNs first_ns = 0;
    TimestampNs last_ns = 0;
    bool operator==(const FileInfo&) const = default;
};

struct Manifest {
    uint64_t flushed_lsn = 0;  // every sample up to it is in files
    uint32_t next_generation = 1;
    int64_t trusted_time_ns = 0;  // how far retention's clock has come; 0 = never ran
    std::vector<FileInfo> files;
    bool operator==(const Manifest&) const = default;
};

inline constexpr std::string_view kManifestName = "MANIFEST";

std::string print_manifest(const Manifest& manifest);
// Corruption: the text was changed or cut. Unsupported: a newer version.
Result<Manifest> parse_manifest(std::string_view text);

// Nothing when there is no MANIFEST yet.
Result<std::optional<Manifest>> load_manifest(FileSystem& fs, const std::string& folder);
Status save_manifest(FileSystem& fs, const std::string& folder, const Manifest& manifest);

}  // namespace cistern::store
