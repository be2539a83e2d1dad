// SPDX-License-Identifier: MIT
// The snappy block format of remote write and read. The only place that knows the library.
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::web {

// The length that the block claims is checked before memory is taken. ResourceExhausted above
// bytes_max, InvalidArgument when it does not decompress.
Result<std::string> decompress_snappy(std::string_view block, uint64_t bytes_max);
std::string compress_snappy(std::string_view bytes);

}  // namespace cistern::web
