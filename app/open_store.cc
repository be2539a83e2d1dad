// SPDX-License-Identifier: MIT
#include "app/open_store.h"

#include "app/command_line.h"
#include "config/engine_config.h"

#include <fmt/format.h>
#include <unistd.h>

namespace cistern::app {
namespace {

Result<store::StoreOptions> options_of_root(const std::string& root) {
    const std::string file = root + "/engine.toml";
    if (!TRY(posix_file_system().exists(file))) {
        return config::store_options_of(root, {});
    }
    return config::load_store_options(posix_file_system(), root, file);
}

}  // namespace

Result<std::unique_ptr<store::Store>> open_store_for_writing(const std::string& root,
                                                             const std::string& command) {
    store::StoreOptions options = TRY(options_of_root(root));
    options.holder = fmt::format("{} (process {})", command, ::getpid());
    return store::Store::open(std::move(options));
}

Result<std::unique_ptr<store::Store>> open_store_for_reading(const std::string& root) {
    if (!TRY(posix_file_system().exists(root))) {
        return fail(ErrorCode::NotFound, fmt::format("there is no folder {}", root));
    }
    store::StoreOptions options = TRY(options_of_root(root));
    options.read_only = true;
    options.background = false;
    return store::Store::open(std::move(options));
}

int exit_after_reading(const store::Store& store, const std::string& database) {
    uint64_t damaged = 0;
    for (const std::string& name : store.database_names()) {
        const bool wanted = database.empty() || name == database;
        damaged += wanted ? store.find(name)->stats().corrupt_blocks : 0;
    }
    if (damaged == 0) {
        return kExitOk;
    }
    fmt::print(stderr,
               "cistern: what {} damaged parts of files held is missing here; `cistern verify` "
               "names them\n",
               damaged);
    return kExitProblem;
}

}  // namespace cistern::app
