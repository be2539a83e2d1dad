// SPDX-License-Identifier: MIT
// Files -> a consistent database, after any crash.
#pragma once

#include "store/base/log.h"
#include "store/engine/local_database.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cistern::store {

// MANIFEST, then the catalog, then what the log has beyond the files; every sample exactly once.
// Damage is logged and does not stop the rest. Used once, by LocalDatabase::open.
class Recovery {
  public:
    // `may_try_again`: what is missing is a reason to start over, not yet a fault; and so is damage
    // of the log that was not there at the last try, `faults_before`.
    Recovery(LocalDatabase& database, bool may_try_again, std::vector<WalFault> faults_before)
        : database_(database),
          may_try_again_(may_try_again),
          faults_before_(std::move(faults_before)) {}
    [[nodiscard]] Status run();
    enum class Verdict : uint8_t {
        Done,
        Again,  // what was read does not belong together
        Last    // nothing moved meanwhile: what is missing is missing, another try is the last one
    };
    [[nodiscard]] Verdict judge(const Status& recovered) const;
    // Writes to the log what it found; later than it was found where that may be tried again.
    void tell() const;
    [[nodiscard]] const std::vector<WalFault>& faults() const { return faults_; }

  private:
    // The analysis does not see that run() holds both locks.
    [[nodiscard]] Status load_or_make_manifest() CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    [[nodiscard]] Status load_files() CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    [[nodiscard]] Status load_catalog() CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    [[nodiscard]] Status replay_log() CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    [[nodiscard]] Status start_log(const WalReport& report) CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    void note(LogLevel level, std::string line);
    void remove_orphans(const std::vector<DirectoryEntry>& entries)
        CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    void hold_files();
    void note_last_timestamps() CISTERN_NO_THREAD_SAFETY_ANALYSIS;
    void reserve_ids_of_files();
    void sync_segment(const std::string& path);

    LocalDatabase& database_;
    const bool may_try_again_;
    const std::vector<WalFault> faults_before_;
    std::vector<WalFault> faults_;  // of the log
    std::vector<std::pair<LogLevel, std::string>> notes_;
    bool file_is_missing_ = false;
    std::optional<Manifest> loaded_manifest_;
    bool flush_at_once_ = false;
};

}  // namespace cistern::store
