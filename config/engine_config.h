// SPDX-License-Identifier: MIT
// engine.toml -> the options structs of every module. The one place where settings become options.
#pragma once

#include "collector/ingest/options.h"
#include "collector/mapping/options.h"
#include "config/table_reader.h"
#include "store/base/file_system.h"
#include "store/base/log.h"
#include "store/base/time_units.h"
#include "store/engine/options.h"
#include "web/options.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::config {

// [stats]: the process's own metrics as series of the database `internal`.
struct StatsOptions {
    bool enabled = true;
    int64_t interval_ns = 30 * kNsPerSecond;
};

struct EngineConfig {
    std::string file;  // empty: defaults only
    store::StoreOptions store;
    web::WebOptions web;
    StatsOptions stats;
    std::vector<LogSink> log;
    collector::MappingOptions mapping;
    std::vector<collector::BrokerOptions> brokers;
};

// What the command line says over the file.
struct Overrides {
    std::string root;
    std::string listen;
    std::vector<std::string> brokers;  // URLs
};

// Reads and checks everything; every problem is in `problems`, warnings among them. The result is
// usable when has_errors(problems) is false. `file` is for messages only.
EngineConfig parse_engine_config(std::string_view text,
                                 const std::string& file,
                                 Problems& problems);

// The file (none when empty), then the overrides. InvalidArgument: the message has a line per
// problem.
Result<EngineConfig> load_engine_config(FileSystem& fs,
                                        const std::string& file,
                                        const Overrides& overrides);

// The store's part alone, for commands that need no broker.
Result<store::StoreOptions> load_store_options(FileSystem& fs,
                                               const std::string& root,
                                               const std::string& file);
store::StoreOptions store_options_of(const std::string& root, store::StoreOptions options);

}  // namespace cistern::config
