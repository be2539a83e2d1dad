// SPDX-License-Identifier: MIT
// Files -> a consistent database, after any crash.
#pragma once

#include "store/engine/local_database.h"

#include <memory>
#include <string>

namespace cistern::store {

// MANIFEST, then the catalog, then what the log has beyond the files; every sample exactly once.
// Damage is logged and does not stop the rest. Used once, by LocalDatabase::open.
class Recovery {
  public:
    explicit Recovery(LocalDatabase& database) : database_(database) {}
    [[nodiscard]] Status run();

  private:
    // The analysis does not see that run() holds both locks.
    [[nodiscard]] Status load_or_make_manifest() CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    [[nodiscard]] Status load_files() CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    [[nodiscard]] Status load_catalog() CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    [[nodiscard]] Status replay_log() CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    [[nodiscard]] Status start_log(const WalReport& report) CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    void remove_orphans(const std::vector<DirectoryEntry>& entries)
        CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    void note_last_timestamps() CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    void reserve_ids_of_files();
    void sync_segment(const std::string& path);

    LocalDatabase& database_;
    bool flush_at_once_ = false;
};

}  // namespace cistern::store
