// SPDX-License-Identifier: MIT
// JSON (RFC 8259) to nodes. Beyond the standard it takes what devices really send inside otherwise
// good JSON: NaN and Infinity (as null), bad UTF-8, lone surrogates and control characters in
// strings (replaced), integers beyond 64 bits (as double). Anything else is rejected as a whole.
#pragma once

#include "collector/decode/decoder.h"

#include <memory>
#include <string>
#include <string_view>

namespace cistern::collector {

std::unique_ptr<Decoder> make_json_decoder(const DecodeLimits& limits);
// One JSON document per line; an array of them.
std::unique_ptr<Decoder> make_ndjson_decoder(const DecodeLimits& limits);

// Replaces in place what simdjson refuses and we tolerate. True when anything changed.
bool repair_json(std::string& text);

}  // namespace cistern::collector
