// SPDX-License-Identifier: MIT
#include "config/store_settings.h"

#include "store/base/time_units.h"

#include <fmt/format.h>

namespace cistern::config {
namespace {

using store::DatabaseOptions;

// Keys of the seed that a manifest may still have: known, but there is nothing to set.
void tolerate(TableReader& table, std::string_view key, std::string_view reason) {
    if (table.raw(key) != nullptr) {
        table.warning(key, fmt::format("has no effect: {}", reason));
    }
}

void read_wal(TableReader table, store::WalOptions& wal) {
    tolerate(table, "enabled", "every sample goes through the log");
    tolerate(table, "skip_before", "every sample goes through the log");
    if (const auto policy = table.choice("fsync_policy", {"segment", "interval", "always"})) {
        wal.fsync_policy = static_cast<store::FsyncPolicy>(*policy);
    }
    if (const auto interval = table.duration_ns("sync_interval")) {
        if (*interval < kNsPerMs) {
            table.problem("sync_interval", "must be at least 1ms", "use fsync_policy = \"always\"");
        } else {
            wal.sync_interval_ns = *interval;
        }
    }
    if (const auto size = table.bytes("max_segment_size")) {
        if (*size < 4 * wal.segment_bytes) {
            table.problem("max_segment_size",
                          fmt::format("must be at least {} bytes", 4 * wal.segment_bytes));
        } else {
            wal.total_bytes_max = *size;
        }
    }
    table.finish();
}

void read_retention(TableReader table, DatabaseOptions& options) {
    tolerate(table, "max_active_days", "any number of periods is open for late samples");
    if (const auto period = table.choice("partition", {"day", "month", "year", "forever"})) {
        options.partition = static_cast<store::PartitionPeriod>(*period);
    }
    if (const auto days = table.integer("retention_days", 0, 36'500)) {
        options.retention_ns = *days * kNsPerDay;
    }
    if (const auto size = table.bytes("max_bytes")) {
        options.retention_bytes_max = *size;
    }
    if (const auto action = table.choice("retention_action", {"keep", "delete", "archive"})) {
        options.retention_action = static_cast<store::RetentionAction>(*action);
    }
    if (const auto grace = table.duration_ns("grace")) {
        options.seal_grace_ns = *grace;
    }
    if (options.retention_action == store::RetentionAction::Archive &&
        options.partition == store::PartitionPeriod::Forever) {
        table.problem("retention_action",
                      "a database that is one partition for ever cannot be archived",
                      "choose a partition of day, month or year");
    }
    table.finish();
}

void read_page(TableReader table, DatabaseOptions& options) {
    if (const auto samples = table.integer("max_records", 16, 8192)) {
        options.block_samples_max = static_cast<uint32_t>(*samples);
    }
    if (const auto size = table.bytes("max_bytes")) {
        options.flush_bytes = *size;
    }
    if (const auto age = table.duration_ns("max_age")) {
        options.flush_age_ns = *age;
    }
    table.finish();
}

void read_ingest(TableReader table, DatabaseOptions& options) {
    if (const auto order = table.choice("out_of_order", {"accept", "reject"})) {
        options.out_of_order = static_cast<store::OutOfOrder>(*order);
    }
    if (const auto past = table.duration_ns("max_past")) {
        options.max_past_ns = *past;
    }
    if (const auto future = table.duration_ns("max_future")) {
        options.max_future_ns = *future;
    }
    if (const auto series = table.integer("max_series", 1, 100'000'000)) {
        options.series_max = static_cast<uint32_t>(*series);
    }
    table.finish();
}

}  // namespace

void read_store_settings(TableReader& root, store::StoreOptions& options) {
    if (auto durability = root.table("durability")) {
        if (const auto profile =
                durability->choice("profile", {"strict", "balanced", "throughput"})) {
            store::apply(static_cast<store::DurabilityProfile>(*profile), options.defaults.wal);
        }
        durability->finish();
    }
    if (auto wal = root.table("wal")) {
        read_wal(*wal, options.defaults.wal);
    }
    if (auto defaults = root.table("manifest_defaults")) {
        read_database_settings(*defaults, options.defaults);
        defaults->finish();
    }
}

void read_database_settings(TableReader& table, DatabaseOptions& options) {
    if (auto retention = table.table("retention")) {
        read_retention(*retention, options);
    }
    if (auto wal = table.table("wal")) {
        read_wal(*wal, options.wal);
    }
    if (auto page = table.table("page")) {
        read_page(*page, options);
    }
    if (auto ingest = table.table("ingest")) {
        read_ingest(*ingest, options);
    }
}

Result<DatabaseOptions> load_manifest(FileSystem& fs,
                                      const std::string& folder,
                                      const DatabaseOptions& defaults) {
    const std::string path = folder + "/manifest.toml";
    DatabaseOptions options = defaults;
    if (!TRY(fs.exists(path))) {
        return options;
    }
    const Node document = TRY(parse_toml(TRY(read_file(fs, path))).with_context(path));
    Problems problems;
    TableReader root(document, path, "", problems);
    read_database_settings(root, options);
    root.finish();
    std::string message;
    for (const Problem& problem : problems) {
        message += (message.empty() ? "" : "\n") + problem.to_string();
    }
    if (has_errors(problems)) {
        return fail(ErrorCode::InvalidArgument, message);
    }
    return options;
}

}  // namespace cistern::config
