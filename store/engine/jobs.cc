// SPDX-License-Identifier: MIT
// What a database does without being asked: flush, merge, seal, forget.
#include "store/base/log.h"
#include "store/engine/file_names.h"
#include "store/engine/local_database.h"
#include "store/engine/period.h"
#include "store/engine/tar_archive.h"
#include "store/partition/partition_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

namespace cistern::store {
namespace {

// Retention looks this often and forgets this many periods at a time: a mistake has time to be
// noticed.
constexpr int64_t kRetentionPassNs = 60 * kNsPerSecond;
constexpr size_t kPeriodsPerPass = 2;

// catalog.json is written this long after a start, and this often where series were added.
constexpr int64_t kCatalogCopyNs = kNsPerDay;

using Readers = std::vector<std::shared_ptr<PartitionReader>>;

// A series is merged as a whole, in memory.
constexpr uint64_t kSpanSeriesSamplesMax = 4 << 20;

uint64_t samples_of(const Readers& readers, SeriesId id) {
    uint64_t samples = 0;
    for (const auto& reader : readers) {
        if (const auto blocks = reader->blocks(id)) {
            for (const BlockEntry& block : *blocks) {
                samples += block.count;
            }
        }
    }
    return samples;
}

// Fails with Corruption when a block cannot be read: what it holds must not be lost for good.
Status copy_series(const Readers& readers, SeriesId id, ValueType type, PartitionWriter& writer) {
    SampleRun merged;
    SampleRun run;
    std::vector<BlockFault> faults;
    for (const auto& reader : readers) {
        run.clear();
        TRY(reader->read_bits(id, {}, run.timestamps, run.values, faults));
        if (!faults.empty()) {
            return fail(
                ErrorCode::Corruption,
                fmt::format(
                    "{}: block at {}: {}", reader->path(), faults[0].offset, faults[0].reason));
        }
        merge_newer(merged, run.timestamps, run.values);
    }
    return writer.add({id, type, merged.timestamps, merged.values});
}

}  // namespace

void LocalDatabase::run_due_jobs() {
    if (wal_ == nullptr) {
        return;
    }
    MutexLock lock(files_mutex_);
    (void)trusted_clock_.update();
    const int64_t since = head_since_ns_.load(std::memory_order_relaxed);
    const bool aged = since != 0 && clock_.monotonic_ns() - since >= options_.flush_age_ns;
    const bool retry = !view_.frozen().empty() || !disk_.reason().empty();
    if ((aged || flush_wanted() || retry) && disk_.check()) {
        (void)flush_with_reserve();  // a failure is noted and tried again
    }
    forget_expired();
}

void LocalDatabase::run_due_merges() {
    if (wal_ == nullptr || !disk_.reason().empty()) {
        return;
    }
    MutexLock lock(merge_mutex_);
    while (const auto plan = next_merge(false)) {
        if (!merge(*plan)) {
            return;
        }
    }
    copy_catalog_if_due();
}

// What a flipped bit in catalog.log would cost is every sample of a series; its second source,
// catalog.json, must not be as old as the last stop.
void LocalDatabase::copy_catalog_if_due() {
    const int64_t now = clock_.monotonic_ns();
    const uint32_t series = catalog_->series_count();
    if (next_copy_ns_ == 0) {
        next_copy_ns_ = now + kCatalogCopyNs;
    }
    if (now < next_copy_ns_ || series == copied_series_) {
        return;
    }
    next_copy_ns_ = now + kCatalogCopyNs;
    if (auto copied = catalog_->persist(true); !copied) {
        log_warn("{}", copied.error().message);
        return;
    }
    copied_series_ = series;
}

Status LocalDatabase::compact() {
    TRY(flush());
    MutexLock lock(merge_mutex_);
    while (const auto plan = next_merge(true)) {
        TRY(merge(*plan));
    }
    return {};
}

// The merged file's generation is taken together with the list: what is flushed meanwhile gets a
// later one and its samples win.
std::optional<MergePlan> LocalDatabase::next_merge(bool forced) {
    MutexLock lock(files_mutex_);
    const auto files = view_.files();
    auto plan = forced ? planner_.next_forced(*files)
                       : planner_.next(*files, clock_.now_ns(), clock_.monotonic_ns());
    if (plan) {
        plan->generation = manifest_.next_generation++;
    }
    return plan;
}

Status LocalDatabase::merge(const MergePlan& plan) {
    auto merged = write_merged(plan);
    if (merged) {
        MutexLock lock(files_mutex_);
        const auto live = view_.files();
        const auto is_live = [&live](const auto& file) {
            return std::find(live->begin(), live->end(), file) != live->end();
        };
        if (!std::all_of(plan.files.begin(), plan.files.end(), is_live)) {
            (*merged)->remove_when_unused();  // retention was faster
            return {};
        }
        FileChange change;
        change.added.push_back(*merged);
        change.removed = plan.files;
        TRY(publish(change));
        seals_.fetch_add(plan.seal ? 1 : 0, std::memory_order_relaxed);
        return {};
    }
    if (merged.error().code == ErrorCode::Corruption) {
        log_error("{}; its period is not merged", merged.error().message);
        planner_.give_up(plan.period);
        return {};
    }
    if (merged.error().code == ErrorCode::Unsupported) {
        log_debug("{}", merged.error().message);
        planner_.give_up(plan.period);
        return {};
    }
    disk_.note_failure(merged.error());
    return tl::unexpected(merged.error());
}

Result<std::shared_ptr<const LiveFile>> LocalDatabase::write_merged(const MergePlan& plan) {
    const int64_t before = clock_.monotonic_ns();
    Readers readers;
    std::set<SeriesId> ids;
    uint64_t lsn_max = 0;
    for (const auto& file : plan.files) {
        readers.push_back(TRY(readers_.open(*file)));
        if (!readers.back()->index_faults().empty()) {
            return fail(ErrorCode::Corruption,
                        fmt::format("{}: the index is damaged", file->path()));
        }
        const auto series = readers.back()->series();
        ids.insert(series.begin(), series.end());
        lsn_max = std::max(lsn_max, readers.back()->identity().wal_lsn_max);
    }
    const bool widens = plan.period != plan.files.front()->info().period;
    for (const SeriesId id : ids) {
        if (widens && samples_of(readers, id) > kSpanSeriesSamplesMax) {
            return fail(ErrorCode::Unsupported,
                        fmt::format("{}: series {} is too large to join files of {}",
                                    folder_,
                                    id.value(),
                                    period_name(kind_of(plan.period), plan.period.begin)));
        }
    }
    FileInfo info;
    info.period = plan.period;
    info.sealed = plan.seal;
    info.series_max = ids.empty() ? 0 : ids.rbegin()->value();
    info.generation = plan.generation;
    info.name = partition_file_name(kind_of(info.period), info.period.begin, info.generation);
    auto writer = TRY(PartitionWriter::create(fs_,
                                              folder_ + "/" + info.name,
                                              {info.period, info.generation, lsn_max, plan.seal},
                                              options_.block_samples_max));
    for (const SeriesId id : ids) {
        TRY(copy_series(readers, id, catalog_->type(id), *writer));
    }
    const PartitionWriteResult written = TRY(writer->finish());
    info.samples = written.samples;
    info.bytes = written.file_bytes;
    info.first_ns = written.first_ns;
    info.last_ns = written.last_ns;
    counters_.note_merge(written, clock_.monotonic_ns() - before);
    return std::make_shared<const LiveFile>(fs_, folder_, info);
}

// By the end of a period and a clock that does not jump; never by a sample's own time.
void LocalDatabase::forget_expired() {
    const int64_t monotonic = clock_.monotonic_ns();
    if (monotonic < next_retention_ns_) {
        return;
    }
    next_retention_ns_ = monotonic + kRetentionPassNs;
    for (size_t i = 0; i < kPeriodsPerPass; ++i) {
        const FileList files = *view_.files();
        const auto oldest =
            std::min_element(files.begin(), files.end(), [](const auto& a, const auto& b) {
                return a->info().period.end < b->info().period.end;
            });
        if (oldest == files.end() || !(is_expired(**oldest) || is_too_much(files, **oldest))) {
            return;
        }
        FileChange change;
        const TimeRange period = (*oldest)->info().period;
        std::copy_if(files.begin(),
                     files.end(),
                     std::back_inserter(change.removed),
                     [&period](const auto& file) { return file->info().period == period; });
        if (auto forgotten = forget(change); !forgotten) {
            log_error("retention: {}", forgotten.error().message);
            disk_.note_failure(forgotten.error());
            return;
        }
    }
}

bool LocalDatabase::is_expired(const LiveFile& file) const {
    const int64_t now = trusted_clock_.now_ns();
    return options_.retention_action != RetentionAction::Keep && options_.retention_ns > 0 &&
           now > 0 && file.info().period.end <= now - options_.retention_ns;
}

// The newest period stays whatever the bound says.
bool LocalDatabase::is_too_much(const FileList& files, const LiveFile& oldest) const {
    uint64_t bytes = 0;
    bool newer = false;
    for (const auto& file : files) {
        bytes += file->info().bytes;
        newer = newer || file->info().period.end > oldest.info().period.end;
    }
    return options_.retention_bytes_max > 0 && bytes > options_.retention_bytes_max && newer;
}

Status LocalDatabase::forget(const FileChange& change) {
    for (const auto& file : change.removed) {
        const FileInfo& info = file->info();
        if (options_.retention_action == RetentionAction::Archive) {
            const std::string tar = archive_name(kind_of(info.period), info.period.begin);
            TRY(append_to_tar(fs_, folder_ + "/" + tar, file->path(), info.name));
            log_info("{}: {} expired and went to {}", folder_, info.name, tar);
        } else {
            log_info("{}: {} expired and is removed", folder_, info.name);
        }
    }
    TRY(publish(change));
    counters_.note_expired(change.removed.size());
    return {};
}

}  // namespace cistern::store
