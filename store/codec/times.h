// SPDX-License-Identifier: MIT
// A column of timestamps <-> bytes.
//
//   times = u8 encoding, then by encoding
//     Plain  integers (integers.h)
//     Grid   i64 t0, varint tick, f64 period in ticks,
//            varint bytes of steps, integers steps (k[i] - k[i-1]), integers residuals r
//            t[i] = t0 + tick * (trunc(k[i] * period) + r[i])
// Grid: a device with a period and jitter is nearer to its grid than to its previous sample.
#pragma once

#include "store/codec/residuals.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cistern::store::codec {

enum class TimeEncoding : uint8_t { Plain = 0, Grid = 1 };

// Appends. `times` is not empty, ascending and unique.
void encode_times(std::span<const int64_t> times, Effort effort, std::vector<std::byte>& out);

// Fills `times` from exactly these bytes; false when they are damaged or not ascending and unique.
bool decode_times(std::span<const std::byte> bytes, std::span<int64_t> times);

}  // namespace cistern::store::codec
