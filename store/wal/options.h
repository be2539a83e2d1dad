// SPDX-License-Identifier: MIT
// The log's knobs; part of DatabaseOptions.
#pragma once

#include "store/base/time_units.h"

#include <cstdint>

namespace cistern::store {

enum class FsyncPolicy : uint8_t {
    Segment,   // when a segment is full, and at flush and shutdown
    Interval,  // every sync_interval, when something was written
    Always,    // before each append returns
};

struct WalOptions {
    FsyncPolicy fsync_policy = FsyncPolicy::Interval;
    int64_t sync_interval_ns = kNsPerSecond;
    uint64_t segment_bytes = 4 << 20;
    // The head is flushed when the WAL reaches this. `wal.max_segment_size` of the seed.
    uint64_t total_bytes_max = 64 << 20;
};

// How much a power cut may cost, in one word.
enum class DurabilityProfile : uint8_t {
    Strict,      // nothing: FsyncPolicy::Always
    Balanced,    // the last second
    Throughput,  // the last segment: FsyncPolicy::Segment
};
inline constexpr DurabilityProfile kDefaultDurability = DurabilityProfile::Balanced;

constexpr void apply(DurabilityProfile profile, WalOptions& options) {
    options.fsync_policy = profile == DurabilityProfile::Strict     ? FsyncPolicy::Always
                           : profile == DurabilityProfile::Balanced ? FsyncPolicy::Interval
                                                                    : FsyncPolicy::Segment;
    options.sync_interval_ns = kNsPerSecond;
}

}  // namespace cistern::store
