// SPDX-License-Identifier: MIT
#include "app/inspection.h"

#include "store/base/file_system.h"
#include "store/model/labels.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::app {
namespace {

// By what the store knows one.
bool is_database(const std::string& folder) {
    const auto has = [&folder](const char* name) {
        const auto found = posix_file_system().exists(folder + "/" + name);
        return found && *found;
    };
    return has("MANIFEST") || has("catalog.log") || has("wal") || has("manifest.toml");
}

}  // namespace

Result<std::vector<std::string>> databases_of(const std::string& root,
                                              const std::string& database) {
    FileSystem& fs = posix_file_system();
    if (!TRY(fs.exists(root))) {
        return fail(ErrorCode::NotFound, fmt::format("there is no folder {}", root));
    }
    std::vector<std::string> names;
    for (const DirectoryEntry& entry : TRY(fs.list(root))) {
        if (entry.is_directory && store::validate_database_name(entry.name) &&
            is_database(root + "/" + entry.name)) {
            names.push_back(entry.name);
        }
    }
    if (names.empty()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("{} holds no database; --root names the folder in which the "
                                "databases' folders are",
                                root));
    }
    if (database.empty()) {
        return names;
    }
    if (std::find(names.begin(), names.end(), database) == names.end()) {
        return fail(ErrorCode::NotFound,
                    fmt::format("there is no database '{}' in {}; there are: {}",
                                database,
                                root,
                                fmt::join(names, ", ")));
    }
    return std::vector{database};
}

}  // namespace cistern::app
