// SPDX-License-Identifier: MIT
// The store: databases under one root folder. The public face of the embeddable library.
#pragma once

#include "store/base/clock.h"
#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/catalog/catalog.h"
#include "store/engine/options.h"
#include "store/engine/querier.h"
#include "store/model/labels.h"
#include "store/model/message_stamp.h"
#include "store/model/sample.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::store {

// One atomic append: all samples or none are there after a crash.
struct AppendBatch {
    std::span<const Sample> samples;
    MessageStamp stamp;
};

struct AppendCounts {
    uint64_t stored = 0;
    uint64_t duplicates = 0;  // replaced one of the same time in memory; those in files are not told
    uint64_t rejected = 0;    // too old, too new, or out of order where that is refused
};

struct LineError {
    size_t line = 0;  // 1-based
    std::string reason;
};
struct ImportResult {
    uint64_t imported = 0;
    uint64_t failed = 0;
    std::vector<LineError> errors;  // the first `kLineErrorsMax`
};
inline constexpr size_t kLineErrorsMax = 100;

struct DatabaseStats {
    uint64_t series = 0;
    uint64_t samples_written = 0;
    uint64_t samples_duplicate = 0;
    uint64_t samples_rejected = 0;
    uint64_t head_samples = 0, head_bytes = 0;
    uint64_t wal_segments = 0, wal_bytes = 0, wal_syncs = 0;
    uint64_t files = 0, file_bytes = 0, file_samples = 0;
    uint64_t flushes = 0, seals = 0, corrupt_blocks = 0;
    // Since the database was opened. Times in ns; a maximum is that of one call.
    uint64_t wal_writes = 0, wal_written_bytes = 0, wal_unsynced_bytes = 0, wal_poisoned = 0;
    uint64_t wal_sync_ns = 0, wal_sync_ns_max = 0;
    uint64_t replayed_records = 0, replay_dropped = 0, replay_faults = 0, replay_ns = 0;
    uint64_t flush_failures = 0, flush_ns = 0, flush_ns_max = 0;
    uint64_t flushed_samples = 0, flushed_bytes = 0;
    uint64_t merges = 0, merge_ns = 0, merge_ns_max = 0, merged_samples = 0, merged_bytes = 0;
    uint64_t expired_files = 0;  // forgotten by retention
    uint64_t catalog_bytes = 0;  // memory of the series' definitions
    bool read_only = false;  // a full or failing disk: writes are refused, reads work
    std::string read_only_reason;
};

// Decoded columns and index pages of all partition files, of the whole process.
struct CacheStats {
    uint64_t bytes = 0, bytes_max = 0;
    uint64_t hits = 0, misses = 0, evictions = 0;
};
[[nodiscard]] CacheStats cache_stats();

// Thread safe. References stay valid until the Store is closed.
class Database {
  public:
    virtual ~Database() = default;
    [[nodiscard]] virtual const std::string& name() const = 0;

    // The id of a series, which is created when missing (its definition is in the WAL before the
    // next append returns). InvalidArgument: bad labels, or the series has the other type and
    // `type` cannot be stored in it (an int goes into a float series, not the reverse).
    // ResourceExhausted: `series_max` reached.
    [[nodiscard]] virtual Result<SeriesHandle> series(const Labels& labels, ValueType type) = 0;
    // Never creates.
    [[nodiscard]] virtual std::optional<SeriesId> find(const Labels& labels) const = 0;
    virtual void set_metadata(SeriesId series, const SeriesMetadata& metadata) = 0;
    [[nodiscard]] virtual SeriesMetadata metadata(SeriesId series) const = 0;
    // Null: no such series.
    [[nodiscard]] virtual std::shared_ptr<const Labels> labels(SeriesId series) const = 0;

    // Returns when the samples are in the WAL (with fsync_policy always: on the device).
    // ResourceExhausted: disk full, nothing was stored. Io: the disk failed, nothing is promised.
    [[nodiscard]] virtual Result<AppendCounts> append(const AppendBatch& batch) = 0;

    [[nodiscard]] virtual std::unique_ptr<Querier> querier() const = 0;

    // The newest stamps of a source in ascending sequence, as of open.
    [[nodiscard]] virtual std::vector<MessageStamp> recent_messages(uint64_t source) const = 0;

    // Writes the head into files and recycles the WAL. Blocks until done.
    [[nodiscard]] virtual Status flush() = 0;
    // Flush, merge and seal every partition that has more than one file.
    [[nodiscard]] virtual Status compact() = 0;
    [[nodiscard]] virtual DatabaseStats stats() const = 0;
};

class Store {
  public:
    // Takes the root's lock unless options.read_only. Recovers every database that is there.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(StoreOptions options);
    virtual ~Store() = default;

    // Created on first use. InvalidArgument names a bad name; ResourceExhausted: too many.
    [[nodiscard]] virtual Result<Database*> database(std::string_view name) = 0;
    // Never creates.
    [[nodiscard]] virtual Database* find(std::string_view name) const = 0;
    [[nodiscard]] virtual std::vector<std::string> database_names() const = 0;
    // Over all databases, with a label `db` added to every series.
    [[nodiscard]] virtual std::unique_ptr<Querier> querier_of_all() const = 0;

    // Line protocol (design section 3); lines without DB/ go to `default_database`. Bad lines are
    // reported and skipped.
    [[nodiscard]] virtual Result<ImportResult> append_lines(std::string_view lines,
                                                            std::string_view default_database) = 0;

    // Called after each append with the new samples of one database, in WAL order, outside of all
    // locks, from the appending thread: must not block. For the live stream.
    using Listener = std::function<void(Database& database, std::span<const Sample> samples)>;
    virtual void set_listener(Listener listener) = 0;

    // One pass of what the background threads do: sync, flush, seal, merge and drop what is due.
    // For programs that run without them (options.background = false).
    virtual void run_maintenance() = 0;

    // Flushes everything and releases the lock. Later calls fail with Unavailable.
    [[nodiscard]] virtual Status close() = 0;
};

}  // namespace cistern::store
