// SPDX-License-Identifier: MIT
#include "app/verification.h"

#include "app/inspection.h"
#include "app/inspection_result.h"
#include "app/live_folder.h"
#include "store/base/message_context.h"
#include "store/engine/file_names.h"
#include "store/partition/partition_reader.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <utility>

namespace cistern::app {
namespace {

struct VerifiedFile {
    std::vector<store::BlockFault> faults;
    uint64_t bytes = 0;
    uint64_t samples = 0;
};

std::string describe(const store::BlockFault& fault, const std::string& path) {
    const std::string_view reason = without_context(fault.reason, path);
    return fault.series.value() == 0 ? std::string(reason)
                                     : fmt::format("series {}: {}", fault.series.value(), reason);
}

void add_fault(Verification& verified,
               std::string path,
               uint64_t offset,
               const std::string& reason) {
    std::string told(without_context(reason, path));
    verified.faults.push_back({std::move(path), offset, std::move(told)});
}

Result<VerifiedFile> verify_file(const std::string& path) {
    const auto file = TRY(store::PartitionReader::open(posix_file_system(), path));
    VerifiedFile verified;
    file->verify(verified.faults);
    verified.bytes = file->file_bytes();
    verified.samples = file->samples();
    return verified;
}

void add_file(Verification& verified, const std::string& path, const Result<VerifiedFile>& file) {
    ++verified.files;
    if (!file) {
        add_fault(verified,
                  path,
                  0,
                  file.error().code == ErrorCode::NotFound ? "the file is missing"
                                                           : file.error().message);
        return;
    }
    for (const store::BlockFault& fault : file->faults) {
        add_fault(verified, path, fault.offset, describe(fault, path));
    }
    verified.bytes += file->bytes;
    verified.samples += file->samples;
}

// Without a MANIFEST every partition file that is there counts, as it does for a store that opens.
void verify_unnamed_files(const InspectedFolder& folder, Verification& verified) {
    const auto entries = posix_file_system().list(folder.path());
    if (!entries) {
        add_fault(verified, folder.path(), 0, entries.error().message);
        return;
    }
    for (const DirectoryEntry& entry : *entries) {
        if (store::is_partition(entry.name)) {
            const std::string path = folder.path() + "/" + entry.name;
            add_file(verified, path, verify_file(path));
        }
    }
}

void verify_files(const InspectedFolder& folder, Verification& verified) {
    const std::string manifest = folder.path() + "/" + std::string(store::kManifestName);
    std::map<std::string, VerifiedFile> by_name;
    const auto found = read_live_files(folder.path(), [&](const store::FileInfo& info) -> Status {
        by_name[info.name] = TRY(verify_file(folder.path() + "/" + info.name));
        return {};
    });
    if (!found) {
        add_fault(verified,
                  manifest,
                  0,
                  std::string(without_context(found.error().message, store::kManifestName)));
        verify_unnamed_files(folder, verified);
        return;
    }
    if (const auto exists = posix_file_system().exists(manifest); exists && !*exists) {
        const uint64_t before = verified.files;
        verify_unnamed_files(folder, verified);
        if (verified.files > before) {
            add_fault(verified, manifest, 0, "the file is missing");
        }
        return;
    }
    for (const auto& [info, read] : *found) {
        add_file(verified,
                 folder.path() + "/" + info.name,
                 read ? Result<VerifiedFile>(std::move(by_name[info.name]))
                      : tl::unexpected(read.error()));
    }
}

void verify_database(const InspectedFolder& folder, Verification& verified) {
    ++verified.databases;
    verify_files(folder, verified);
    if (const auto catalog = inspect_catalog(folder); !catalog) {
        add_fault(verified, folder.path() + "/catalog.log", 0, catalog.error().message);
    } else {
        for (const auto& warning : catalog->json["warnings"]) {
            add_fault(verified, folder.path() + "/catalog.log", 0, warning);
        }
    }
    if (const auto log = inspect_log(folder); !log) {
        add_fault(verified, folder.path() + "/wal", 0, log.error().message);
    } else {
        for (const auto& fault : log->json["faults"]) {
            add_fault(verified,
                      folder.path() + "/wal/" + fault["file"].get<std::string>(),
                      fault["offset"],
                      fault["reason"]);
        }
    }
}

}  // namespace

Result<Verification> verify_root(const std::string& root, const std::string& database) {
    Verification verified;
    for (const std::string& name : TRY(databases_of(root, database))) {
        verify_database({root, name, false}, verified);
    }
    return verified;
}

}  // namespace cistern::app
