// SPDX-License-Identifier: MIT
// Nanoseconds in the units of time that settings, formats and protocols use.
#pragma once

#include <cstdint>

namespace cistern {

inline constexpr int64_t kNsPerMs = 1'000'000;
inline constexpr int64_t kNsPerSecond = 1'000'000'000;
inline constexpr int64_t kNsPerDay = 86'400 * kNsPerSecond;

}  // namespace cistern
