// SPDX-License-Identifier: MIT
#include "config/web_settings.h"

#include <limits>

namespace cistern::config {
namespace {

void read_uint32(
    TableReader& table, std::string_view key, int64_t min, int64_t max, uint32_t& into) {
    if (const auto value = table.integer(key, min, max)) {
        into = static_cast<uint32_t>(*value);
    }
}

void read_ms(TableReader& table, std::string_view key, uint32_t& into) {
    const auto value = table.duration_ns(key);
    if (!value) {
        return;
    }
    const int64_t ms = *value / 1'000'000;
    if (ms < 1 || ms > std::numeric_limits<int32_t>::max()) {
        table.problem(key, "must lie between 1ms and 24 days");
    } else {
        into = static_cast<uint32_t>(ms);
    }
}

void read_bytes(TableReader& table, std::string_view key, uint64_t& into) {
    if (const auto value = table.bytes(key)) {
        into = *value;
    }
}

void read_auth(TableReader table, web::AuthOptions& auth) {
    if (const auto mode = table.choice("mode", {"none", "users"})) {
        auth.mode = *mode == 0 ? web::AuthMode::None : web::AuthMode::Users;
    }
    if (const auto file = table.text("users_file")) {
        auth.users_file = *file;
    }
    if (const auto anonymous = table.choice("anonymous", {"none", "read"})) {
        auth.anonymous_read = *anonymous == 1;
    }
    if (const auto open = table.boolean("public_metrics")) {
        auth.public_metrics = *open;
    }
    if (auth.mode == web::AuthMode::Unset) {
        table.problem("mode", "is missing", "\"users\" or, for everyone, \"none\"");
    }
    if (auth.mode == web::AuthMode::Users && auth.users_file.empty()) {
        table.problem(
            "users_file", "is missing", "the file with one `name:hash:role:scope` per line");
    }
    table.finish();
}

void read_limits(TableReader table, web::LimitOptions& limits) {
    read_uint32(table, "threads", 8, 1024, limits.threads);
    read_uint32(table, "connections_per_client", 1, 1024, limits.connections_per_peer);
    read_ms(table, "request_timeout", limits.request_timeout_ms);
    read_bytes(table, "body", limits.body_bytes);
    read_bytes(table, "decompressed_body", limits.decompressed_bytes);
    read_bytes(table, "import", limits.import_bytes);
    read_uint32(table, "live_streams", 1, 1000, limits.live_streams);
    read_ms(table, "query_timeout", limits.query_timeout_ms);
    read_uint32(table, "query_concurrency", 1, 1000, limits.query_concurrency);
    if (const auto samples =
            table.integer("query_samples", 1000, std::numeric_limits<int64_t>::max())) {
        limits.query_samples = static_cast<uint64_t>(*samples);
    }
    if (const auto lookback = table.duration_ns("lookback")) {
        limits.lookback_ms = *lookback / 1'000'000;
    }
    if (const auto left_open = table.boolean("left_open_ranges")) {
        limits.left_open_ranges = *left_open;
    }
    table.finish();
}

}  // namespace

void read_web_settings(TableReader& root, web::WebOptions& options) {
    if (auto engine = root.table("engine")) {
        if (const auto listen = engine->text("listen")) {
            options.listen = *listen;
        }
        engine->finish();
    }
    if (auto web = root.table("web")) {
        if (const auto hosts = web->texts("allowed_hosts")) {
            options.allowed_hosts = *hosts;
        }
        if (const auto origins = web->texts("cors_origins")) {
            options.cors_origins = *origins;
        }
        if (const auto folder = web->text("web_root")) {
            options.web_root = *folder;
        }
        web->finish();
    }
    if (auto auth = root.table("auth")) {
        read_auth(*auth, options.auth);
    }
    if (auto limits = root.table("limits")) {
        read_limits(*limits, options.limits);
    }
}

}  // namespace cistern::config
