// SPDX-License-Identifier: MIT
#include "app/verification.h"

#include "app/inspection.h"
#include "app/inspection_result.h"
#include "app/live_folder.h"
#include "store/partition/partition_reader.h"

#include <fmt/format.h>

#include <map>

namespace cistern::app {
namespace {

struct VerifiedFile {
    std::vector<store::BlockFault> faults;
    uint64_t bytes = 0;
    uint64_t samples = 0;
};

std::string describe(const store::BlockFault& fault) {
    return fault.series.value() == 0
               ? fault.reason
               : fmt::format("series {}: {}", fault.series.value(), fault.reason);
}

void verify_files(const InspectedFolder& folder, Verification& verified) {
    std::map<std::string, VerifiedFile> by_name;
    const auto found = read_live_files(folder.path(), [&](const store::FileInfo& info) -> Status {
        const auto file =
            TRY(store::PartitionReader::open(posix_file_system(), folder.path() + "/" + info.name));
        VerifiedFile one;
        file->verify(one.faults);
        one.bytes = file->file_bytes();
        one.samples = file->samples();
        by_name[info.name] = std::move(one);
        return {};
    });
    if (!found) {
        verified.faults.push_back({folder.path() + "/MANIFEST", 0, found.error().message});
        return;
    }
    for (const auto& [info, read] : *found) {
        const std::string path = folder.path() + "/" + info.name;
        ++verified.files;
        if (!read) {
            verified.faults.push_back({path, 0, read.error().message});
            continue;
        }
        const VerifiedFile& file = by_name[info.name];
        for (const store::BlockFault& fault : file.faults) {
            verified.faults.push_back({path, fault.offset, describe(fault)});
        }
        verified.bytes += file.bytes;
        verified.samples += file.samples;
    }
}

void verify_database(const InspectedFolder& folder, Verification& verified) {
    ++verified.databases;
    verify_files(folder, verified);
    if (const auto catalog = inspect_catalog(folder); !catalog) {
        verified.faults.push_back({folder.path() + "/catalog.log", 0, catalog.error().message});
    } else {
        for (const auto& warning : catalog->json["warnings"]) {
            verified.faults.push_back({folder.path() + "/catalog.log", 0, warning});
        }
    }
    if (const auto log = inspect_log(folder); !log) {
        verified.faults.push_back({folder.path() + "/wal", 0, log.error().message});
    } else {
        for (const auto& fault : log->json["faults"]) {
            verified.faults.push_back({folder.path() + "/wal/" + fault["file"].get<std::string>(),
                                       fault["offset"],
                                       fault["reason"]});
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
