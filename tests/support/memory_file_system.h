// SPDX-License-Identifier: MIT
// A disk in memory: exact, fast, with a size, and copied in one call. Reports every change to an
// observer, so that a power cut can be played back at any of them.
#pragma once

#include "store/base/file_system.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace cistern::test {

using InodeId = uint64_t;

// One change, as the device sees it. Directories are named by path, files by inode.
struct DiskChange {
    enum class Kind : uint8_t {
        Write,
        Truncate,
        SyncFile,
        Create,
        Rename,
        Remove,
        MakeDirectory,
        SyncDirectory,
        Note
    };
    Kind kind = Kind::Note;
    InodeId inode = 0;
    uint64_t offset = 0;           // Write; Truncate: the new size
    std::vector<std::byte> bytes;  // Write
    std::string path;              // of the entry, or the directory
    std::string to;                // Rename
    uint64_t note = 0;             // Note: the test's own number
    uint64_t note_kind = 0;
};

// What lies on the disk.
struct DiskImage {
    std::map<InodeId, std::vector<std::byte>> files;
    std::map<std::string, InodeId> entries;
    std::set<std::string> directories;
};

// Thread safe.
class MemoryFileSystem final : public FileSystem {
  public:
    MemoryFileSystem() = default;
    explicit MemoryFileSystem(DiskImage image);

    [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& path,
                                                     OpenMode mode) override;
    [[nodiscard]] Status rename(const std::string& from, const std::string& to) override;
    [[nodiscard]] Status remove(const std::string& path) override;
    [[nodiscard]] Status create_directories(const std::string& path) override;
    [[nodiscard]] Status sync_directory(const std::string& path) override;
    [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
    [[nodiscard]] Result<bool> exists(const std::string& path) override;
    [[nodiscard]] Result<DiskSpace> space(const std::string& path) override;
    [[nodiscard]] Result<std::unique_ptr<FileLock>> lock(const std::string& path,
                                                         const std::string& holder) override;

    // Everything as a process that is killed leaves it. Locks are not part of it.
    [[nodiscard]] DiskImage image() const;
    // Writes beyond this many bytes fail with ResourceExhausted.
    void set_capacity(uint64_t bytes);
    [[nodiscard]] uint64_t used_bytes() const;
    // Called under the disk's lock, after the change.
    void observe(std::function<void(const DiskChange&)> observer);
    // Tells the observer something that is no change of the disk.
    void note(uint64_t kind, uint64_t number);

  private:
    friend class MemoryFile;
    friend class MemoryLock;
    void tell(DiskChange change);
    Status grow(std::vector<std::byte>& file, uint64_t size);

    mutable std::mutex mutex_;
    DiskImage image_;
    InodeId next_inode_ = 1;
    std::map<std::string, std::string> locks_;
    uint64_t capacity_ = UINT64_MAX;
    uint64_t used_ = 0;
    std::function<void(const DiskChange&)> observer_;
    // Inodes without an entry that are still open live here only.
    std::map<InodeId, int> open_count_;
};

}  // namespace cistern::test
