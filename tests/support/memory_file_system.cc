// SPDX-License-Identifier: MIT
#include "tests/support/memory_file_system.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cistern::test {

class MemoryFile final : public File {
  public:
    MemoryFile(MemoryFileSystem& fs, InodeId inode) : fs_(fs), inode_(inode) {}
    ~MemoryFile() override {
        const std::lock_guard lock(fs_.mutex_);
        if (--fs_.open_count_[inode_] > 0) {
            return;
        }
        fs_.open_count_.erase(inode_);
        for (const auto& [path, inode] : fs_.image_.entries) {
            if (inode == inode_) {
                return;
            }
        }
        fs_.used_ -= fs_.image_.files[inode_].size();
        fs_.image_.files.erase(inode_);
    }

    Result<size_t> pread(uint64_t offset, std::span<std::byte> into) override {
        const std::lock_guard lock(fs_.mutex_);
        const auto& data = fs_.image_.files[inode_];
        if (offset >= data.size()) {
            return size_t{0};
        }
        const size_t size = std::min<uint64_t>(into.size(), data.size() - offset);
        std::memcpy(into.data(), data.data() + offset, size);
        return size;
    }

    Status pwrite(uint64_t offset, std::span<const std::byte> bytes) override {
        if (bytes.empty()) {
            return {};
        }
        const std::lock_guard lock(fs_.mutex_);
        auto& data = fs_.image_.files[inode_];
        TRY(fs_.grow(data, offset + bytes.size()));
        std::memcpy(data.data() + offset, bytes.data(), bytes.size());
        fs_.tell(
            {DiskChange::Kind::Write, inode_, offset, {bytes.begin(), bytes.end()}, {}, {}, 0, 0});
        return {};
    }

    Status sync_data() override {
        const std::lock_guard lock(fs_.mutex_);
        fs_.tell({DiskChange::Kind::SyncFile, inode_, 0, {}, {}, {}, 0, 0});
        return {};
    }

    Status truncate(uint64_t size) override {
        const std::lock_guard lock(fs_.mutex_);
        auto& data = fs_.image_.files[inode_];
        if (size > data.size()) {
            TRY(fs_.grow(data, size));
        } else {
            fs_.used_ -= data.size() - size;
            data.resize(size);
        }
        fs_.tell({DiskChange::Kind::Truncate, inode_, size, {}, {}, {}, 0, 0});
        return {};
    }

    Result<uint64_t> size() override {
        const std::lock_guard lock(fs_.mutex_);
        return uint64_t{fs_.image_.files[inode_].size()};
    }

  private:
    MemoryFileSystem& fs_;
    const InodeId inode_;
};

class MemoryLock final : public FileLock {
  public:
    MemoryLock(MemoryFileSystem& fs, std::string path) : fs_(fs), path_(std::move(path)) {}
    ~MemoryLock() override {
        const std::lock_guard lock(fs_.mutex_);
        fs_.locks_.erase(path_);
    }
    MemoryLock(const MemoryLock&) = delete;
    MemoryLock& operator=(const MemoryLock&) = delete;

  private:
    MemoryFileSystem& fs_;
    const std::string path_;
};

namespace {

tl::unexpected<Error> not_found(const std::string& path) {
    return fail(ErrorCode::NotFound, fmt::format("{}: no such file or directory", path));
}

}  // namespace

MemoryFileSystem::MemoryFileSystem(DiskImage image) : image_(std::move(image)) {
    for (const auto& [inode, content] : image_.files) {
        next_inode_ = std::max(next_inode_, inode + 1);
        used_ += content.size();
    }
}

void MemoryFileSystem::tell(DiskChange change) {
    if (observer_) {
        observer_(change);
    }
}

Status MemoryFileSystem::grow(std::vector<std::byte>& file, uint64_t size) {
    if (size <= file.size()) {
        return {};
    }
    if (used_ + size - file.size() > capacity_) {
        return fail(ErrorCode::ResourceExhausted, "no space left on device");
    }
    used_ += size - file.size();
    file.resize(size);
    return {};
}

Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, OpenMode mode) {
    const std::lock_guard lock(mutex_);
    auto entry = image_.entries.find(path);
    if (entry == image_.entries.end()) {
        if (mode != OpenMode::Create || !image_.directories.contains(parent_directory(path))) {
            return not_found(path);
        }
        entry = image_.entries.emplace(path, next_inode_++).first;
        image_.files[entry->second];
        tell({DiskChange::Kind::Create, entry->second, 0, {}, path, {}, 0, 0});
    } else if (mode == OpenMode::Create) {
        used_ -= image_.files[entry->second].size();
        image_.files[entry->second].clear();
        tell({DiskChange::Kind::Truncate, entry->second, 0, {}, {}, {}, 0, 0});
    }
    ++open_count_[entry->second];
    return std::make_unique<MemoryFile>(*this, entry->second);
}

Status MemoryFileSystem::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    const auto entry = image_.entries.find(from);
    if (entry == image_.entries.end()) {
        return not_found(from);
    }
    const InodeId inode = entry->second;
    image_.entries.erase(entry);
    if (const auto old = image_.entries.find(to);
        old != image_.entries.end() && !open_count_.contains(old->second)) {
        used_ -= image_.files[old->second].size();
        image_.files.erase(old->second);
    }
    image_.entries[to] = inode;
    tell({DiskChange::Kind::Rename, inode, 0, {}, from, to, 0, 0});
    return {};
}

Status MemoryFileSystem::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto entry = image_.entries.find(path);
    if (entry == image_.entries.end()) {
        return not_found(path);
    }
    const InodeId inode = entry->second;
    image_.entries.erase(entry);
    if (!open_count_.contains(inode)) {
        used_ -= image_.files[inode].size();
        image_.files.erase(inode);
    }
    tell({DiskChange::Kind::Remove, inode, 0, {}, path, {}, 0, 0});
    return {};
}

Status MemoryFileSystem::create_directories(const std::string& path) {
    const std::lock_guard lock(mutex_);
    for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (image_.directories.insert(part).second) {
            tell({DiskChange::Kind::MakeDirectory, 0, 0, {}, part, {}, 0, 0});
        }
        if (end == std::string::npos) {
            return {};
        }
    }
}

Status MemoryFileSystem::sync_directory(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (!image_.directories.contains(path)) {
        return not_found(path);
    }
    tell({DiskChange::Kind::SyncDirectory, 0, 0, {}, path, {}, 0, 0});
    return {};
}

Result<std::vector<DirectoryEntry>> MemoryFileSystem::list(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (!image_.directories.contains(path)) {
        return not_found(path);
    }
    std::vector<DirectoryEntry> found;
    const std::string prefix = path + "/";
    for (auto entry = image_.entries.lower_bound(prefix);
         entry != image_.entries.end() && entry->first.starts_with(prefix);
         ++entry) {
        const std::string name = entry->first.substr(prefix.size());
        if (name.find('/') == std::string::npos) {
            found.push_back({name, false, image_.files[entry->second].size()});
        }
    }
    for (auto entry = image_.directories.lower_bound(prefix);
         entry != image_.directories.end() && entry->starts_with(prefix);
         ++entry) {
        const std::string name = entry->substr(prefix.size());
        if (name.find('/') == std::string::npos) {
            found.push_back({name, true, 0});
        }
    }
    std::sort(
        found.begin(), found.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return found;
}

Result<bool> MemoryFileSystem::exists(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return image_.entries.contains(path) || image_.directories.contains(path);
}

Result<DiskSpace> MemoryFileSystem::space(const std::string&) {
    const std::lock_guard lock(mutex_);
    return DiskSpace{capacity_, capacity_ - std::min(capacity_, used_)};
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::lock(const std::string& path,
                                                         const std::string& holder) {
    const std::lock_guard guard(mutex_);
    const auto [entry, taken] = locks_.emplace(path, holder);
    if (!taken) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("{} is locked by {}", parent_directory(path), entry->second));
    }
    return std::make_unique<MemoryLock>(*this, path);
}

DiskImage MemoryFileSystem::image() const {
    const std::lock_guard lock(mutex_);
    return image_;
}

void MemoryFileSystem::set_capacity(uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    capacity_ = bytes;
}

uint64_t MemoryFileSystem::used_bytes() const {
    const std::lock_guard lock(mutex_);
    return used_;
}

void MemoryFileSystem::observe(std::function<void(const DiskChange&)> observer) {
    const std::lock_guard lock(mutex_);
    observer_ = std::move(observer);
}

void MemoryFileSystem::note(uint64_t kind, uint64_t number) {
    const std::lock_guard lock(mutex_);
    tell({DiskChange::Kind::Note, 0, 0, {}, {}, {}, number, kind});
}

}  // namespace cistern::test
