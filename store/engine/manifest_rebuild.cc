// SPDX-License-Identifier: MIT
#include "store/engine/manifest_rebuild.h"

#include "store/base/log.h"
#include "store/engine/file_names.h"
#include "store/partition/partition_reader.h"

#include <algorithm>

namespace cistern::store {
namespace {

// Out of the way of the removal of orphans; a person or `cistern recover` may still want it.
constexpr std::string_view kDamagedSuffix = ".damaged";

Result<FileInfo> describe(FileSystem& fs, const std::string& folder, const std::string& name) {
    const auto reader = TRY(PartitionReader::open(fs, folder + "/" + name));
    FileInfo info;
    info.name = name;
    info.period = reader->identity().period;
    info.generation = reader->identity().generation;
    info.sealed = reader->identity().sealed;
    info.samples = reader->samples();
    info.bytes = reader->file_bytes();
    info.first_ns = reader->first_ns();
    info.last_ns = reader->last_ns();
    const auto series = reader->series();
    info.series_max = series.empty() ? 0 : series.back().value();
    return info;
}

}  // namespace

Result<Manifest> rebuild_manifest(FileSystem& fs, const std::string& folder, bool read_only) {
    Manifest manifest;
    for (const DirectoryEntry& entry : TRY(fs.list(folder))) {
        if (entry.is_directory || !is_partition(entry.name)) {
            continue;
        }
        auto info = describe(fs, folder, entry.name);
        if (info) {
            manifest.next_generation = std::max(manifest.next_generation, info->generation + 1);
            manifest.files.push_back(std::move(*info));
            continue;
        }
        log_error("{}: cannot be read and is left out: {}", entry.name, info.error().message);
        const std::string path = folder + "/" + entry.name;
        if (!read_only) {
            TRY(fs.rename(path, path + std::string(kDamagedSuffix)));
        }
    }
    log_warn("{}: made again from {} partition files", folder, manifest.files.size());
    return manifest;
}

}  // namespace cistern::store
