// SPDX-License-Identifier: MIT
// One database folder: the write path, and the jobs that keep its files in order.
#pragma once

#include "store/base/mutex.h"
#include "store/engine/database_querier.h"
#include "store/engine/disk_state.h"
#include "store/engine/fault_log.h"
#include "store/engine/job_counters.h"
#include "store/engine/live_view.h"
#include "store/engine/merge_plan.h"
#include "store/engine/sample_filter.h"
#include "store/engine/store.h"
#include "store/engine/trusted_clock.h"
#include "store/wal/recent_messages.h"
#include "store/wal/wal_reader.h"
#include "store/wal/wal_writer.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cistern::store {

// What a database needs of the store that it belongs to; outlives it.
struct DatabaseHost {
    const StoreOptions& options;
    // Something became due: the background threads should look.
    std::function<void()> wake;
    // Gives the reserve back to the disk. True when it was there.
    std::function<bool()> release_reserve;
    std::function<void(Database& database, std::span<const Sample> samples)> deliver;
    std::atomic<bool>& has_listener;
};

struct FileChange {
    FileList added;
    FileList removed;
    uint64_t flushed_lsn = 0;         // 0 = as before
    bool oldest_frozen_done = false;  // its samples are in `added`
};

class LocalDatabase final : public Database {
  public:
    // Recovers what is in the folder, which must exist unless nothing may be written.
    static Result<std::unique_ptr<LocalDatabase>> open(const DatabaseHost& host,
                                                       const std::string& name,
                                                       const DatabaseOptions& options);
    ~LocalDatabase() override;
    LocalDatabase(const LocalDatabase&) = delete;
    LocalDatabase& operator=(const LocalDatabase&) = delete;

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] Result<SeriesHandle> series(const Labels& labels, ValueType type) override;
    [[nodiscard]] std::optional<SeriesId> find(const Labels& labels) const override;
    void set_metadata(SeriesId series, const SeriesMetadata& metadata) override;
    [[nodiscard]] SeriesMetadata metadata(SeriesId series) const override;
    [[nodiscard]] std::shared_ptr<const Labels> labels(SeriesId series) const override;
    [[nodiscard]] Result<AppendCounts> append(const AppendBatch& batch) override;
    [[nodiscard]] std::unique_ptr<Querier> querier() const override;
    [[nodiscard]] std::vector<MessageStamp> recent_messages(uint64_t source) const override;
    [[nodiscard]] Status flush() override;
    [[nodiscard]] Status compact() override;
    [[nodiscard]] DatabaseStats stats() const override;

    // As append; says which samples were refused and why.
    [[nodiscard]] Result<AppendCounts> append_and_explain(const AppendBatch& batch,
                                                          std::vector<Rejection>* rejections);
    // Syncs the log when that is due. The monotonic time of the next call, or the largest there is.
    int64_t sync_if_due();
    // Flushes and forgets what is due; quick.
    void run_due_jobs();
    // Merges and seals what is due; takes its time, while appends and flushes go on.
    void run_due_merges();
    // Flushes everything; later appends fail with Unavailable.
    [[nodiscard]] Status close();

    [[nodiscard]] const Catalog& catalog() const { return *catalog_; }
    [[nodiscard]] const std::string& folder() const { return folder_; }

  private:
    friend class Recovery;
    LocalDatabase(DatabaseHost host, std::string name, DatabaseOptions options);

    [[nodiscard]] Result<AppendCounts> append_locked(const AppendBatch& batch,
                                                     std::vector<Rejection>* rejections,
                                                     uint64_t& lsn) CISTERN_REQUIRES(append_mutex_);
    [[nodiscard]] Status check_writable() const CISTERN_REQUIRES(append_mutex_);
    [[nodiscard]] Status make_room();
    [[nodiscard]] Status log_definitions(SeriesId highest) CISTERN_REQUIRES(append_mutex_);
    void note_appended(uint64_t head_bytes);
    void queue_for_listener(std::span<const Sample> samples) CISTERN_REQUIRES(append_mutex_);
    void deliver_queued();
    [[nodiscard]] bool flush_wanted() const;
    [[nodiscard]] bool flush_overdue() const;

    // flush.cc
    [[nodiscard]] Status flush_with_reserve() CISTERN_REQUIRES(files_mutex_);
    [[nodiscard]] Status flush_all() CISTERN_REQUIRES(files_mutex_);
    void freeze_head() CISTERN_REQUIRES(files_mutex_);
    [[nodiscard]] Status write_frozen(const FrozenHead& frozen) CISTERN_REQUIRES(files_mutex_);
    [[nodiscard]] Status finish_flush(uint64_t end_lsn) CISTERN_REQUIRES(files_mutex_);
    // Saves the MANIFEST with this change; on success readers see it. A failure may still have
    // reached the disk: the files of either side must stay.
    [[nodiscard]] Status publish(const FileChange& change) CISTERN_REQUIRES(files_mutex_);

    // jobs.cc
    [[nodiscard]] std::optional<MergePlan> next_merge(bool forced) CISTERN_REQUIRES(merge_mutex_);
    [[nodiscard]] Status merge(const MergePlan& plan) CISTERN_REQUIRES(merge_mutex_);
    void copy_catalog_if_due() CISTERN_REQUIRES(merge_mutex_);
    [[nodiscard]] Result<std::shared_ptr<const LiveFile>> write_merged(const MergePlan& plan)
        CISTERN_REQUIRES(merge_mutex_);
    void forget_expired() CISTERN_REQUIRES(files_mutex_);
    [[nodiscard]] bool is_expired(const LiveFile& file) const CISTERN_REQUIRES(files_mutex_);
    [[nodiscard]] bool is_too_much(const FileList& files, const LiveFile& oldest) const;
    [[nodiscard]] Status forget(const FileChange& change) CISTERN_REQUIRES(files_mutex_);

    const DatabaseHost host_;
    FileSystem& fs_;
    Clock& clock_;
    const std::string name_;
    const std::string folder_;
    const DatabaseOptions options_;

    std::unique_ptr<Catalog> catalog_;
    LiveView view_;
    mutable FaultLog faults_;
    mutable ReaderCache readers_;
    DiskState disk_;
    std::unique_ptr<WalWriter> wal_;  // null when nothing may be written

    Mutex merge_mutex_;  // before files_mutex_; one merge at a time
    MergePlanner planner_ CISTERN_GUARDED_BY(merge_mutex_);
    int64_t next_copy_ns_ CISTERN_GUARDED_BY(merge_mutex_) = 0;  // of the catalog; monotonic
    uint32_t copied_series_ CISTERN_GUARDED_BY(merge_mutex_) = 0;
    Mutex files_mutex_;  // before append_mutex_; one flush or change of the MANIFEST at a time
    int64_t next_retention_ns_ CISTERN_GUARDED_BY(files_mutex_) = 0;  // monotonic
    Manifest manifest_ CISTERN_GUARDED_BY(files_mutex_);
    TrustedClock trusted_clock_ CISTERN_GUARDED_BY(files_mutex_);
    uint64_t saved_messages_ CISTERN_GUARDED_BY(files_mutex_) = 0;  // their version in the file
    // As of the newest frozen head; kept until they are in the file.
    std::optional<RecentMessages> frozen_messages_ CISTERN_GUARDED_BY(files_mutex_);
    uint64_t frozen_lsn_ CISTERN_GUARDED_BY(files_mutex_) = 0;
    // Nothing was logged after it.
    uint64_t start_lsn_ CISTERN_GUARDED_BY(files_mutex_) = 0;

    mutable Mutex append_mutex_;  // the order of the log is the order of the head
    WalBatch batch_ CISTERN_GUARDED_BY(append_mutex_);
    SampleFilter filter_ CISTERN_GUARDED_BY(append_mutex_);
    std::vector<std::pair<SeriesId, SeriesMetadata>> new_metadata_
        CISTERN_GUARDED_BY(append_mutex_);
    uint32_t defined_up_to_ CISTERN_GUARDED_BY(append_mutex_) =
        0;  // ids whose definitions are logged
    RecentMessages messages_ CISTERN_GUARDED_BY(append_mutex_);
    bool closed_ CISTERN_GUARDED_BY(append_mutex_) = false;

    Mutex delivery_mutex_;
    std::vector<std::vector<Sample>> deliveries_ CISTERN_GUARDED_BY(delivery_mutex_);
    bool delivering_ CISTERN_GUARDED_BY(delivery_mutex_) = false;

    std::atomic<uint64_t> head_bytes_{0};
    std::atomic<int64_t> head_since_ns_{0};      // monotonic; 0 = the head is empty
    std::atomic<int64_t> unsynced_since_ns_{0};  // monotonic; 0 = everything is synced
    std::atomic<bool> flushing_{false};
    std::atomic<uint64_t> samples_written_{0}, samples_duplicate_{0}, samples_rejected_{0};
    std::atomic<uint64_t> flushes_{0}, seals_{0};
    JobCounters counters_;
};

}  // namespace cistern::store
