// SPDX-License-Identifier: MIT
// cistern verify: reads every byte, reports every fault.
#include "app/command_line.h"
#include "app/inspection.h"
#include "app/inspection_result.h"
#include "app/terminal.h"
#include "store/base/file_system.h"
#include "store/engine/manifest.h"
#include "store/partition/partition_reader.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cistern::app {
namespace {

struct VerifyOptions {
    std::string root;
    bool json = false;
};

struct Fault {
    std::string file;
    uint64_t offset = 0;
    std::string reason;
};

struct Verified {
    std::vector<Fault> faults;
    uint64_t files = 0;
    uint64_t bytes = 0;
    uint64_t samples = 0;
};

void verify_file(const std::string& path, Verified& verified) {
    const auto file = store::PartitionReader::open(posix_file_system(), path);
    if (!file) {
        verified.faults.push_back({path, 0, file.error().message});
        return;
    }
    std::vector<store::BlockFault> faults;
    (*file)->verify(faults);
    for (const store::BlockFault& fault : faults) {
        verified.faults.push_back(
            {path, fault.offset, fmt::format("series {}: {}", fault.series.value(), fault.reason)});
    }
    verified.bytes += (*file)->file_bytes();
    verified.samples += (*file)->samples();
}

void verify_database(const InspectedFolder& folder, Verified& verified) {
    const auto manifest = store::load_manifest(posix_file_system(), folder.path());
    if (!manifest) {
        verified.faults.push_back({folder.path() + "/MANIFEST", 0, manifest.error().message});
    } else if (*manifest) {
        for (const store::FileInfo& info : (*manifest)->files) {
            ++verified.files;
            verify_file(folder.path() + "/" + info.name, verified);
        }
    }
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
            verified.faults.push_back({fault["file"], fault["offset"], fault["reason"]});
        }
    }
}

Result<Verified> verify_root(const std::string& root) {
    Verified verified;
    for (const DirectoryEntry& entry : TRY(posix_file_system().list(root))) {
        const InspectedFolder folder{root, entry.name, false};
        const bool is_database =
            entry.is_directory && TRY(posix_file_system().exists(folder.path() + "/wal"));
        if (is_database) {
            verify_database(folder, verified);
        }
    }
    return verified;
}

int run_verify(const VerifyOptions& options) {
    const auto verified = verify_root(options.root);
    if (!verified) {
        return report(verified.error());
    }
    nlohmann::json faults = nlohmann::json::array();
    for (const Fault& fault : verified->faults) {
        faults.push_back(
            {{"file", fault.file}, {"offset", fault.offset}, {"reason", fault.reason}});
    }
    if (options.json) {
        fmt::print("{}\n",
                   nlohmann::json{{"ok", faults.empty()},
                                  {"files", verified->files},
                                  {"bytes", verified->bytes},
                                  {"samples", verified->samples},
                                  {"faults", faults}}
                       .dump(2));
    } else {
        for (const Fault& fault : verified->faults) {
            fmt::print("{} at byte {}: {}\n", fault.file, fault.offset, fault.reason);
        }
        fmt::print("{} files, {}, {} samples: {} faults\n",
                   verified->files,
                   human_bytes(verified->bytes),
                   human_count(verified->samples),
                   verified->faults.size());
    }
    return verified->faults.empty() ? kExitOk : kExitProblem;
}

}  // namespace

void add_verify(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<VerifyOptions>();
    auto* command = app.add_subcommand("verify", "Read every byte and report every fault");
    command->footer(
        "Checks the checksums and the sense of every partition file, catalog and log segment of "
        "the root.\n"
        "Exit 0 without a fault, 1 with one. Beside a running server the newest part of the log "
        "may be in\n"
        "the making; that is no fault.");
    add_root_option(*command, options->root);
    command->add_flag("--json", options->json, "Print the faults as JSON");
    command->callback([options, &exit_code] { exit_code = run_verify(*options); });
}

}  // namespace cistern::app
