// SPDX-License-Identifier: MIT
#include "store/wal/wal_writer.h"

#include "store/base/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::store {
namespace {

// Kept for reuse; more than these are removed, so that a burst does not hold the disk for ever.
constexpr size_t kSparesMax = 4;
// Room for a sync mark in front of a batch.
constexpr size_t kMarkBytesMax = kFrameHeaderBytes + 10;

// Of what waits for a sync: kept, so that syncs in quick succession do not allocate each time.
constexpr size_t kBufferKeptBytes = 64 << 10;

void give_back(std::vector<std::byte>& buffer) {
    if (buffer.capacity() > kBufferKeptBytes) {
        buffer.shrink_to_fit();
    }
}

uint64_t page_up(uint64_t offset) {
    return (offset + kWalPageBytes - 1) / kWalPageBytes * kWalPageBytes;
}

}  // namespace

WalWriter::WalWriter(
    FileSystem& fs, Clock& clock, std::string folder, WalOptions options, WalStart start)
    : fs_(fs),
      clock_(clock),
      folder_(std::move(folder)),
      options_(options),
      next_segment_id_(start.next_segment_id),
      last_lsn_(start.next_lsn - 1),
      synced_lsn_(start.next_lsn - 1),
      previous_end_lsn_(start.previous_end_lsn),
      closed_(std::move(start.segments)) {
    for (ClosedSegment& segment : closed_) {
        segment.reusable = segment.reusable && segment.file_bytes == options_.segment_bytes;
    }
}

std::string WalWriter::path_of(uint64_t id) const {
    return folder_ + "/" + segment_file_name(id);
}

Result<uint64_t> WalWriter::append(WalBatch& batch) {
    if (!batch.fits()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("a batch may take {} bytes of log at most", kFramePayloadBytesMax));
    }
    const size_t bytes = batch.bytes().size() + kMarkBytesMax;
    // A sync that fails on the way moves to another segment, which may lack room in turn.
    for (int attempt = 0; !has_room(bytes); ++attempt) {
        if (attempt == 2) {
            return fail(ErrorCode::Io, "the log found no usable segment");
        }
        TRY(roll(bytes));
    }
    MutexLock lock(mutex_);
    auto written = write(batch);
    if (!written) {
        log_error("write-ahead log: {}; moving to a new segment", written.error().message);
        TRY(replace_segment(bytes));
        written = write(batch);
        if (!written) {
            close_segment(false);
            return tl::unexpected(written.error());
        }
    }
    return last_lsn_;
}

Status WalWriter::write(WalBatch& batch) {
    const size_t before = unsynced_.size();
    uint64_t lsn = last_lsn_ + 1;
    mark_.clear();
    if (mark_due_) {
        mark_.add_sync_mark(synced_lsn_);
        mark_.seal(lsn++, seed_);
        unsynced_.insert(unsynced_.end(), mark_.bytes().begin(), mark_.bytes().end());
    }
    batch.seal(lsn, seed_);
    unsynced_.insert(unsynced_.end(), batch.bytes().begin(), batch.bytes().end());
    const auto frames = std::span(unsynced_).subspan(before);
    if (auto written = file_->pwrite(offset_, frames); !written) {
        unsynced_.resize(before);
        return written;
    }
    mark_due_ = false;
    offset_ += frames.size();
    last_lsn_ = lsn + batch.frames() - 1;
    ++counters_.writes;
    counters_.written_bytes += frames.size();
    unsynced_bytes_.store(unsynced_.size() + syncing_.size(), std::memory_order_relaxed);
    return {};
}

bool WalWriter::has_room(size_t bytes) const {
    MutexLock lock(mutex_);
    return file_ != nullptr && offset_ + bytes <= file_bytes_;
}

// A full segment is synced before the next one starts, so that what a power cut takes is a tail.
Status WalWriter::roll(size_t bytes) {
    TRY(sync());
    MutexLock lock(mutex_);
    if (file_ == nullptr) {
        return replace_segment(bytes);
    }
    if (offset_ + bytes <= file_bytes_) {
        return {};
    }
    const ClosedSegment closed{
        segment_id_, last_lsn_, file_bytes_, file_bytes_ == options_.segment_bytes};
    TRY(open_segment(bytes));
    closed_.push_back(closed);
    const auto start_end = write_start();
    if (!start_end) {
        close_segment(false);
        return tl::unexpected(start_end.error());
    }
    offset_ = *start_end;
    return {};
}

Status WalWriter::sync() {
    MutexLock one(sync_mutex_);
    return sync_once();
}

Status WalWriter::sync_to(uint64_t lsn) {
    MutexLock one(sync_mutex_);
    return synced_lsn() >= lsn ? Status{} : sync_once();
}

Status WalWriter::sync_once() {
    constexpr int kAttempts = 2;  // the second one on a new segment
    for (int attempt = 1;; ++attempt) {
        std::shared_ptr<File> file;
        uint64_t target = 0;
        {
            MutexLock lock(mutex_);
            if (unsynced_.empty() && syncing_.empty()) {
                return {};
            }
            if (file_ == nullptr) {
                TRY(replace_segment(0));
            }
            file = file_;
            target = last_lsn_;
            std::swap(syncing_, unsynced_);
            offset_ = page_up(offset_);
        }
        const int64_t before = clock_.monotonic_ns();
        auto synced = file->sync_data();
        const auto took = static_cast<uint64_t>(clock_.monotonic_ns() - before);
        MutexLock lock(mutex_);
        if (file != file_) {
            continue;  // a write failed meanwhile and everything moved to a new segment
        }
        if (synced) {
            ++counters_.syncs;
            counters_.sync_ns += took;
            counters_.sync_ns_max = std::max(counters_.sync_ns_max, took);
            synced_lsn_ = previous_end_lsn_ = target;
            mark_due_ = true;
            syncing_.clear();
            if (unsynced_.empty()) {  // a burst is over: so much is not needed soon
                give_back(syncing_);
                give_back(unsynced_);
            }
            unsynced_bytes_.store(unsynced_.size(), std::memory_order_relaxed);
            return {};
        }
        log_error("write-ahead log: {}; moving to a new segment", synced.error().message);
        if (attempt == kAttempts) {
            close_segment(false);
            return synced;
        }
        TRY(replace_segment(0));
    }
}

void WalWriter::close_segment(bool reusable) {
    if (file_ == nullptr) {
        return;
    }
    // 0: nothing in it is on the device, so nothing in it will be needed.
    const uint64_t last_lsn = synced_lsn_ >= segment_first_lsn_ ? synced_lsn_ : 0;
    closed_.push_back({segment_id_, last_lsn, file_bytes_, reusable});
    file_.reset();
    syncing_.insert(syncing_.end(), unsynced_.begin(), unsynced_.end());
    unsynced_.clear();
    std::swap(syncing_, unsynced_);
    ++counters_.poisoned;
}

// Moves what is not on the device into a new segment, and everything after it. The frames go in
// before the segment's start: until that is there a reader still takes them from the old one.
Status WalWriter::replace_segment(size_t extra_bytes) {
    close_segment(false);
    TRY(open_segment(unsynced_.size() + extra_bytes));
    std::span<std::byte> left(unsynced_);
    while (!left.empty()) {
        const size_t size = frame_bytes(left);
        reseal_frame(left.first(size), seed_);
        left = left.subspan(size);
    }
    const uint64_t frames_at = start_bytes_max();
    Status moved = file_->pwrite(frames_at, unsynced_);
    if (moved) {
        const auto start_end = write_start();
        if (start_end) {
            offset_ =
                unsynced_.empty() ? *start_end : std::max(*start_end, frames_at + unsynced_.size());
        } else {
            moved = tl::unexpected(start_end.error());
        }
    }
    if (!moved) {
        close_segment(false);
        return moved;
    }
    release_closed();
    return {};
}

uint64_t WalWriter::start_bytes_max() const {
    constexpr uint64_t kFixedBytesMax = 128;
    return page_up(kFixedBytesMax + sources_.size() * sizeof(uint64_t));
}

// Leaves the present segment alone when it fails.
Status WalWriter::open_segment(size_t bytes) {
    const uint64_t needed = page_up(start_bytes_max() + bytes + kWalPageBytes);
    const uint64_t size = std::max(options_.segment_bytes, needed);
    const uint64_t id = next_segment_id_;
    const std::string path = path_of(id);
    TRY(prepare_file(path, size));
    ++next_segment_id_;
    auto opened = fs_.open(path, OpenMode::ReadWrite);
    auto placed = opened ? fs_.sync_directory(folder_) : Status(tl::unexpected(opened.error()));
    if (!placed) {
        spares_.push_back({id, 0, size, false});
        return placed;
    }
    file_ = std::move(*opened);
    segment_id_ = id;
    segment_first_lsn_ = synced_lsn_ + 1;
    seed_ = segment_seed(id);
    file_bytes_ = size;
    return {};
}

// Under its final name, full of bytes that are no frames of this segment.
Status WalWriter::prepare_file(const std::string& path, uint64_t bytes) {
    if (bytes == options_.segment_bytes) {
        const auto spare = std::find_if(
            spares_.begin(), spares_.end(), [](const ClosedSegment& one) { return one.reusable; });
        if (spare != spares_.end()) {
            const std::string old = path_of(spare->id);
            spares_.erase(spare);
            return fs_.rename(old, path);
        }
    }
    const std::string temporary = path + ".tmp";
    auto file = TRY(fs_.open(temporary, OpenMode::Create));
    constexpr size_t kChunkBytes = 256 << 10;
    const std::vector<std::byte> zeros(kChunkBytes);
    Status filled;
    for (uint64_t at = 0; filled && at < bytes; at += kChunkBytes) {
        filled =
            file->pwrite(at, std::span(zeros).first(std::min<uint64_t>(kChunkBytes, bytes - at)));
    }
    if (filled) {
        filled = file->sync_data();
    }
    if (filled) {
        filled = fs_.rename(temporary, path);
    }
    if (!filled) {
        (void)fs_.remove(temporary);
    }
    return filled;
}

// The offset behind it.
Result<uint64_t> WalWriter::write_start() {
    mark_.clear();
    mark_.add_segment_start(
        {segment_id_, synced_lsn_ + 1, previous_end_lsn_, clock_.now_ns(), sources_});
    mark_.seal(synced_lsn_, seed_);
    TRY(file_->pwrite(0, mark_.bytes()));
    mark_due_ = false;
    return mark_.bytes().size();
}

void WalWriter::recycle(uint64_t lsn) {
    MutexLock lock(mutex_);
    recycled_lsn_ = std::max(recycled_lsn_, lsn);
    release_closed();
}

Status WalWriter::remove_all() {
    MutexLock lock(mutex_);
    if (last_lsn_ > recycled_lsn_ || segment_id_ == 0) {
        return {};
    }
    if (file_ != nullptr) {
        closed_.push_back({segment_id_, 0, file_bytes_, false});
        file_.reset();
    }
    for (ClosedSegment& spare : spares_) {
        spare.reusable = false;
    }
    release_closed();
    return fs_.sync_directory(folder_);
}

void WalWriter::release_closed() {
    const auto needed = std::stable_partition(
        closed_.begin(), closed_.end(), [recycled = recycled_lsn_](const ClosedSegment& one) {
            return one.last_lsn <= recycled;
        });
    spares_.insert(spares_.end(), closed_.begin(), needed);
    closed_.erase(closed_.begin(), needed);
    remove_excess_spares();
}

void WalWriter::remove_excess_spares() {
    size_t kept = 0;
    for (size_t i = spares_.size(); i-- > 0;) {  // the newest are kept
        if (spares_[i].reusable && kept < kSparesMax) {
            ++kept;
            continue;
        }
        if (auto removed = fs_.remove(path_of(spares_[i].id)); !removed) {
            log_warn("write-ahead log: {}", removed.error().message);
        }
        spares_.erase(spares_.begin() + static_cast<ptrdiff_t>(i));
    }
}

uint32_t WalWriter::source_number(uint64_t source, WalBatch& batch) {
    MutexLock lock(mutex_);
    const auto found = std::find(sources_.begin(), sources_.end(), source);
    if (found != sources_.end()) {
        return static_cast<uint32_t>(found - sources_.begin()) + 1;
    }
    if (sources_.size() == kWalSourcesMax) {
        return 0;
    }
    sources_.push_back(source);
    batch.add_source(static_cast<uint32_t>(sources_.size()), source);
    return static_cast<uint32_t>(sources_.size());
}

uint64_t WalWriter::last_lsn() const {
    MutexLock lock(mutex_);
    return last_lsn_;
}

uint64_t WalWriter::synced_lsn() const {
    MutexLock lock(mutex_);
    return synced_lsn_;
}

WalStats WalWriter::stats() const {
    MutexLock lock(mutex_);
    WalStats stats = counters_;
    stats.segments = closed_.size() + spares_.size() + (file_ != nullptr ? 1 : 0);
    stats.bytes = offset_;
    for (const ClosedSegment& segment : closed_) {
        stats.bytes += segment.file_bytes;
    }
    stats.unsynced_bytes = unsynced_.size() + syncing_.size();
    return stats;
}

}  // namespace cistern::store
