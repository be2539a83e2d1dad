// SPDX-License-Identifier: MIT
#include "store/base/file_system.h"

namespace cistern {

std::string parent_directory(const std::string& path) {
    const size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) {
        return ".";
    }
    return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::string> read_file(FileSystem& fs, const std::string& path) {
    auto file = TRY(fs.open(path, OpenMode::Read));
    const uint64_t size = TRY(file->size());
    std::string content(size, '\0');
    const size_t got = TRY(file->pread(0, std::as_writable_bytes(std::span(content))));
    content.resize(got);
    return content;
}

Status write_file_atomically(FileSystem& fs, const std::string& path, std::string_view content) {
    const std::string temporary = path + ".tmp";
    {
        auto file = TRY(fs.open(temporary, OpenMode::Create));
        TRY(file->pwrite(0, std::as_bytes(std::span(content))));
        TRY(file->sync_data());
    }
    TRY(fs.rename(temporary, path));
    return fs.sync_directory(parent_directory(path));
}

}  // namespace cistern
