// SPDX-License-Identifier: MIT
// Every limit and knob of the store with unit and default. Filled by config/ from engine.toml and
// manifest.toml; nothing else knows the files.
#pragma once

#include "store/base/clock.h"
#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/base/time_units.h"
#include "store/wal/options.h"

#include <cstdint>
#include <functional>
#include <string>

namespace cistern::store {

enum class PartitionPeriod : uint8_t { Day, Month, Year, Forever };
enum class RetentionAction : uint8_t { Keep, Delete, Archive };
enum class OutOfOrder : uint8_t { Accept, Reject };

// Per database; manifest.toml.
struct DatabaseOptions {
    PartitionPeriod partition = PartitionPeriod::Day;
    int64_t retention_ns = 0;          // 0 = keep for ever
    uint64_t retention_bytes_max = 0;  // 0 = no bound
    RetentionAction retention_action = RetentionAction::Keep;
    int64_t seal_grace_ns = 3600 * kNsPerSecond;
    OutOfOrder out_of_order = OutOfOrder::Accept;
    // A sample older than now - max_past or newer than now + max_future is rejected; 0 = no bound.
    int64_t max_past_ns = 0;
    int64_t max_future_ns = 0;
    uint32_t series_max = 1'000'000;
    // Flush when the head is this old, or this large.
    int64_t flush_age_ns = 2 * 3600 * kNsPerSecond;
    uint64_t flush_bytes = 32 << 20;
    uint32_t block_samples_max = 8192;
    WalOptions wal;
};

struct StoreOptions {
    std::string root;
    FileSystem* file_system = &posix_file_system();
    Clock* clock = &system_clock();
    // Takes no lock, writes nothing, works beside a running server (as of open).
    bool read_only = false;
    // Starts the threads that sync, flush, seal and drop. Tests drive these by hand.
    bool background = true;
    DatabaseOptions defaults;
    // The options of one database, asked for when it is opened or made; `defaults` when empty.
    // Gets the database's folder. Called under the store's lock: must not call back.
    std::function<Result<DatabaseOptions>(const std::string& folder)> options_of;
    std::string default_database = "main";
    uint32_t databases_max = 256;
    uint32_t recent_messages_max = 65'536;
    uint64_t reserve_bytes = 8 << 20;
    // Who holds the root's lock, for the refusal's text.
    std::string holder = "cistern";
};

}  // namespace cistern::store
