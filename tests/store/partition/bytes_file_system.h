// SPDX-License-Identifier: MIT
// A disk with one read-only file that is a vector of bytes, whatever its path.
#pragma once

#include "store/base/file_system.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cistern::test {

class BytesFileSystem final : public FileSystem {
  public:
    explicit BytesFileSystem(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}

    Result<std::unique_ptr<File>> open(const std::string&, OpenMode mode) override {
        if (mode != OpenMode::Read) {
            return refuse();
        }
        return std::make_unique<BytesFile>(bytes_);
    }
    Status rename(const std::string&, const std::string&) override { return refuse(); }
    Status remove(const std::string&) override { return refuse(); }
    Status create_directories(const std::string&) override { return refuse(); }
    Status sync_directory(const std::string&) override { return refuse(); }
    Result<std::vector<DirectoryEntry>> list(const std::string&) override { return refuse(); }
    Result<bool> exists(const std::string&) override { return true; }
    Result<DiskSpace> space(const std::string&) override { return refuse(); }
    Result<std::unique_ptr<FileLock>> lock(const std::string&, const std::string&) override {
        return refuse();
    }

  private:
    class BytesFile final : public File {
      public:
        explicit BytesFile(const std::vector<std::byte>& bytes) : bytes_(bytes) {}
        Result<size_t> pread(uint64_t offset, std::span<std::byte> into) override {
            if (offset >= bytes_.size()) {
                return size_t{0};
            }
            const size_t count = std::min<uint64_t>(into.size(), bytes_.size() - offset);
            std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(offset), count, into.begin());
            return count;
        }
        Status pwrite(uint64_t, std::span<const std::byte>) override { return refuse(); }
        Status sync_data() override { return refuse(); }
        Status truncate(uint64_t) override { return refuse(); }
        Result<uint64_t> size() override { return bytes_.size(); }

      private:
        const std::vector<std::byte> bytes_;
    };

    static tl::unexpected<Error> refuse() { return fail(ErrorCode::Io, "this disk is read-only"); }

    std::vector<std::byte> bytes_;
};

}  // namespace cistern::test
