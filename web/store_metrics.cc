// SPDX-License-Identifier: MIT
// The store's numbers as metrics.
#include "web/process_api.h"

#include <array>

namespace cistern::web {
namespace {

using store::DatabaseStats;

enum class Kind : uint8_t { Gauge, Counter, Seconds, SecondsTotal };  // seconds from nanoseconds

struct StoreMetric {
    const char* name;
    const char* help;
    Kind kind;
    uint64_t DatabaseStats::*field;
};
constexpr std::array<StoreMetric, 37> kStoreMetrics = {{
    {"cistern_store_series", "Series in the catalog.", Kind::Gauge, &DatabaseStats::series},
    {"cistern_store_catalog_bytes",
     "Memory of the series' definitions.",
     Kind::Gauge,
     &DatabaseStats::catalog_bytes},
    {"cistern_samples_written_total",
     "Samples stored, from MQTT and HTTP.",
     Kind::Counter,
     &DatabaseStats::samples_written},
    {"cistern_store_samples_duplicate_total",
     "Samples that replaced one of the same time.",
     Kind::Counter,
     &DatabaseStats::samples_duplicate},
    {"cistern_store_samples_rejected_total",
     "Samples refused as too old, too new or out of order.",
     Kind::Counter,
     &DatabaseStats::samples_rejected},
    {"cistern_store_head_samples", "Samples in memory.", Kind::Gauge, &DatabaseStats::head_samples},
    {"cistern_store_head_bytes",
     "Memory of the newest samples.",
     Kind::Gauge,
     &DatabaseStats::head_bytes},
    {"cistern_wal_segments",
     "Write-ahead log segments.",
     Kind::Gauge,
     &DatabaseStats::wal_segments},
    {"cistern_wal_bytes", "Write-ahead log size.", Kind::Gauge, &DatabaseStats::wal_bytes},
    {"cistern_wal_unsynced_bytes",
     "What a power cut would take.",
     Kind::Gauge,
     &DatabaseStats::wal_unsynced_bytes},
    {"cistern_wal_writes_total",
     "Appends to the write-ahead log.",
     Kind::Counter,
     &DatabaseStats::wal_writes},
    {"cistern_wal_written_bytes_total",
     "Bytes appended to the write-ahead log.",
     Kind::Counter,
     &DatabaseStats::wal_written_bytes},
    {"cistern_wal_syncs_total",
     "Syncs of the write-ahead log.",
     Kind::Counter,
     &DatabaseStats::wal_syncs},
    {"cistern_wal_sync_seconds_total",
     "Time that these syncs took.",
     Kind::SecondsTotal,
     &DatabaseStats::wal_sync_ns},
    {"cistern_wal_sync_seconds_max",
     "The slowest sync since the start.",
     Kind::Seconds,
     &DatabaseStats::wal_sync_ns_max},
    {"cistern_wal_poisoned_total",
     "Segments given up after a failed write or sync.",
     Kind::Counter,
     &DatabaseStats::wal_poisoned},
    {"cistern_wal_replayed_records",
     "Records taken from the log at the start.",
     Kind::Gauge,
     &DatabaseStats::replayed_records},
    {"cistern_wal_replay_dropped_records",
     "Records behind a torn one, never synced, at the start.",
     Kind::Gauge,
     &DatabaseStats::replay_dropped},
    {"cistern_wal_replay_faults",
     "Damaged places of the log found at the start.",
     Kind::Gauge,
     &DatabaseStats::replay_faults},
    {"cistern_wal_replay_seconds",
     "Time that reading the log took at the start.",
     Kind::Seconds,
     &DatabaseStats::replay_ns},
    {"cistern_store_files", "Partition files.", Kind::Gauge, &DatabaseStats::files},
    {"cistern_store_file_bytes",
     "Size of the partition files.",
     Kind::Gauge,
     &DatabaseStats::file_bytes},
    {"cistern_store_file_samples",
     "Samples in partition files.",
     Kind::Gauge,
     &DatabaseStats::file_samples},
    {"cistern_store_flushes_total", "Head flushes.", Kind::Counter, &DatabaseStats::flushes},
    {"cistern_store_flush_failures_total",
     "Flushes that failed and will be tried again.",
     Kind::Counter,
     &DatabaseStats::flush_failures},
    {"cistern_store_flush_seconds_total",
     "Time that flushes took.",
     Kind::SecondsTotal,
     &DatabaseStats::flush_ns},
    {"cistern_store_flush_seconds_max",
     "The slowest flush since the start.",
     Kind::Seconds,
     &DatabaseStats::flush_ns_max},
    {"cistern_store_flushed_samples_total",
     "Samples that flushes wrote into files.",
     Kind::Counter,
     &DatabaseStats::flushed_samples},
    {"cistern_store_flushed_bytes_total",
     "Bytes of the files that flushes wrote.",
     Kind::Counter,
     &DatabaseStats::flushed_bytes},
    {"cistern_store_merges_total",
     "Files written by merging others.",
     Kind::Counter,
     &DatabaseStats::merges},
    {"cistern_store_merge_seconds_total",
     "Time that merges took.",
     Kind::SecondsTotal,
     &DatabaseStats::merge_ns},
    {"cistern_store_merge_seconds_max",
     "The slowest merge since the start.",
     Kind::Seconds,
     &DatabaseStats::merge_ns_max},
    {"cistern_store_merged_samples_total",
     "Samples that merges wrote.",
     Kind::Counter,
     &DatabaseStats::merged_samples},
    {"cistern_store_merged_bytes_total",
     "Bytes of the files that merges wrote.",
     Kind::Counter,
     &DatabaseStats::merged_bytes},
    {"cistern_store_seals_total", "Partitions sealed.", Kind::Counter, &DatabaseStats::seals},
    {"cistern_store_expired_files_total",
     "Files that retention removed or archived.",
     Kind::Counter,
     &DatabaseStats::expired_files},
    {"cistern_store_corrupt_blocks_total",
     "Blocks that were skipped as damaged.",
     Kind::Counter,
     &DatabaseStats::corrupt_blocks},
}};

MetricType type_of(Kind kind) {
    return kind == Kind::Counter || kind == Kind::SecondsTotal ? MetricType::Counter
                                                               : MetricType::Gauge;
}

double value_of(const StoreMetric& metric, const DatabaseStats& stats) {
    const auto value = static_cast<double>(stats.*metric.field);
    return metric.kind == Kind::Gauge || metric.kind == Kind::Counter ? value : value / 1e9;
}

void append_cache_metrics(std::vector<MetricValue>& values) {
    const store::CacheStats cache = store::cache_stats();
    const auto add = [&values](
                         const char* name, const char* help, MetricType type, uint64_t value) {
        values.push_back({name, help, type, {}, static_cast<double>(value)});
    };
    add("cistern_cache_bytes", "Decoded columns kept.", MetricType::Gauge, cache.bytes);
    add("cistern_cache_max_bytes", "How much is kept at most.", MetricType::Gauge, cache.bytes_max);
    add("cistern_cache_hits_total", "Columns found decoded.", MetricType::Counter, cache.hits);
    add("cistern_cache_misses_total",
        "Columns that had to be decoded.",
        MetricType::Counter,
        cache.misses);
    add("cistern_cache_evictions_total",
        "Columns dropped for want of room.",
        MetricType::Counter,
        cache.evictions);
}

void append_store_metrics(const store::Store& store, std::vector<MetricValue>& values) {
    for (const std::string& name : store.database_names()) {
        const store::Database* database = store.find(name);
        if (database == nullptr) continue;
        const DatabaseStats stats = database->stats();
        const MetricLabels labels = {{"db", name}};
        for (const StoreMetric& metric : kStoreMetrics) {
            values.push_back(
                {metric.name, metric.help, type_of(metric.kind), labels, value_of(metric, stats)});
        }
        values.push_back({"cistern_store_read_only",
                          "1 when writes are refused.",
                          MetricType::Gauge,
                          labels,
                          stats.read_only ? 1.0 : 0.0});
    }
    append_cache_metrics(values);
}

}  // namespace

void add_store_metrics(MetricsRegistry& registry, const store::Store& store) {
    registry.add_source(
        [&store](std::vector<MetricValue>& values) { append_store_metrics(store, values); });
}

}  // namespace cistern::web
