// SPDX-License-Identifier: MIT
// Times of Sparkplug payloads.
#pragma once

#include "collector/decode/civil_time.h"
#include "store/base/time_units.h"

#include <cstdint>
#include <optional>

namespace cistern::collector {

// Milliseconds since the epoch -> nanoseconds; nothing when they are missing, beyond what fits or
// from a clock that was never set.
inline std::optional<int64_t> sparkplug_time_ns(std::optional<uint64_t> milliseconds) {
    constexpr uint64_t kMillisecondsMin = kClocksAreSetNs / kNsPerMs;
    constexpr uint64_t kMillisecondsMax = 9'000'000'000'000;
    if (!milliseconds || *milliseconds <= kMillisecondsMin || *milliseconds >= kMillisecondsMax) {
        return std::nullopt;
    }
    return static_cast<int64_t>(*milliseconds) * kNsPerMs;
}

}  // namespace cistern::collector
