// SPDX-License-Identifier: MIT
// Opens the store of a root for a command: with the settings of its engine.toml and manifests.
#pragma once

#include "store/base/result.h"
#include "store/engine/store.h"

#include <memory>
#include <string>

namespace cistern::app {

// Takes the root's lock; Unavailable names the process that has it.
Result<std::unique_ptr<store::Store>> open_store_for_writing(const std::string& root,
                                                             const std::string& command);

// Works beside a running server and writes nothing. NotFound when the root does not exist.
Result<std::unique_ptr<store::Store>> open_store_for_reading(const std::string& root);

// After reading: says on stderr when damaged parts of the database (empty: of any) were left out,
// so that nobody takes what is there for everything. The exit code.
int exit_after_reading(const store::Store& store, const std::string& database);

}  // namespace cistern::app
