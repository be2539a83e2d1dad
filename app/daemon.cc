// SPDX-License-Identifier: MIT
#include "app/daemon.h"

#include "app/collector_group.h"
#include "app/collector_metrics.h"
#include "app/collector_routes.h"
#include "app/process_metrics.h"
#include "app/self_stats.h"
#include "app/topic_routes.h"
#include "app/version.h"
#include "store/base/log.h"
#include "store/base/metrics.h"
#include "store/engine/store.h"
#include "web/api.h"
#include "web/server.h"

#include <fmt/format.h>

#include <optional>

namespace cistern::app {

// In the order of the start; destroyed the other way round.
struct Daemon::Parts {
    Parts(config::EngineConfig the_config, Clock& the_clock)
        : config(std::move(the_config)), clock(the_clock), mapping(config.mapping) {}

    [[nodiscard]] collector::MappingOptions current_mapping() {
        const MutexLock lock(mapping_mutex);
        return mapping;
    }

    config::EngineConfig config;
    Clock& clock;
    MetricsRegistry registry;
    std::unique_ptr<store::Store> store;
    Mutex mapping_mutex;
    collector::MappingOptions mapping CISTERN_GUARDED_BY(mapping_mutex);
    std::unique_ptr<CollectorGroup> collectors;
    std::unique_ptr<web::Api> api;
    std::unique_ptr<web::Server> server;
    std::optional<SelfStats> stats;
};

namespace {

void log_warnings(const collector::MappingOptions& mapping) {
    const auto mapper = collector::Mapper::create(mapping);
    if (!mapper) {
        return;
    }
    for (const std::string& warning : (*mapper)->warnings()) {
        log_warn("{}", warning);
    }
}

// What a running process cannot change, by name; empty when nothing of it changed.
std::string needs_restart(const config::EngineConfig& before, const config::EngineConfig& after) {
    std::string names;
    const auto add = [&names](bool changed, std::string_view name) {
        if (changed) {
            names += (names.empty() ? "" : ", ") + std::string(name);
        }
    };
    const store::WalOptions& wal = before.store.defaults.wal;
    const store::WalOptions& new_wal = after.store.defaults.wal;
    add(before.web.listen != after.web.listen, "engine.listen");
    add(before.web.auth.mode != after.web.auth.mode, "auth.mode");
    add(wal.fsync_policy != new_wal.fsync_policy, "durability.profile or wal.fsync_policy");
    add(wal.sync_interval_ns != new_wal.sync_interval_ns, "wal.sync_interval");
    add(wal.total_bytes_max != new_wal.total_bytes_max, "wal.max_segment_size");
    add(before.stats.interval_ns != after.stats.interval_ns, "stats.interval");
    return names;
}

}  // namespace

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Daemon::~Daemon() {
    if (const Status stopped = stop(); !stopped) {
        log_error("{}", stopped.error().message);
    }
}

Result<std::unique_ptr<Daemon>> Daemon::start(config::EngineConfig config, Clock& clock) {
    TRY(web::check_exposure(config.web.listen, config.web.auth));
    std::unique_ptr<Daemon> daemon(new Daemon(std::make_unique<Parts>(std::move(config), clock)));
    Parts& parts = *daemon->parts_;
    log_warnings(parts.config.mapping);
    raise_open_files_limit();
    add_process_metrics(parts.registry);
    parts.store = TRY(store::Store::open(parts.config.store));
    parts.collectors = std::make_unique<CollectorGroup>(
        collector::IngestContext{*parts.store, parts.registry, clock});
    add_collector_metrics(parts.registry, *parts.collectors);
    const web::ApiOptions options{
        parts.config.store.root, parts.config.store.default_database, kVersion};
    parts.api =
        std::make_unique<web::Api>(*parts.store, parts.registry, parts.config.web, options, clock);
    web::Router router = parts.api->routes();
    add_collector_routes(
        router, *parts.collectors, [&parts] { return parts.current_mapping(); }, clock);
    add_topic_routes(
        router, *parts.store, *parts.collectors, parts.config.store.default_database, clock);
    parts.server =
        TRY(web::Server::start(parts.config.web, std::move(router), parts.registry, clock));
    TRY(parts.collectors->apply(parts.config));
    if (parts.config.stats.enabled) {
        parts.stats.emplace(*parts.store, parts.registry, clock, parts.config.stats.interval_ns);
    }
    return daemon;
}

Status Daemon::reload(config::EngineConfig config) {
    Parts& parts = *parts_;
    const std::string left = needs_restart(parts.config, config);
    TRY(parts.collectors->apply(config));
    {
        const MutexLock lock(parts.mapping_mutex);
        parts.mapping = config.mapping;
    }
    log_warnings(config.mapping);
    if (!left.empty()) {
        log_warn("these settings change at the next start: {}", left);
    }
    parts.config.brokers = std::move(config.brokers);
    parts.config.mapping = std::move(config.mapping);
    return parts.server->reload_users();
}

Status Daemon::stop() {
    Parts& parts = *parts_;
    parts.stats.reset();
    if (parts.collectors) {
        parts.collectors->stop();
    }
    if (parts.server) {
        parts.server->stop();
    }
    parts.server.reset();
    parts.api.reset();
    if (!parts.store) {
        return {};
    }
    const Status closed = parts.store->close();
    parts.store.reset();
    return closed;
}

std::string Daemon::url() const {
    return parts_->server->url();
}

}  // namespace cistern::app
