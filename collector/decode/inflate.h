// SPDX-License-Identifier: MIT
// gzip and zstd payloads, with bounds against bombs.
#pragma once

#include "collector/decode/decoder.h"

#include <memory>
#include <string>
#include <string_view>

namespace cistern::collector {

bool is_compressed(std::string_view payload);
// Replaces `into`. ResourceExhausted: more than `bytes_max`, or more than 200 times the payload
// where that is above 64 KiB. InvalidArgument: damaged or cut off.
Status inflate(std::string_view payload, size_t bytes_max, std::string& into);

// Gives `inner` the inflated payload when it is compressed (once; not what was packed twice).
std::unique_ptr<Decoder> make_inflating_decoder(std::unique_ptr<Decoder> inner,
                                                const DecodeLimits& limits);

// What bytes without text are, by their first ones: "JPEG image"; empty when unknown.
std::string_view known_binary(std::string_view payload);

}  // namespace cistern::collector
