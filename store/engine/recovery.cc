// SPDX-License-Identifier: MIT
#include "store/engine/recovery.h"

#include "store/base/log.h"
#include "store/engine/file_names.h"
#include "store/engine/manifest_rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cistern::store {
namespace {

// Puts what the log holds where it was.
class Replay final : public WalVisitor {
  public:
    Replay(Catalog& catalog, Head& head, RecentMessages& messages, SampleFilter& filter)
        : catalog_(catalog), head_(head), messages_(messages), filter_(filter) {}

    void on_samples(uint64_t, std::span<const Sample> samples, const MessageStamp& stamp) override {
        messages_.add(stamp);
        const auto known = [this](const Sample& sample) { return is_known(sample.series); };
        if (!std::all_of(samples.begin(), samples.end(), known)) {
            known_.clear();
            std::copy_if(samples.begin(), samples.end(), std::back_inserter(known_), known);
            unknown_ += samples.size() - known_.size();
            samples = known_;
        }
        (void)head_.append(samples);
        filter_.commit(samples);
    }
    void on_series(uint64_t, const SeriesDefinition& definition) override {
        if (auto restored = catalog_.restore(definition); !restored) {
            log_error("write-ahead log: {}", restored.error().message);
        }
    }
    void on_metadata(uint64_t, SeriesId series, const SeriesMetadata& metadata) override {
        if (is_known(series)) {
            catalog_.set_metadata(series, metadata);
        }
    }
    // Samples whose series' definition was damaged.
    [[nodiscard]] uint64_t unknown() const { return unknown_; }

  private:
    bool is_known(SeriesId series) {
        return (series.value() < checked_.size() && checked_[series.value()]) || look_up(series);
    }
    bool look_up(SeriesId series) {
        if (series.value() >= checked_.size()) {
            checked_.resize(std::min<size_t>(series.value() + size_t{1}, kCheckedMax));
        }
        const bool known = series.value() != 0 && catalog_.labels(series) != nullptr;
        if (known && series.value() < checked_.size()) {
            checked_[series.value()] = true;
        }
        return known;
    }

    static constexpr size_t kCheckedMax = 1 << 24;

    Catalog& catalog_;
    Head& head_;
    RecentMessages& messages_;
    SampleFilter& filter_;
    std::vector<bool> checked_;  // by series id: known to the catalog
    std::vector<Sample> known_;
    uint64_t unknown_ = 0;
};

}  // namespace

Result<std::unique_ptr<LocalDatabase>> LocalDatabase::open(const DatabaseHost& host,
                                                           const std::string& name,
                                                           const DatabaseOptions& options) {
    // Beside a running server, files and log may move while they are read.
    constexpr int kTriesMax = 20;
    std::vector<WalFault> faults;
    bool last = !host.options.read_only;
    for (int tries = 1;; ++tries) {
        std::unique_ptr<LocalDatabase> database(new LocalDatabase(host, name, options));
        Recovery recovery(*database, !last && tries < kTriesMax, faults);
        Status recovered = recovery.run();
        const Recovery::Verdict verdict = recovery.judge(recovered);
        if (verdict == Recovery::Verdict::Done) {
            recovery.tell();
            TRY(std::move(recovered).with_context(database->folder_));
            return database;
        }
        last = verdict == Recovery::Verdict::Last;
        faults = recovery.faults();
    }
}

// A MANIFEST that is another one now says that samples went from the log into files, or from file
// to file, in the middle of it all; pages of the log that were read before their neighbours were
// written look like damage once.
Recovery::Verdict Recovery::judge(const Status& recovered) const {
    if (!may_try_again_) {
        return Verdict::Done;
    }
    const auto now = load_manifest(database_.fs_, database_.folder_);
    const bool moved = now ? *now != loaded_manifest_ : loaded_manifest_.has_value();
    if (moved || (!faults_.empty() && faults_ != faults_before_)) {
        return Verdict::Again;
    }
    return recovered && !file_is_missing_ ? Verdict::Done : Verdict::Last;
}

void Recovery::note(LogLevel level, std::string line) {
    if (may_try_again_) {
        notes_.emplace_back(level, std::move(line));
    } else {
        write_log(level, line);
    }
}

void Recovery::tell() const {
    for (const auto& [level, line] : notes_) {
        write_log(level, line);
    }
}

Status Recovery::run() {
    {
        MutexLock files(database_.files_mutex_);
        MutexLock append(database_.append_mutex_);
        TRY(load_files());
        TRY(load_catalog());
        TRY(replay_log());
    }
    if (flush_at_once_) {
        (void)database_.flush();  // a failure is noted: the database refuses writes
    }
    return {};
}

Status Recovery::load_files() {
    LocalDatabase& db = database_;
    TRY(load_or_make_manifest());
    const auto entries = TRY(db.fs_.list(db.folder_));
    FileList files;
    for (FileInfo& info : db.manifest_.files) {
        const auto entry =
            std::find_if(entries.begin(), entries.end(), [&info](const DirectoryEntry& one) {
                return one.name == info.name;
            });
        if (entry == entries.end() && may_try_again_) {
            file_is_missing_ = true;
            return {};
        }
        if (entry == entries.end()) {
            db.faults_.note_file(db.folder_ + "/" + info.name, "the file is missing");
            continue;
        }
        info.bytes = entry->size;
        files.push_back(std::make_shared<const LiveFile>(db.fs_, db.folder_, info));
    }
    sort_files(files);
    db.view_.replace_files(std::move(files));
    if (db.host_.options.read_only) {
        hold_files();
    }
    if (!db.host_.options.read_only) {
        remove_orphans(entries);
    }
    note_last_timestamps();
    db.trusted_clock_ =
        TrustedClock(db.clock_, db.manifest_.trusted_time_ns, db.manifest_.files.empty());
    return {};
}

// The server may remove a file at any time; an open one can be read all the same.
void Recovery::hold_files() {
    LocalDatabase& db = database_;
    const auto files = db.view_.files();
    if (files->size() > kHeldFilesMax) {
        return;
    }
    for (const auto& file : *files) {
        const auto reader = db.readers_.open(*file);
        file_is_missing_ =
            file_is_missing_ || (!reader && reader.error().code == ErrorCode::NotFound);
    }
}

// A new database gets an empty MANIFEST before its first partition file: where there are files and
// no MANIFEST it was lost, and deleting the files as orphans would be the worst answer.
Status Recovery::load_or_make_manifest() {
    LocalDatabase& db = database_;
    auto loaded = load_manifest(db.fs_, db.folder_);
    if (loaded && *loaded) {
        loaded_manifest_ = *loaded;
        db.manifest_ = std::move(**loaded);
        return {};
    }
    if (!loaded && loaded.error().code != ErrorCode::Corruption) {
        return tl::unexpected(loaded.error());
    }
    if (!loaded) {
        note(LogLevel::Error, fmt::format("{}: {}", db.folder_, loaded.error().message));
    }
    const bool read_only = db.host_.options.read_only;
    const auto entries = TRY(db.fs_.list(db.folder_));
    const bool has_files =
        std::any_of(entries.begin(), entries.end(), [](const DirectoryEntry& entry) {
            return is_partition(entry.name);
        });
    if (has_files || !loaded) {
        db.manifest_ = TRY(rebuild_manifest(db.fs_, db.folder_, read_only));
    }
    return read_only ? Status{} : save_manifest(db.fs_, db.folder_, db.manifest_);
}

// Files that a crash left behind before the MANIFEST named them, or after it no longer did.
void Recovery::remove_orphans(const std::vector<DirectoryEntry>& entries) {
    LocalDatabase& db = database_;
    std::set<std::string> named;
    for (const FileInfo& info : db.manifest_.files) {
        named.insert(info.name);
    }
    for (const DirectoryEntry& entry : entries) {
        if (!entry.is_directory && is_partition_or_temporary(entry.name) &&
            !named.contains(entry.name)) {
            if (auto removed = db.fs_.remove(db.folder_ + "/" + entry.name); !removed) {
                log_warn("{}", removed.error().message);
            }
        }
    }
}

Status Recovery::load_catalog() {
    LocalDatabase& db = database_;
    std::vector<std::string> warnings;
    db.catalog_ = TRY(Catalog::open(db.fs_, db.folder_, warnings));
    for (const std::string& warning : warnings) {
        note(LogLevel::Warn, fmt::format("{}: {}", db.folder_, warning));
    }
    return {};
}

Status Recovery::replay_log() {
    LocalDatabase& db = database_;
    const std::string wal_folder = db.folder_ + "/" + std::string(kWalFolder);
    if (auto loaded = db.messages_.load(db.fs_, messages_path(db.folder_)); !loaded) {
        log_warn("{}", loaded.error().message);
    }
    db.saved_messages_ = db.messages_.version();
    const auto head = db.view_.head();
    Replay replay(*db.catalog_, *head, db.messages_, db.filter_);
    const int64_t before = db.clock_.monotonic_ns();
    const WalReport report = TRY(read_wal(db.fs_, wal_folder, db.manifest_.flushed_lsn, replay));
    db.counters_.note_replay(report, db.clock_.monotonic_ns() - before);
    faults_ = report.faults;
    for (const WalFault& fault : report.faults) {
        note(LogLevel::Error,
             fmt::format("{}/{} at {}: {}", wal_folder, fault.file, fault.offset, fault.reason));
    }
    if (report.dropped_frames > 0) {
        note(LogLevel::Warn,
             fmt::format("{}: {} records behind a torn one were never synced and are dropped",
                         wal_folder,
                         report.dropped_frames));
    }
    if (replay.unknown() > 0) {
        note(LogLevel::Error,
             fmt::format("{}: {} samples of series whose definition is damaged were skipped",
                         wal_folder,
                         replay.unknown()));
    }
    reserve_ids_of_files();
    const auto ids = db.catalog_->select({});
    db.defined_up_to_ = ids.empty() ? 0 : ids.back().value();
    const HeadStats stats = head->stats();
    db.head_bytes_.store(stats.bytes);
    db.head_since_ns_.store(stats.samples == 0 ? 0 : db.clock_.monotonic_ns() + 1);
    return db.host_.options.read_only ? Status{} : start_log(report);
}

Status Recovery::start_log(const WalReport& report) {
    LocalDatabase& db = database_;
    const std::string wal_folder = db.folder_ + "/" + std::string(kWalFolder);
    if (!TRY(db.fs_.exists(wal_folder))) {
        TRY(db.fs_.create_directories(wal_folder));
        TRY(db.fs_.sync_directory(db.folder_));
    }
    WalStart start;
    const uint64_t end = std::max(report.end_lsn, db.manifest_.flushed_lsn);
    start.next_lsn = lsn_after_reopen(end);
    start.previous_end_lsn = end;
    db.start_lsn_ = start.next_lsn - 1;
    start.next_segment_id = report.next_segment_id;
    for (const WalSegmentInfo& segment : report.segments) {
        start.segments.push_back({segment.id, segment.last_lsn, segment.file_bytes, true});
        if (!segment.skipped && segment.last_lsn > db.manifest_.flushed_lsn) {
            sync_segment(wal_folder + "/" + segment_file_name(segment.id));
        }
    }
    for (const DirectoryEntry& entry : TRY(db.fs_.list(wal_folder))) {
        if (entry.name.ends_with(".tmp")) {
            TRY(db.fs_.remove(wal_folder + "/" + entry.name));
        }
    }
    db.wal_ = std::make_unique<WalWriter>(
        db.fs_, db.clock_, wal_folder, db.options_.wal, std::move(start));
    db.wal_->recycle(db.manifest_.flushed_lsn);
    return {};
}

// What a killed process wrote may still be in memory only; the next segment will claim that it is
// on the device. When the device refuses, the samples go to files at once instead.
void Recovery::sync_segment(const std::string& path) {
    const auto file = database_.fs_.open(path, OpenMode::ReadWrite);
    const Status synced = file ? (*file)->sync_data() : Status(tl::unexpected(file.error()));
    if (!synced) {
        log_error("{}; its samples are written to files now", synced.error().message);
        flush_at_once_ = true;
    }
}

// Where late samples are refused, what "late" means must survive a restart.
void Recovery::note_last_timestamps() {
    LocalDatabase& db = database_;
    if (db.options_.out_of_order != OutOfOrder::Reject) {
        return;
    }
    const auto files = db.view_.files();
    for (const auto& file : *files) {
        const auto reader = db.readers_.open(*file);
        if (!reader) {
            db.faults_.note_file(file->path(), reader.error().message);
            continue;
        }
        for (const SeriesId id : (*reader)->series()) {
            const auto blocks = (*reader)->blocks(id);
            if (blocks && !blocks->empty()) {
                db.filter_.note_last(id, blocks->back().last_ns);
            }
        }
    }
}

// A damaged catalog must not give out ids again that files use.
void Recovery::reserve_ids_of_files() {
    SeriesId highest;
    const auto files = database_.view_.files();
    for (const auto& file : *files) {
        highest = std::max(highest, SeriesId(file->info().series_max));
    }
    database_.catalog_->reserve_ids(highest);
}

}  // namespace cistern::store
