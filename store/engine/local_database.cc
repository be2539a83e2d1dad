// SPDX-License-Identifier: MIT
#include "store/engine/local_database.h"

#include "store/base/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace cistern::store {
namespace {

constexpr size_t kReadersMax = 64;
// Where another process may remove files, those that are open stay readable.
size_t readers_max(const StoreOptions& options) {
    return options.read_only ? kHeldFilesMax : kReadersMax;
}
// A batch is one record of the log, and a record has a largest size.
constexpr size_t kBatchSamplesMax = 500'000;
// Synced before the interval is over, so that a busy database syncs in small steps.
constexpr uint64_t kSyncBytes = 1 << 20;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

LocalDatabase::LocalDatabase(DatabaseHost host, std::string name, DatabaseOptions options)
    : host_(std::move(host)),
      fs_(*host_.options.file_system),
      clock_(*host_.options.clock),
      name_(std::move(name)),
      folder_(host_.options.root + "/" + name_),
      options_(options),
      readers_(fs_, faults_, readers_max(host_.options)),
      disk_(clock_),
      planner_(options_),
      trusted_clock_(clock_, 0, true),
      filter_(options_),
      messages_(host_.options.recent_messages_max) {}

LocalDatabase::~LocalDatabase() = default;

Result<SeriesHandle> LocalDatabase::series(const Labels& labels, ValueType type) {
    std::optional<SeriesId> id = catalog_->find(labels);
    if (!id) {
        if (wal_ == nullptr) {
            return fail(ErrorCode::Unavailable, "the store is open for reading only");
        }
        TRY(validate_labels(labels));
        id = TRY(catalog_->add(labels, type, options_.series_max));
    }
    const ValueType stored = catalog_->type(*id);
    if (stored == ValueType::Int && type == ValueType::Float) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("{} holds integers; a float cannot be stored in it", labels.to_string()));
    }
    return SeriesHandle{
        *id, stored, catalog_->stale_after_ns(*id), std::make_shared<const Labels>(labels), 0};
}

std::optional<SeriesId> LocalDatabase::find(const Labels& labels) const {
    return catalog_->find(labels);
}

void LocalDatabase::set_metadata(SeriesId series, const SeriesMetadata& metadata) {
    if (wal_ == nullptr || !catalog_->has(series) || catalog_->metadata(series) == metadata) {
        return;
    }
    catalog_->set_metadata(series, metadata);
    MutexLock lock(append_mutex_);
    new_metadata_.emplace_back(series, metadata);
}

SeriesMetadata LocalDatabase::metadata(SeriesId series) const {
    return catalog_->metadata(series);
}

std::shared_ptr<const Labels> LocalDatabase::labels(SeriesId series) const {
    return catalog_->labels(series);
}

Result<AppendCounts> LocalDatabase::append(const AppendBatch& batch) {
    return append_and_explain(batch, nullptr);
}

Result<AppendCounts> LocalDatabase::append_and_explain(const AppendBatch& batch,
                                                       std::vector<Rejection>* rejections) {
    TRY(make_room());
    uint64_t lsn = 0;
    AppendCounts counts;
    {
        MutexLock lock(append_mutex_);
        counts = TRY(append_locked(batch, rejections, lsn));
    }
    samples_rejected_.fetch_add(counts.rejected, std::memory_order_relaxed);
    if (lsn == 0) {
        return counts;
    }
    if (options_.wal.fsync_policy == FsyncPolicy::Always) {
        if (auto synced = wal_->sync_to(lsn); !synced) {
            disk_.note_failure(synced.error());
            return tl::unexpected(synced.error());
        }
    }
    samples_written_.fetch_add(counts.stored, std::memory_order_relaxed);
    samples_duplicate_.fetch_add(counts.duplicates, std::memory_order_relaxed);
    deliver_queued();
    return counts;
}

Status LocalDatabase::check_writable() const {
    if (wal_ == nullptr) {
        return fail(ErrorCode::Unavailable, "the store is open for reading only");
    }
    if (closed_) {
        return fail(ErrorCode::Unavailable, "the store is closed");
    }
    return disk_.check();
}

Result<AppendCounts> LocalDatabase::append_locked(const AppendBatch& batch,
                                                  std::vector<Rejection>* rejections,
                                                  uint64_t& lsn) {
    TRY(check_writable());
    if (batch.samples.size() > kBatchSamplesMax) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("a batch holds {} samples at most", kBatchSamplesMax));
    }
    std::vector<Rejection> refused;
    const auto accepted = filter_.accept(batch.samples, clock_.now_ns(), refused);
    AppendCounts counts{accepted.size(), 0, refused.size()};
    if (rejections != nullptr) {
        *rejections = std::move(refused);
    }
    if (accepted.empty() && batch.stamp.source == 0) {
        return counts;
    }
    SeriesId highest;
    for (const Sample& sample : accepted) {
        highest = std::max(highest, sample.series);
    }
    batch_.clear();
    TRY(log_definitions(highest));
    NumberedStamp stamp{0, batch.stamp.sequence, batch.stamp.hash, batch.stamp.flags};
    if (batch.stamp.source != 0) {
        stamp.source_number = wal_->source_number(batch.stamp.source, batch_);
    }
    batch_.add_samples(accepted, stamp);
    auto written = wal_->append(batch_);
    if (!written) {
        disk_.note_failure(written.error());
        return tl::unexpected(written.error());
    }
    lsn = *written;
    defined_up_to_ = std::max(defined_up_to_, highest.value());
    new_metadata_.clear();
    messages_.add(batch.stamp);
    filter_.commit(accepted);
    const auto appended = view_.head()->append(accepted);
    counts.duplicates = appended.replaced;
    queue_for_listener(accepted);
    note_appended(appended.bytes);
    return counts;
}

// Definitions and metadata that the log does not have yet go before the samples. Ids are dense, so
// everything above the last logged one is new.
Status LocalDatabase::log_definitions(SeriesId highest) {
    for (uint32_t id = defined_up_to_ + 1; id <= highest.value(); ++id) {
        if (const auto definition = catalog_->definition(SeriesId(id))) {
            batch_.add_series(*definition);
        } else if (id == highest.value()) {
            return fail(ErrorCode::InvalidArgument, fmt::format("series {} does not exist", id));
        }
    }
    for (const auto& [series, metadata] : new_metadata_) {
        batch_.add_metadata(series, metadata);
    }
    return {};
}

void LocalDatabase::note_appended(uint64_t head_bytes) {
    const bool was_below =
        head_bytes_.exchange(head_bytes, std::memory_order_relaxed) < options_.flush_bytes;
    bool wake = was_below && head_bytes >= options_.flush_bytes;
    if (head_since_ns_.load(std::memory_order_relaxed) == 0) {
        head_since_ns_.store(clock_.monotonic_ns() + 1, std::memory_order_relaxed);
    }
    if (unsynced_since_ns_.load(std::memory_order_relaxed) == 0) {
        unsynced_since_ns_.store(clock_.monotonic_ns() + 1, std::memory_order_relaxed);
        wake = true;
    }
    const uint64_t unsynced = wal_->unsynced_bytes();
    wake = wake || (unsynced >= kSyncBytes && options_.wal.fsync_policy == FsyncPolicy::Interval);
    if (wake) {
        host_.wake();
    }
}

// Memory is bounded: when a head is full while the one before is still on its way to disk, the
// writer helps, or learns why it cannot go on.
Status LocalDatabase::make_room() {
    if (!flush_wanted() || wal_ == nullptr) {
        return {};
    }
    if (host_.options.background && !flush_overdue()) {
        return {};
    }
    MutexLock lock(files_mutex_);
    if (!flush_wanted()) {
        return {};
    }
    TRY(disk_.check());
    return flush_with_reserve();
}

bool LocalDatabase::flush_wanted() const {
    return head_bytes_.load(std::memory_order_relaxed) >= options_.flush_bytes ||
           (wal_ != nullptr && wal_->stats().bytes >= options_.wal.total_bytes_max);
}

bool LocalDatabase::flush_overdue() const {
    return head_bytes_.load(std::memory_order_relaxed) >= 2 * options_.flush_bytes;
}

void LocalDatabase::queue_for_listener(std::span<const Sample> samples) {
    if (!host_.has_listener.load(std::memory_order_acquire) || samples.empty()) {
        return;
    }
    MutexLock lock(delivery_mutex_);
    deliveries_.emplace_back(samples.begin(), samples.end());
}

// One thread at a time delivers, for itself and for those that come meanwhile: the listener sees
// the order of the log and no lock is held.
void LocalDatabase::deliver_queued() {
    if (!host_.has_listener.load(std::memory_order_acquire)) {
        return;
    }
    std::vector<std::vector<Sample>> batches;
    for (;;) {
        {
            MutexLock lock(delivery_mutex_);
            if (batches.empty() ? delivering_ || deliveries_.empty() : false) {
                return;
            }
            batches.clear();
            std::swap(batches, deliveries_);
            delivering_ = !batches.empty();
        }
        if (batches.empty()) {
            return;
        }
        for (const auto& samples : batches) {
            host_.deliver(*this, samples);
        }
    }
}

std::unique_ptr<Querier> LocalDatabase::querier() const {
    return std::make_unique<DatabaseQuerier>(ReadParts{*catalog_, readers_, faults_},
                                             view_.open_snapshot());
}

std::vector<MessageStamp> LocalDatabase::recent_messages(uint64_t source) const {
    MutexLock lock(append_mutex_);
    return messages_.of(source);
}

int64_t LocalDatabase::sync_if_due() {
    const int64_t since = unsynced_since_ns_.load(std::memory_order_relaxed);
    if (since == 0 || wal_ == nullptr || options_.wal.fsync_policy != FsyncPolicy::Interval) {
        return kNever;
    }
    const int64_t now = clock_.monotonic_ns();
    const int64_t due = since + options_.wal.sync_interval_ns;
    if (now < due && wal_->unsynced_bytes() < kSyncBytes) {
        return due;
    }
    unsynced_since_ns_.store(0, std::memory_order_relaxed);
    if (auto synced = wal_->sync(); !synced) {
        disk_.note_failure(synced.error());
        unsynced_since_ns_.store(now, std::memory_order_relaxed);
        return now + kNsPerSecond;
    }
    return kNever;
}

DatabaseStats LocalDatabase::stats() const {
    DatabaseStats stats = counters_.sums();
    stats.series = catalog_->series_count();
    stats.catalog_bytes = catalog_->memory_bytes();
    stats.samples_written = samples_written_.load(std::memory_order_relaxed);
    stats.samples_duplicate = samples_duplicate_.load(std::memory_order_relaxed);
    stats.samples_rejected = samples_rejected_.load(std::memory_order_relaxed);
    const auto add_head = [&stats](const Head& head) {
        const HeadStats one = head.stats();
        stats.head_samples += one.samples;
        stats.head_bytes += one.bytes;
    };
    add_head(*view_.head());
    for (const FrozenHead& frozen : view_.frozen()) {
        add_head(*frozen.head);
    }
    if (wal_ != nullptr) {
        const WalStats wal = wal_->stats();
        stats.wal_segments = wal.segments;
        stats.wal_bytes = wal.bytes;
        stats.wal_syncs = wal.syncs;
        stats.wal_sync_ns = wal.sync_ns;
        stats.wal_sync_ns_max = wal.sync_ns_max;
        stats.wal_writes = wal.writes;
        stats.wal_written_bytes = wal.written_bytes;
        stats.wal_unsynced_bytes = wal.unsynced_bytes;
        stats.wal_poisoned = wal.poisoned;
    }
    const auto files = view_.files();
    for (const auto& file : *files) {
        ++stats.files;
        stats.file_bytes += file->info().bytes;
        stats.file_samples += file->info().samples;
    }
    stats.flushes = flushes_.load(std::memory_order_relaxed);
    stats.seals = seals_.load(std::memory_order_relaxed);
    stats.corrupt_blocks = faults_.count();
    stats.read_only_reason = disk_.reason();
    stats.read_only = wal_ == nullptr || !stats.read_only_reason.empty();
    return stats;
}

}  // namespace cistern::store
