// SPDX-License-Identifier: MIT
// The envelope of the routes' JSON answers.
#pragma once

#include "web/http.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>

namespace cistern::app {

// {"status":"success","data":...}. Payloads and topics may be no UTF-8; what cannot be printed
// becomes U+FFFD.
web::Response json_answer(const nlohmann::json& data);
int64_t to_ms(int64_t ns);

}  // namespace cistern::app
