// SPDX-License-Identifier: MIT
#include "store/engine/local_store.h"

#include "store/base/log.h"
#include "store/base/memory.h"
#include "store/engine/file_names.h"
#include "store/engine/line_import.h"
#include "store/engine/union_querier.h"
#include "store/partition/decoded_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace cistern::store {
namespace {

constexpr std::string_view kLockName = "LOCK";
constexpr std::string_view kReserveName = "reserve.bin";
// Age, seal and retention are looked at this often.
constexpr int64_t kJobPeriodNs = kNsPerSecond;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

CacheStats cache_stats() {
    const DecodedCache::Stats stats = decoded_cache().stats();
    return {stats.bytes, stats.bytes_max, stats.hits, stats.misses, stats.evictions};
}

Result<std::unique_ptr<Store>> Store::open(StoreOptions options) {
    auto store = std::make_unique<LocalStore>(std::move(options));
    TRY(store->start());
    return std::unique_ptr<Store>(std::move(store));
}

LocalStore::LocalStore(StoreOptions options)
    : options_(std::move(options)),
      reserve_(*options_.file_system,
               fmt::format("{}/{}", options_.root, kReserveName),
               options_.reserve_bytes) {}

LocalStore::~LocalStore() {
    if (auto closed = close(); !closed) {
        log_error("{}: {}", options_.root, closed.error().message);
    }
}

Status LocalStore::start() {
    FileSystem& fs = *options_.file_system;
    if (!options_.read_only) {
        if (!TRY(fs.exists(options_.root))) {
            TRY(fs.create_directories(options_.root));
            TRY(fs.sync_directory(parent_directory(options_.root)));
        }
        const std::string holder = fmt::format("process {} ({})", ::getpid(), options_.holder);
        lock_ = TRY(fs.lock(fmt::format("{}/{}", options_.root, kLockName), holder));
        reserve_.ensure();
    }
    TRY(open_databases());
    if (options_.background && !options_.read_only) {
        sync_thread_ = std::thread([this] { run_sync_thread(); });
        job_thread_ = std::thread([this] { run_job_thread(); });
        merge_thread_ = std::thread([this] { run_merge_thread(); });
    }
    return {};
}

Status LocalStore::open_databases() {
    WriterLock lock(databases_mutex_);
    for (const DirectoryEntry& entry : TRY(options_.file_system->list(options_.root))) {
        if (entry.is_directory && TRY(is_database(entry.name))) {
            auto opened = open_database(entry.name);
            if (opened) {
                databases_[entry.name] = std::move(*opened);
            } else if (opened.error().code == ErrorCode::InvalidArgument) {
                return tl::unexpected(opened.error());  // a wrong setting is for a person to fix
            } else {
                // One database in trouble must not keep the others from their data; asking for it
                // by name tries again.
                log_error("database {} does not open: {}", entry.name, opened.error().message);
            }
        }
    }
    return {};
}

// A folder that somebody else made is left alone.
Result<bool> LocalStore::is_database(const std::string& name) const {
    if (!validate_database_name(name)) {
        return false;
    }
    for (const std::string_view part : {kManifestName,
                                        kWalFolder,
                                        std::string_view("catalog.log"),
                                        std::string_view("manifest.toml")}) {
        if (TRY(options_.file_system->exists(fmt::format("{}/{}/{}", options_.root, name, part)))) {
            return true;
        }
    }
    return false;
}

Result<std::unique_ptr<LocalDatabase>> LocalStore::open_database(const std::string& name) {
    const std::string folder = options_.root + "/" + name;
    DatabaseOptions options = options_.defaults;
    if (options_.options_of) {
        options = TRY(options_.options_of(folder));
    }
    if (options.partition == PartitionPeriod::Forever &&
        options.retention_action == RetentionAction::Archive) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("{}: partition = \"forever\" never expires; retention_action = \"archive\" "
                        "needs day, month or year",
                        folder));
    }
    const DatabaseHost host{
        options_,
        [this] { wake(); },
        [this] { return reserve_.release(); },
        [this](Database& database, std::span<const Sample> samples) { deliver(database, samples); },
        has_listener_};
    return LocalDatabase::open(host, name, options);
}

Result<Database*> LocalStore::database(std::string_view name) {
    return TRY(local_database(name));
}

Result<LocalDatabase*> LocalStore::local_database(std::string_view name) {
    {
        ReaderLock lock(databases_mutex_);
        if (const auto found = databases_.find(name); found != databases_.end()) {
            return found->second.get();
        }
    }
    TRY(validate_database_name(name));
    if (options_.read_only) {
        return fail(ErrorCode::NotFound, fmt::format("there is no database {}", name));
    }
    WriterLock lock(databases_mutex_);
    if (closed_) {
        return fail(ErrorCode::Unavailable, "the store is closed");
    }
    if (const auto found = databases_.find(name); found != databases_.end()) {
        return found->second.get();
    }
    if (databases_.size() >= options_.databases_max) {
        return fail(ErrorCode::ResourceExhausted,
                    fmt::format("database {} would be more than {}", name, options_.databases_max));
    }
    const std::string owned(name);
    TRY(options_.file_system->create_directories(options_.root + "/" + owned));
    TRY(options_.file_system->sync_directory(options_.root));
    auto opened = TRY(open_database(owned));
    LocalDatabase* const result = opened.get();
    databases_[owned] = std::move(opened);
    return result;
}

Database* LocalStore::find(std::string_view name) const {
    ReaderLock lock(databases_mutex_);
    const auto found = databases_.find(name);
    return found == databases_.end() ? nullptr : found->second.get();
}

std::vector<std::string> LocalStore::database_names() const {
    ReaderLock lock(databases_mutex_);
    std::vector<std::string> names;
    for (const auto& [name, database] : databases_) {
        names.push_back(name);
    }
    return names;
}

std::vector<LocalDatabase*> LocalStore::all() const {
    ReaderLock lock(databases_mutex_);
    std::vector<LocalDatabase*> databases;
    for (const auto& [name, database] : databases_) {
        databases.push_back(database.get());
    }
    return databases;
}

std::unique_ptr<Querier> LocalStore::querier_of_all() const {
    std::vector<UnionQuerier::Source> sources;
    for (LocalDatabase* database : all()) {
        sources.push_back({database->name(), database->querier()});
    }
    return std::make_unique<UnionQuerier>(std::move(sources));
}

Result<ImportResult> LocalStore::append_lines(std::string_view lines,
                                              std::string_view default_database) {
    LineImport import([this](std::string_view name) { return local_database(name); },
                      default_database,
                      options_.clock->now_ns());
    return import.run(lines);
}

void LocalStore::set_listener(Listener listener) {
    WriterLock lock(listener_mutex_);
    has_listener_.store(listener != nullptr, std::memory_order_release);
    listener_ = std::move(listener);
}

void LocalStore::deliver(Database& database, std::span<const Sample> samples) {
    Listener listener;
    {
        ReaderLock lock(listener_mutex_);
        listener = listener_;
    }
    if (listener) {
        listener(database, samples);
    }
}

void LocalStore::run_maintenance() {
    for (LocalDatabase* database : all()) {
        (void)database->sync_if_due();
        database->run_due_jobs();
        database->run_due_merges();
    }
    if (!options_.read_only) {
        reserve_.ensure();
    }
}

void LocalStore::wake() {
    MutexLock lock(wake_mutex_);
    sync_wanted_ = jobs_wanted_ = true;
    wake_sync_.notify_one();
    wake_jobs_.notify_one();
}

// Sleeps until something was written, then until the first database's interval is over.
void LocalStore::run_sync_thread() {
    int64_t due = kNever;
    for (;;) {
        {
            MutexLock lock(wake_mutex_);
            while (!stopping_ && !sync_wanted_ && options_.clock->monotonic_ns() < due) {
                if (due == kNever) {
                    wake_sync_.wait(wake_mutex_);
                } else {
                    wake_sync_.wait_for(
                        wake_mutex_,
                        std::chrono::nanoseconds(due - options_.clock->monotonic_ns()));
                }
            }
            if (stopping_) {
                return;
            }
            sync_wanted_ = false;
        }
        due = kNever;
        for (LocalDatabase* database : all()) {
            due = std::min(due, database->sync_if_due());
        }
    }
}

void LocalStore::run_job_thread() {
    for (;;) {
        {
            MutexLock lock(wake_mutex_);
            if (!stopping_ && !jobs_wanted_) {
                wake_jobs_.wait_for(wake_mutex_, std::chrono::nanoseconds(kJobPeriodNs));
            }
            if (stopping_) {
                return;
            }
            jobs_wanted_ = false;
        }
        const uint64_t flushes_before = flushes();
        for (LocalDatabase* database : all()) {
            database->run_due_jobs();
        }
        if (flushes() != flushes_before) {
            return_free_memory();
        }
        reserve_.ensure();
    }
}

uint64_t LocalStore::flushes() {
    uint64_t sum = 0;
    for (const LocalDatabase* database : all()) {
        sum += database->stats().flushes;
    }
    return sum;
}

void LocalStore::run_merge_thread() {
    for (;;) {
        for (LocalDatabase* database : all()) {
            database->run_due_merges();
        }
        MutexLock lock(wake_mutex_);
        if (!stopping_) {
            wake_merges_.wait_for(wake_mutex_, std::chrono::nanoseconds(kJobPeriodNs));
        }
        if (stopping_) {
            return;
        }
    }
}

Status LocalStore::close() {
    {
        WriterLock lock(databases_mutex_);
        if (closed_) {
            return {};
        }
        closed_ = true;
    }
    {
        MutexLock lock(wake_mutex_);
        stopping_ = true;
        wake_sync_.notify_all();
        wake_jobs_.notify_all();
        wake_merges_.notify_all();
    }
    if (sync_thread_.joinable()) {
        sync_thread_.join();
        job_thread_.join();
        merge_thread_.join();
    }
    Status first;
    for (LocalDatabase* database : all()) {
        if (auto closed = database->close(); !closed && first) {
            first = tl::unexpected(closed.error().with_context(database->name()));
        }
    }
    // Everything is in files: the room it was kept for is not needed until the next start.
    reserve_.release();
    lock_.reset();
    return first;
}

}  // namespace cistern::store
