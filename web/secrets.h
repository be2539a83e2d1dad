// SPDX-License-Identifier: MIT
// Password hashes, token digests and comparisons that take the same time whatever differs. The only
// place that knows libcrypt and libcrypto.
#pragma once

#include "store/base/result.h"

#include <string>
#include <string_view>

namespace cistern::web {

// 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);
// Slow by design: tens of ms and more.
bool password_matches(const std::string& password, const std::string& hash);
bool equal_in_constant_time(std::string_view a, std::string_view b);
// From the kernel's generator.
std::string random_bytes(size_t count);

}  // namespace cistern::web
