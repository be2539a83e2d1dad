// SPDX-License-Identifier: MIT
// The real disk. pread and pwrite, never mmap: a bad SD card answers EIO, and under mmap that is
// a SIGBUS.
#include "store/base/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cistern {
namespace {

tl::unexpected<Error> fail_errno(std::string_view action, const std::string& path, int error) {
    ErrorCode code = ErrorCode::Io;
    if (error == ENOENT) {
        code = ErrorCode::NotFound;
    } else if (error == ENOSPC || error == EDQUOT || error == EFBIG || error == EMFILE ||
               error == ENFILE) {
        code = ErrorCode::ResourceExhausted;
    }
    return fail(code, fmt::format("{} {}: {}", action, path, std::strerror(error)));
}

class PosixFile final : public File {
  public:
    PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
    ~PosixFile() override { ::close(descriptor_); }
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;

    Result<size_t> pread(uint64_t offset, std::span<std::byte> into) override {
        size_t done = 0;
        while (done < into.size()) {
            const ssize_t got = ::pread(descriptor_,
                                        into.data() + done,
                                        into.size() - done,
                                        static_cast<off_t>(offset + done));
            if (got < 0) {
                if (errno == EINTR) {
                    continue;
                }
                return fail_errno("read", path_, errno);
            }
            if (got == 0) {
                break;
            }
            done += static_cast<size_t>(got);
        }
        return done;
    }

    Status pwrite(uint64_t offset, std::span<const std::byte> bytes) override {
        size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t put = ::pwrite(descriptor_,
                                         bytes.data() + done,
                                         bytes.size() - done,
                                         static_cast<off_t>(offset + done));
            if (put < 0) {
                if (errno == EINTR) {
                    continue;
                }
                return fail_errno("write", path_, errno);
            }
            done += static_cast<size_t>(put);
        }
        return {};
    }

    Status sync_data() override {
        if (::fdatasync(descriptor_) != 0) {
            return fail_errno("sync", path_, errno);
        }
        return {};
    }

    Status truncate(uint64_t size) override {
        if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
            return fail_errno("truncate", path_, errno);
        }
        return {};
    }

    Result<uint64_t> size() override {
        struct stat status {};
        if (::fstat(descriptor_, &status) != 0) {
            return fail_errno("stat", path_, errno);
        }
        return static_cast<uint64_t>(status.st_size);
    }

  private:
    const int descriptor_;
    const std::string path_;
};

class PosixFileLock final : public FileLock {
  public:
    explicit PosixFileLock(int descriptor) : descriptor_(descriptor) {}
    ~PosixFileLock() override { ::close(descriptor_); }
    PosixFileLock(const PosixFileLock&) = delete;
    PosixFileLock& operator=(const PosixFileLock&) = delete;

  private:
    const int descriptor_;
};

class PosixFileSystem final : public FileSystem {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        int flags = O_CLOEXEC;
        switch (mode) {
            case OpenMode::Read:
                flags |= O_RDONLY;
                break;
            case OpenMode::ReadWrite:
                flags |= O_RDWR;
                break;
            case OpenMode::Create:
                flags |= O_RDWR | O_CREAT | O_TRUNC;
                break;
        }
        const int descriptor = ::open(path.c_str(), flags, 0640);
        if (descriptor < 0) {
            return fail_errno("open", path, errno);
        }
        return std::make_unique<PosixFile>(descriptor, path);
    }

    Status rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) {
            return fail_errno("rename", from, errno);
        }
        return {};
    }

    Status remove(const std::string& path) override {
        if (::unlink(path.c_str()) != 0) {
            return fail_errno("remove", path, errno);
        }
        return {};
    }

    Status create_directories(const std::string& path) override {
        for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
            const std::string part = path.substr(0, end);
            if (::mkdir(part.c_str(), 0750) != 0 && errno != EEXIST) {
                return fail_errno("create directory", part, errno);
            }
            if (end == std::string::npos) {
                return {};
            }
        }
    }

    Status sync_directory(const std::string& path) override {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) {
            return fail_errno("open directory", path, errno);
        }
        const int failed = ::fsync(descriptor) != 0 ? errno : 0;
        ::close(descriptor);
        if (failed != 0) {
            return fail_errno("sync directory", path, failed);
        }
        return {};
    }

    Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
        DIR* directory = ::opendir(path.c_str());
        if (directory == nullptr) {
            return fail_errno("list", path, errno);
        }
        std::vector<DirectoryEntry> entries;
        while (const dirent* found = ::readdir(directory)) {
            const std::string name = found->d_name;
            struct stat status {};
            if (name == "." || name == ".." || ::stat((path + "/" + name).c_str(), &status) != 0) {
                continue;
            }
            entries.push_back(
                {name, S_ISDIR(status.st_mode), static_cast<uint64_t>(status.st_size)});
        }
        ::closedir(directory);
        std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
            return a.name < b.name;
        });
        return entries;
    }

    Result<bool> exists(const std::string& path) override {
        struct stat status {};
        if (::stat(path.c_str(), &status) == 0) {
            return true;
        }
        if (errno == ENOENT || errno == ENOTDIR) {
            return false;
        }
        return fail_errno("stat", path, errno);
    }

    Result<DiskSpace> space(const std::string& path) override {
        struct statvfs status {};
        if (::statvfs(path.c_str(), &status) != 0) {
            return fail_errno("statvfs", path, errno);
        }
        return DiskSpace{status.f_blocks * status.f_frsize, status.f_bavail * status.f_frsize};
    }

    Result<std::unique_ptr<FileLock>> lock(const std::string& path,
                                           const std::string& holder) override {
        const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
        if (descriptor < 0) {
            return fail_errno("open lock", path, errno);
        }
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            char present[256] = {};
            const ssize_t got = ::pread(descriptor, present, sizeof(present) - 1, 0);
            ::close(descriptor);
            std::string name(present, static_cast<size_t>(std::max<ssize_t>(got, 0)));
            while (!name.empty() && name.back() == '\n') {
                name.pop_back();
            }
            return fail(ErrorCode::Unavailable,
                        fmt::format("{} is locked by {}",
                                    parent_directory(path),
                                    name.empty() ? "another process" : name));
        }
        const std::string line = holder + "\n";
        if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, line.data(), line.size(), 0) !=
                                                   static_cast<ssize_t>(line.size())) {
            // The lock itself is the kernel's; the text only helps a person, so a full disk is no
            // reason to refuse.
        }
        return std::make_unique<PosixFileLock>(descriptor);
    }
};

}  // namespace

FileSystem& posix_file_system() {
    static PosixFileSystem file_system;
    return file_system;
}

}  // namespace cistern
