// SPDX-License-Identifier: MIT
// What one broker's collector must remember across restarts besides the samples: which filters the
// broker's session holds, and the mapper's state.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

// <folder>/<broker>.filters (a filter a line) and <folder>/<broker>.mapper. For one thread.
class SessionFiles {
  public:
    // An empty folder remembers nothing.
    SessionFiles(FileSystem& fs, std::string folder, std::string broker);

    // Empty when there is no file; a file that cannot be read is reported in the log.
    [[nodiscard]] std::vector<std::string> read_filters() const;
    Status write_filters(const std::vector<std::string>& filters);
    [[nodiscard]] std::string read_mapper_state() const;
    // Writes when it changed.
    Status write_mapper_state(std::string_view state);

  private:
    [[nodiscard]] std::string read(std::string_view suffix) const;
    Status write(std::string_view suffix, std::string_view content);

    FileSystem& fs_;
    const std::string folder_;
    const std::string broker_;
    std::string written_state_;
};

}  // namespace cistern::collector
