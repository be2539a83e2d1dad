// SPDX-License-Identifier: MIT
// Dashboards as JSON files in one folder: checked before they are kept, replaced atomically, the
// version before saved beside them.
#pragma once

#include "store/base/clock.h"
#include "store/base/file_system.h"
#include "store/base/mutex.h"
#include "store/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace cistern::web {

inline constexpr size_t kDashboardBytesMax = 1 << 20;
inline constexpr size_t kDashboardsMax = 1000;
inline constexpr size_t kDashboardBackups = 5;  // of each

struct DashboardFile {
    std::string id;
    std::string document;  // JSON as it was sent; keys that this version does not know are kept
    std::string etag;      // with its quotes
};

struct DashboardSummary {
    std::string id;
    std::string title;
    std::string etag;
};

// Thread safe.
class Dashboards {
  public:
    // `folder` is made when the first one is kept. `fs` and `clock` must outlive it.
    Dashboards(FileSystem& fs, Clock& clock, std::string folder)
        : fs_(fs), clock_(clock), folder_(std::move(folder)) {}

    // Sorted by id. Files that are no dashboard are left out.
    [[nodiscard]] Result<std::vector<DashboardSummary>> list() const;
    [[nodiscard]] Result<DashboardFile> read(std::string_view id) const;

    // What must hold for the change to be made; empty: nothing.
    struct Condition {
        std::string if_match;        // one of these etags, or *
        bool if_none_match = false;  // it must not exist yet
    };
    // Unavailable: the condition does not hold (somebody else changed it). InvalidArgument: the
    // document is bad; the message lists every fault.
    Result<DashboardFile> write(std::string_view id,
                                std::string_view document,
                                const Condition& condition);
    // The last version stays as a backup.
    Status remove(std::string_view id, const Condition& condition);

    // Every fault of a document; empty when it is good.
    static std::vector<std::string> faults_of(std::string_view document);
    // [a-z0-9][a-z0-9_-]{0,63}
    static bool is_id(std::string_view id);

  private:
    [[nodiscard]] std::string path_of(std::string_view id) const;
    Status check(std::string_view id, const Condition& condition) const CISTERN_REQUIRES(mutex_);
    Status back_up(std::string_view id) CISTERN_REQUIRES(mutex_);
    [[nodiscard]] Result<DashboardFile> read_locked(std::string_view id) const
        CISTERN_REQUIRES(mutex_);
    [[nodiscard]] Result<std::vector<std::string>> ids() const CISTERN_REQUIRES(mutex_);

    FileSystem& fs_;
    Clock& clock_;
    const std::string folder_;
    mutable Mutex mutex_;
};

}  // namespace cistern::web
