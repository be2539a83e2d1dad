// SPDX-License-Identifier: MIT
// Stands before another file system and decides about every call: let it through, fail it, or
// pretend that it worked.
#pragma once

#include "store/base/file_system.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cistern::test {

enum class FileOp : uint8_t {
    Open,
    Create,
    Read,
    Write,
    Sync,
    Truncate,
    Size,
    Rename,
    Remove,
    MakeDirectory,
    SyncDirectory,
    List,
    Exists,
    Space,
    Lock
};

constexpr bool changes_disk(FileOp op) {
    return op == FileOp::Create || op == FileOp::Write || op == FileOp::Sync ||
           op == FileOp::Truncate || op == FileOp::Rename || op == FileOp::Remove ||
           op == FileOp::MakeDirectory || op == FileOp::SyncDirectory;
}

struct Verdict {
    enum class Kind : uint8_t { Pass, Fail, Skip } kind = Kind::Pass;
    ErrorCode code = ErrorCode::Io;

    static Verdict pass() { return {}; }
    static Verdict fail(ErrorCode code = ErrorCode::Io) { return {Kind::Fail, code}; }
    // The caller is told that it worked; nothing happened. Only for calls that return no value.
    static Verdict skip() { return {Kind::Skip, ErrorCode::Io}; }
};

// Thread safe when the judge is.
class FaultFileSystem final : public FileSystem {
  public:
    using Judge = std::function<Verdict(FileOp op, const std::string& path)>;
    FaultFileSystem(FileSystem& below, Judge judge) : below_(below), judge_(std::move(judge)) {}

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

    // The verdict as a result: nothing = let it through.
    [[nodiscard]] std::optional<Status> decide(FileOp op, const std::string& path) const;

  private:
    FileSystem& below_;
    Judge judge_;
};

}  // namespace cistern::test
