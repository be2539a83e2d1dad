// SPDX-License-Identifier: MIT
#include "config/engine_config.h"

#include "config/broker_settings.h"
#include "config/rule_settings.h"
#include "config/rule_values.h"
#include "config/store_settings.h"
#include "config/web_settings.h"
#include "store/base/time_units.h"
#include "store/model/labels.h"

#include <fmt/format.h>

#include <cstdlib>

namespace cistern::config {
namespace {

void read_stats(TableReader table, StatsOptions& stats) {
    assign(stats.enabled, table.boolean("enabled"));
    if (const auto interval = table.duration_ns("interval")) {
        if (*interval < kNsPerSecond) {
            table.problem("interval", "must be at least 1s");
        } else {
            stats.interval_ns = *interval;
        }
    }
    table.finish();
}

std::vector<LogSink> read_logging(TableReader table) {
    std::vector<LogSink> sinks;
    for (TableReader& logger : table.tables("logger")) {
        LogSink sink;
        assign(sink.output, logger.text("output"));
        assign(sink.level, logger.choice("level", {"trace", "debug", "info", "warn", "error"}));
        assign(sink.file_bytes_max, logger.bytes("max_file_bytes"));
        assign(sink.backups_max, logger.integer("max_backups", 1, 1000));
        logger.finish();
        sinks.push_back(sink);
    }
    table.finish();
    return sinks;
}

// [defaults]: for the mapper, the brokers and the store.
void read_defaults(TableReader table, EngineConfig& config, collector::BrokerOptions& broker) {
    read_mapping_defaults(table, config.mapping.defaults);
    if (!config.mapping.defaults.db.empty()) {
        if (const Status valid = store::validate_database_name(config.mapping.defaults.db);
            !valid) {
            table.problem("db", valid.error().message);
        } else {
            config.store.default_database = config.mapping.defaults.db;
        }
    }
    if (const auto retained = table.choice("retained", {"if_newer", "ignore", "store"})) {
        broker.retained = static_cast<collector::RetainedPolicy>(*retained);
    }
    if (const auto resolution = table.duration_ns("arrival_resolution")) {
        broker.arrival_resolution_ns = std::max<int64_t>(*resolution, 1);
    }
    table.finish();
}

EngineConfig read_root(const Node& document, const std::string& file, Problems& problems) {
    EngineConfig config;
    config.file = file;
    TableReader root(document, file, "", problems);
    collector::BrokerOptions broker;
    bool by_arrival = false;
    if (auto defaults = root.table("defaults")) {
        // "auto": a time that the payload carries and that can be trusted. "receive": only where a
        // rule says so.
        by_arrival = defaults->choice("timestamp", {"auto", "receive"}).value_or(0) == 1;
        read_defaults(std::move(*defaults), config, broker);
    }
    read_store_settings(root, config.store);
    read_web_settings(root, config.web);
    read_mapping_settings(root, config.mapping);
    config.brokers = read_brokers(root, broker, parent_directory(file), config.mapping.presets);
    if (auto stats = root.table("stats")) {
        read_stats(std::move(*stats), config.stats);
    }
    if (auto logging = root.table("logging")) {
        config.log = read_logging(std::move(*logging));
    }
    root.finish();
    if (by_arrival) {
        for (collector::RuleOptions& rule : config.mapping.rules) {
            rule.timestamp = rule.timestamp.value_or(collector::TimestampOptions{});
        }
    }
    return config;
}

std::string join(const Problems& problems) {
    std::string message;
    for (const Problem& problem : problems) {
        message += (message.empty() ? "" : "\n") + problem.to_string();
    }
    return message;
}

Result<EngineConfig> load_file(FileSystem& fs, const std::string& file) {
    Problems problems;
    EngineConfig config = parse_engine_config(TRY(read_file(fs, file)), file, problems);
    if (has_errors(problems)) {
        return fail(ErrorCode::InvalidArgument, join(problems));
    }
    return config;
}

}  // namespace

EngineConfig parse_engine_config(std::string_view text,
                                 const std::string& file,
                                 Problems& problems) {
    const auto document = parse_toml(text);
    if (!document) {
        // "line:column: what"
        const std::string& message = document.error().message;
        const auto line = static_cast<uint32_t>(std::strtoul(message.c_str(), nullptr, 10));
        const size_t colon = line > 0 ? message.find(':') : std::string::npos;
        problems.push_back(
            {file,
             line,
             "",
             colon == std::string::npos ? message : "column " + message.substr(colon + 1),
             "",
             false});
        return {};
    }
    return read_root(*document, file, problems);
}

store::StoreOptions store_options_of(const std::string& root, store::StoreOptions options) {
    options.root = root;
    // The loader keeps its own copy: manifests are read for databases that appear later.
    options.options_of = [fs = options.file_system,
                          defaults = options.defaults](const std::string& folder) {
        return load_manifest(*fs, folder, defaults);
    };
    return options;
}

Result<store::StoreOptions> load_store_options(FileSystem& fs,
                                               const std::string& root,
                                               const std::string& file) {
    return store_options_of(root, TRY(load_file(fs, file)).store);
}

Result<EngineConfig> load_engine_config(FileSystem& fs,
                                        const std::string& file,
                                        const Overrides& overrides) {
    EngineConfig config;
    if (!file.empty()) {
        config = TRY(load_file(fs, file));
    }
    if (!overrides.listen.empty()) {
        config.web.listen = overrides.listen;
    }
    for (const std::string& url : overrides.brokers) {
        config.brokers.push_back(broker_of_url(url, {}));
    }
    const std::string root = !overrides.root.empty() ? overrides.root : parent_directory(file);
    config.store = store_options_of(root, std::move(config.store));
    settle_brokers(config.brokers, root, config.store.default_database);
    for (const collector::BrokerOptions& broker : config.brokers) {
        TRY(mqtt::validate(broker.client));
    }
    if (config.web.auth.mode == web::AuthMode::Users && config.web.auth.users_file.front() != '/') {
        config.web.auth.users_file = parent_directory(file) + "/" + config.web.auth.users_file;
    }
    return config;
}

}  // namespace cistern::config
