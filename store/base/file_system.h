// SPDX-License-Identifier: MIT
// The one door to the disk. Everything that the store reads or writes goes through it, so that
// tests can put a memory disk, a failing disk or a power cut behind it.
#pragma once

#include "store/base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cistern {

// An open file. One writer at a time; pread is safe from any thread. Closed by the destructor,
// which ignores errors: call sync first where they matter.
class File {
  public:
    virtual ~File() = default;
    // Reads up to size bytes at offset; fewer only at the end of the file. EINTR is retried.
    [[nodiscard]] virtual Result<size_t> pread(uint64_t offset, std::span<std::byte> into) = 0;
    // Writes all bytes or fails; a failed write may have left a part behind.
    [[nodiscard]] virtual Status pwrite(uint64_t offset, std::span<const std::byte> bytes) = 0;
    // Data (and the size, where it changed) are on the device when this returns. After a failure
    // the file must not be trusted or synced again: the kernel forgets what it could not write
    // ("Can Applications Recover from fsync Failures?", ATC 2020).
    [[nodiscard]] virtual Status sync_data() = 0;
    [[nodiscard]] virtual Status truncate(uint64_t size) = 0;
    [[nodiscard]] virtual Result<uint64_t> size() = 0;
};

enum class OpenMode : uint8_t {
    Read,       // must exist
    ReadWrite,  // must exist
    Create,     // made or truncated, read and write
};

struct DirectoryEntry {
    std::string name;
    bool is_directory = false;
    uint64_t size = 0;  // bytes, files only
};

struct DiskSpace {
    uint64_t total_bytes = 0;
    uint64_t free_bytes = 0;  // for an unprivileged process
};

// Held until destroyed.
class FileLock {
  public:
    virtual ~FileLock() = default;
};

// Thread safe. Paths are UTF-8, absolute or relative to the working directory.
class FileSystem {
  public:
    virtual ~FileSystem() = default;
    [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                                             OpenMode mode) = 0;
    // Atomic; durable only after sync_directory of the parent.
    [[nodiscard]] virtual Status rename(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Status remove(const std::string& path) = 0;
    // Creates missing parents; an existing directory is no error.
    [[nodiscard]] virtual Status create_directories(const std::string& path) = 0;
    [[nodiscard]] virtual Status sync_directory(const std::string& path) = 0;
    // Sorted by name.
    [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;
    [[nodiscard]] virtual Result<bool> exists(const std::string& path) = 0;
    [[nodiscard]] virtual Result<DiskSpace> space(const std::string& path) = 0;
    // Takes an exclusive lock on a file (created if missing) and writes `holder` into it.
    // Fails with Unavailable, naming the present holder, when another process has it.
    [[nodiscard]] virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path,
                                                                 const std::string& holder) = 0;
};

// The machine's disk; lives for ever.
FileSystem& posix_file_system();

// Whole-file helpers over any FileSystem.
Result<std::string> read_file(FileSystem& fs, const std::string& path);
// Write to path.tmp, sync, rename, sync the directory: after a crash the old or the new content
// is there, never a mix.
Status write_file_atomically(FileSystem& fs, const std::string& path, std::string_view content);

std::string parent_directory(const std::string& path);

}  // namespace cistern
