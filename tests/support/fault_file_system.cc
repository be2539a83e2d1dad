// SPDX-License-Identifier: MIT
#include "tests/support/fault_file_system.h"

namespace cistern::test {
namespace {

class FaultFile final : public File {
  public:
    FaultFile(const FaultFileSystem& fs, std::unique_ptr<File> below, std::string path)
        : fs_(fs), below_(std::move(below)), path_(std::move(path)) {}

    Result<size_t> pread(uint64_t offset, std::span<std::byte> into) override {
        if (const auto decided = fs_.decide(FileOp::Read, path_); decided && !*decided) {
            return tl::unexpected(decided->error());
        }
        return below_->pread(offset, into);
    }
    Status pwrite(uint64_t offset, std::span<const std::byte> bytes) override {
        const auto decided = fs_.decide(FileOp::Write, path_);
        if (decided && !*decided && !bytes.empty()) {
            // As a disk does: a part may be there.
            (void)below_->pwrite(offset, bytes.first(bytes.size() / 2));
        }
        return decided ? *decided : below_->pwrite(offset, bytes);
    }
    Status sync_data() override {
        const auto decided = fs_.decide(FileOp::Sync, path_);
        return decided ? *decided : below_->sync_data();
    }
    Status truncate(uint64_t size) override {
        const auto decided = fs_.decide(FileOp::Truncate, path_);
        return decided ? *decided : below_->truncate(size);
    }
    Result<uint64_t> size() override {
        if (const auto decided = fs_.decide(FileOp::Size, path_); decided && !*decided) {
            return tl::unexpected(decided->error());
        }
        return below_->size();
    }

  private:
    const FaultFileSystem& fs_;
    std::unique_ptr<File> below_;
    const std::string path_;
};

}  // namespace

std::optional<Status> FaultFileSystem::decide(FileOp op, const std::string& path) const {
    const Verdict verdict = judge_(op, path);
    switch (verdict.kind) {
        case Verdict::Kind::Pass:
            return std::nullopt;
        case Verdict::Kind::Skip:
            return Status{};
        case Verdict::Kind::Fail:
            break;
    }
    return Status(fail(verdict.code, path + ": injected fault"));
}

Result<std::unique_ptr<File>> FaultFileSystem::open(const std::string& path, OpenMode mode) {
    const FileOp op = mode == OpenMode::Create ? FileOp::Create : FileOp::Open;
    if (const auto decided = decide(op, path); decided && !*decided) {
        return tl::unexpected(decided->error());
    }
    return std::make_unique<FaultFile>(*this, TRY(below_.open(path, mode)), path);
}

Status FaultFileSystem::rename(const std::string& from, const std::string& to) {
    const auto decided = decide(FileOp::Rename, from);
    return decided ? *decided : below_.rename(from, to);
}

Status FaultFileSystem::remove(const std::string& path) {
    const auto decided = decide(FileOp::Remove, path);
    return decided ? *decided : below_.remove(path);
}

Status FaultFileSystem::create_directories(const std::string& path) {
    const auto decided = decide(FileOp::MakeDirectory, path);
    return decided ? *decided : below_.create_directories(path);
}

Status FaultFileSystem::sync_directory(const std::string& path) {
    const auto decided = decide(FileOp::SyncDirectory, path);
    return decided ? *decided : below_.sync_directory(path);
}

Result<std::vector<DirectoryEntry>> FaultFileSystem::list(const std::string& path) {
    if (const auto decided = decide(FileOp::List, path); decided && !*decided) {
        return tl::unexpected(decided->error());
    }
    return below_.list(path);
}

Result<bool> FaultFileSystem::exists(const std::string& path) {
    if (const auto decided = decide(FileOp::Exists, path); decided && !*decided) {
        return tl::unexpected(decided->error());
    }
    return below_.exists(path);
}

Result<DiskSpace> FaultFileSystem::space(const std::string& path) {
    return below_.space(path);
}

Result<std::unique_ptr<FileLock>> FaultFileSystem::lock(const std::string& path,
                                                        const std::string& holder) {
    return below_.lock(path, holder);
}

}  // namespace cistern::test
