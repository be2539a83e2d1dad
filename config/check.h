// SPDX-License-Identifier: MIT
// What `cistern check` does: the settings, the rules, and the tests that the settings bring along.
#pragma once

#include "config/table_reader.h"
#include "store/base/file_system.h"

#include <string>

namespace cistern::config {

struct Checked {
    Problems problems;
    size_t brokers = 0;
    size_t rules = 0;
    size_t tests = 0;
};

// NotFound or Io when the file cannot be read; everything else is in `problems`.
Result<Checked> check_settings(FileSystem& fs, const std::string& file);

}  // namespace cistern::config
