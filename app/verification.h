// SPDX-License-Identifier: MIT
// Reads every byte of a root's databases and collects every fault. Works beside a running server.
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cistern::app {

struct Fault {
    std::string file;
    uint64_t offset = 0;
    std::string reason;
};

struct Verification {
    std::vector<Fault> faults;
    uint64_t databases = 0;
    uint64_t files = 0;
    uint64_t bytes = 0;
    uint64_t samples = 0;  // in partition files
};

// `database` empty: all of the root. NotFound: there is no such root or database.
Result<Verification> verify_root(const std::string& root, const std::string& database = {});

}  // namespace cistern::app
