// SPDX-License-Identifier: MIT
// Bytes on the disk that are given back when it is full, so that what is in memory can be written.
#pragma once

#include "store/base/file_system.h"
#include "store/base/mutex.h"
#include "store/base/result.h"

#include <cstdint>
#include <string>

namespace cistern::store {

// Thread safe.
class ReserveFile {
  public:
    ReserveFile(FileSystem& fs, std::string path, uint64_t bytes);

    // Writes the reserve when it is missing and the disk has room for three of it. A failure
    // leaves none.
    void ensure();
    // True when there was one.
    bool release();

  private:
    [[nodiscard]] Status write();

    FileSystem& fs_;
    const std::string path_;
    const uint64_t bytes_;
    Mutex mutex_;
    bool present_ CISTERN_GUARDED_BY(mutex_) = false;
};

}  // namespace cistern::store
