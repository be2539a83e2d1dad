// SPDX-License-Identifier: MIT
#include "store/engine/reserve_file.h"

#include "store/base/log.h"

#include <algorithm>
#include <vector>

namespace cistern::store {

ReserveFile::ReserveFile(FileSystem& fs, std::string path, uint64_t bytes)
    : fs_(fs), path_(std::move(path)), bytes_(bytes) {}

void ReserveFile::ensure() {
    MutexLock lock(mutex_);
    if (present_ || bytes_ == 0) {
        return;
    }
    if (const auto file = fs_.open(path_, OpenMode::Read)) {
        const auto size = (*file)->size();
        present_ = size && *size == bytes_;
    }
    const auto space = fs_.space(parent_directory(path_));
    if (present_ || !space || space->free_bytes < 3 * bytes_) {
        return;
    }
    if (auto written = write(); written) {
        present_ = true;
    } else {
        log_warn("no reserve for a full disk: {}", written.error().message);
        (void)fs_.remove(path_);
    }
}

Status ReserveFile::write() {
    auto file = TRY(fs_.open(path_, OpenMode::Create));
    constexpr uint64_t kChunkBytes = 64 << 10;
    const std::vector<std::byte> zeros(kChunkBytes);
    for (uint64_t at = 0; at < bytes_; at += kChunkBytes) {
        TRY(file->pwrite(at, std::span(zeros).first(std::min(kChunkBytes, bytes_ - at))));
    }
    return file->sync_data();
}

bool ReserveFile::release() {
    MutexLock lock(mutex_);
    if (!present_) {
        return false;
    }
    present_ = false;
    return fs_.remove(path_).has_value();
}

}  // namespace cistern::store
