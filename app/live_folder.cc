// SPDX-License-Identifier: MIT
#include "app/live_folder.h"

#include "store/catalog/catalog.h"

#include <chrono>
#include <thread>
#include <utility>

namespace cistern::app {
namespace {

// A server that writes without a pause is never seen at rest; then the last look counts.
constexpr int kTriesMax = 20;
constexpr std::chrono::milliseconds kPause(20);

Result<store::Manifest> manifest_of(const std::string& folder) {
    const auto loaded = TRY(store::load_manifest(posix_file_system(), folder));
    return loaded.value_or(store::Manifest{});
}

}  // namespace

Result<std::vector<LiveFileResult>> read_live_files(const std::string& folder,
                                                    const FileReading& read) {
    std::map<std::string, Status> done;  // the names of files are never used twice
    store::Manifest manifest = TRY(manifest_of(folder));
    for (int tries = 1;; ++tries) {
        bool failed = false;
        for (const store::FileInfo& info : manifest.files) {
            if (const auto known = done.find(info.name); known == done.end() || !known->second) {
                done[info.name] = read(info);
                failed = failed || !done[info.name];
            }
        }
        if (!failed || tries == kTriesMax) {
            break;
        }
        store::Manifest now = TRY(manifest_of(folder));
        if (now.files == manifest.files) {
            break;
        }
        manifest = std::move(now);
    }
    std::vector<LiveFileResult> results;
    for (const store::FileInfo& info : manifest.files) {
        results.push_back({info, done[info.name]});
    }
    return results;
}

Result<LiveCatalog> open_live_catalog(const std::string& folder) {
    std::vector<std::string> before;
    for (int tries = 1;; ++tries) {
        LiveCatalog live;
        live.catalog = TRY(store::Catalog::open(posix_file_system(), folder, live.warnings));
        if (live.warnings.empty() || live.warnings == before || tries == kTriesMax) {
            return live;
        }
        before = live.warnings;
        std::this_thread::sleep_for(kPause);
    }
}

Result<store::WalReport> read_live_log(const std::string& folder,
                                       const std::function<store::WalVisitor&()>& make_visitor) {
    std::vector<store::WalFault> before;
    for (int tries = 1;; ++tries) {
        // What is in files already may be gone from the log. A damaged MANIFEST is shown elsewhere.
        const uint64_t flushed = manifest_of(folder).value_or(store::Manifest{}).flushed_lsn;
        store::WalReport report =
            TRY(store::read_wal(posix_file_system(), folder + "/wal", flushed, make_visitor()));
        if (report.faults.empty() || report.faults == before || tries == kTriesMax) {
            return report;
        }
        before = std::move(report.faults);
        std::this_thread::sleep_for(kPause);
    }
}

}  // namespace cistern::app
