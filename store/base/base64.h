// SPDX-License-Identifier: MIT
// Bytes as text: base64 of RFC 4648, section 4, with padding when written; read also without, and
// in the alphabet for URLs (section 5).
#pragma once

#include "store/base/result.h"

#include <string>
#include <string_view>

namespace cistern {

std::string encode_base64(std::string_view bytes);
// Line ends within the text are skipped, as MIME and tools that fold lines place them.
// InvalidArgument: a character that base64 does not have.
Result<std::string> decode_base64(std::string_view text);

}  // namespace cistern
