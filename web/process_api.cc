// SPDX-License-Identifier: MIT
#include "web/process_api.h"

#include "web/json_writer.h"

#include <array>

namespace cistern::web {
namespace {

Response health(const Services& services) {
    JsonWriter json;
    json.begin_object();
    json.field("status", "ok");
    std::string refused;
    for (const std::string& name : services.store.database_names()) {
        const store::Database* database = services.store.find(name);
        if (database == nullptr) continue;
        const store::DatabaseStats stats = database->stats();
        if (stats.read_only && refused.empty()) refused = name + ": " + stats.read_only_reason;
    }
    if (!refused.empty()) {
        // Queries work and the disk may get room again: the process itself is well.
        json.field("read_only", true);
        json.field("reason", refused);
    }
    json.end_object();
    return Response::json(200, json.take());
}

Response metrics(const Services& services) {
    Response response = Response::text(200, services.registry.exposition());
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return response;
}

struct StoreMetric {
    const char* name;
    const char* help;
    MetricType type;
    uint64_t store::DatabaseStats::*field;
};
constexpr std::array<StoreMetric, 15> kStoreMetrics = {{
    {"cistern_store_series",
     "Series in the catalog.",
     MetricType::Gauge,
     &store::DatabaseStats::series},
    {"cistern_samples_written_total",
     "Samples stored, from MQTT and HTTP.",
     MetricType::Counter,
     &store::DatabaseStats::samples_written},
    {"cistern_store_samples_duplicate_total",
     "Samples that replaced one of the same time.",
     MetricType::Counter,
     &store::DatabaseStats::samples_duplicate},
    {"cistern_store_samples_rejected_total",
     "Samples refused as too old, too new or out of order.",
     MetricType::Counter,
     &store::DatabaseStats::samples_rejected},
    {"cistern_store_head_samples",
     "Samples in memory.",
     MetricType::Gauge,
     &store::DatabaseStats::head_samples},
    {"cistern_store_head_bytes",
     "Memory of the newest samples.",
     MetricType::Gauge,
     &store::DatabaseStats::head_bytes},
    {"cistern_wal_segments",
     "Write-ahead log segments.",
     MetricType::Gauge,
     &store::DatabaseStats::wal_segments},
    {"cistern_wal_bytes",
     "Write-ahead log size.",
     MetricType::Gauge,
     &store::DatabaseStats::wal_bytes},
    {"cistern_wal_syncs_total",
     "Syncs of the write-ahead log.",
     MetricType::Counter,
     &store::DatabaseStats::wal_syncs},
    {"cistern_store_files", "Partition files.", MetricType::Gauge, &store::DatabaseStats::files},
    {"cistern_store_file_bytes",
     "Size of the partition files.",
     MetricType::Gauge,
     &store::DatabaseStats::file_bytes},
    {"cistern_store_file_samples",
     "Samples in partition files.",
     MetricType::Gauge,
     &store::DatabaseStats::file_samples},
    {"cistern_store_flushes_total",
     "Head flushes.",
     MetricType::Counter,
     &store::DatabaseStats::flushes},
    {"cistern_store_seals_total",
     "Partitions sealed.",
     MetricType::Counter,
     &store::DatabaseStats::seals},
    {"cistern_store_corrupt_blocks_total",
     "Blocks that were skipped as damaged.",
     MetricType::Counter,
     &store::DatabaseStats::corrupt_blocks},
}};

void append_store_metrics(const store::Store& store, std::vector<MetricValue>& values) {
    for (const std::string& name : store.database_names()) {
        const store::Database* database = store.find(name);
        if (database == nullptr) continue;
        const store::DatabaseStats stats = database->stats();
        const MetricLabels labels = {{"db", name}};
        for (const StoreMetric& metric : kStoreMetrics) {
            values.push_back({metric.name,
                              metric.help,
                              metric.type,
                              labels,
                              static_cast<double>(stats.*metric.field)});
        }
        values.push_back({"cistern_store_read_only",
                          "1 when writes are refused.",
                          MetricType::Gauge,
                          labels,
                          stats.read_only ? 1.0 : 0.0});
    }
}

}  // namespace

void add_store_metrics(MetricsRegistry& registry, const store::Store& store) {
    registry.add_source(
        [&store](std::vector<MetricValue>& values) { append_store_metrics(store, values); });
}

void add_process_routes(Router& router, const Services& services) {
    const auto add = [&router](std::string pattern, Role role, Handler handler) {
        router.add(
            {Method::Get, std::move(pattern), role, std::move(handler), BodyLimit::None, false});
    };
    add("/health", Role::Public, [&services](const Request&) { return health(services); });
    add("/-/healthy", Role::Public, [](const Request&) {
        return Response::text(200, "Cistern is healthy.\n");
    });
    add("/-/ready", Role::Public, [](const Request&) {
        return Response::text(200, "Cistern is ready.\n");
    });
    const Role metrics_role = services.options.auth.public_metrics ? Role::Public : Role::Read;
    add("/metrics", metrics_role, [&services](const Request&) { return metrics(services); });
}

}  // namespace cistern::web
