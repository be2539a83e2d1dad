// SPDX-License-Identifier: MIT
// Head -> partition files. The order is what makes it safe: files, catalog, MANIFEST, readers,
// message stamps, and only then may the log be written over.
#include "store/base/log.h"
#include "store/engine/file_names.h"
#include "store/engine/local_database.h"
#include "store/engine/period.h"
#include "store/partition/partition_writer.h"

#include <algorithm>
#include <map>

namespace cistern::store {
namespace {

// The periods that the head's samples fall into, ascending.
std::vector<TimeRange> periods_of(const Head& head, PartitionPeriod kind) {
    std::map<TimestampNs, TimeRange> periods;
    std::vector<TimestampNs> timestamps;
    std::vector<ValueBits> values;
    for (const SeriesId id : head.series()) {
        timestamps.clear();
        values.clear();
        head.read(id, kLatestEpoch, {}, timestamps, values);
        for (auto at = timestamps.begin(); at != timestamps.end();) {
            const TimeRange period = period_of(kind, *at);
            periods[period.begin] = period;
            at = std::lower_bound(at, timestamps.end(), period.end);
        }
    }
    std::vector<TimeRange> ascending;
    ascending.reserve(periods.size());
    for (const auto& [begin, period] : periods) {
        ascending.push_back(period);
    }
    return ascending;
}

}  // namespace

Status LocalDatabase::flush() {
    if (wal_ == nullptr) {
        return fail(ErrorCode::Unavailable, "the store is open for reading only");
    }
    MutexLock lock(files_mutex_);
    return flush_with_reserve();
}

Status LocalDatabase::flush_with_reserve() {
    const int64_t before = clock_.monotonic_ns();
    auto flushed = flush_all();
    if (!flushed && flushed.error().code == ErrorCode::ResourceExhausted &&
        host_.release_reserve()) {
        log_warn("{}: the disk is full; the reserve was given back to finish a flush", folder_);
        flushed = flush_all();
    }
    counters_.note_flush(flushed.has_value(), clock_.monotonic_ns() - before);
    if (flushed) {
        disk_.note_success();
    } else {
        disk_.note_failure(flushed.error());
    }
    return flushed;
}

Status LocalDatabase::flush_all() {
    freeze_head();
    for (const FrozenHead& frozen : view_.frozen()) {
        TRY(write_frozen(frozen));
    }
    return finish_flush(frozen_lsn_);
}

void LocalDatabase::freeze_head() {
    MutexLock lock(append_mutex_);
    frozen_lsn_ = wal_->last_lsn();
    if (messages_.version() != saved_messages_) {
        frozen_messages_ = messages_;
    }
    view_.freeze_head(frozen_lsn_);
    head_bytes_.store(0, std::memory_order_relaxed);
    head_since_ns_.store(0, std::memory_order_relaxed);
}

Status LocalDatabase::write_frozen(const FrozenHead& frozen) {
    FileChange change;
    change.flushed_lsn = frozen.end_lsn;
    change.oldest_frozen_done = true;
    const auto ids = frozen.head->series();
    for (const TimeRange& period : periods_of(*frozen.head, options_.partition)) {
        FileInfo info;
        info.period = period;
        info.generation = manifest_.next_generation++;
        info.name = partition_file_name(options_.partition, period.begin, info.generation);
        auto writer = TRY(PartitionWriter::create(fs_,
                                                  folder_ + "/" + info.name,
                                                  {period, info.generation, frozen.end_lsn, false},
                                                  options_.block_samples_max));
        SampleRun run;
        for (const SeriesId id : ids) {
            run.clear();
            frozen.head->read(id, kLatestEpoch, period, run.timestamps, run.values);
            if (!run.empty()) {
                TRY(writer->add({id, catalog_->type(id), run.timestamps, run.values}));
                info.series_max = id.value();
            }
        }
        const PartitionWriteResult written = TRY(writer->finish());
        info.samples = written.samples;
        info.bytes = written.file_bytes;
        info.first_ns = written.first_ns;
        info.last_ns = written.last_ns;
        counters_.note_flushed(written);
        change.added.push_back(std::make_shared<const LiveFile>(fs_, folder_, info));
    }
    TRY(catalog_->persist(false));
    return publish(change);
}

Status LocalDatabase::publish(const FileChange& change) {
    const auto before = view_.files();
    FileList files;
    for (const auto& file : *before) {
        if (std::find(change.removed.begin(), change.removed.end(), file) == change.removed.end()) {
            files.push_back(file);
        }
    }
    files.insert(files.end(), change.added.begin(), change.added.end());
    sort_files(files);
    Manifest next = manifest_;
    next.flushed_lsn = std::max(next.flushed_lsn, change.flushed_lsn);
    next.trusted_time_ns = trusted_clock_.update();
    next.files.clear();
    for (const auto& file : files) {
        next.files.push_back(file->info());
    }
    TRY(save_manifest(fs_, folder_, next));
    manifest_ = std::move(next);
    if (change.oldest_frozen_done) {
        view_.replace_oldest_frozen(std::move(files));
        flushes_.fetch_add(1, std::memory_order_relaxed);
    } else {
        view_.replace_files(std::move(files));
    }
    for (const auto& file : change.removed) {
        readers_.forget(*file);
        file->remove_when_unused();
    }
    return {};
}

Status LocalDatabase::finish_flush(uint64_t end_lsn) {
    if (end_lsn > std::max(start_lsn_, manifest_.flushed_lsn)) {
        // Only stamps or replaced samples: no file came of it, but the log may go.
        TRY(catalog_->persist(false));
        FileChange nothing;
        nothing.flushed_lsn = end_lsn;
        TRY(publish(nothing));
    }
    if (frozen_messages_) {
        TRY(frozen_messages_->save(fs_, messages_path(folder_)));
        saved_messages_ = frozen_messages_->version();
        frozen_messages_.reset();
    }
    wal_->recycle(manifest_.flushed_lsn);
    return {};
}

Status LocalDatabase::close() {
    if (wal_ == nullptr) {
        return {};
    }
    {
        MutexLock lock(append_mutex_);
        closed_ = true;
    }
    MutexLock lock(files_mutex_);
    TRY(flush_with_reserve());
    TRY(catalog_->persist(true));
    return wal_->remove_all();
}

}  // namespace cistern::store
