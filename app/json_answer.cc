// SPDX-License-Identifier: MIT
#include "app/json_answer.h"

#include "store/base/time_units.h"

#include <nlohmann/json.hpp>

namespace cistern::app {

web::Response json_answer(const nlohmann::json& data) {
    return web::Response::json(200,
                               nlohmann::json{{"status", "success"}, {"data", data}}.dump(
                                   -1, ' ', false, nlohmann::json::error_handler_t::replace));
}

int64_t to_ms(int64_t ns) {
    return ns / kNsPerMs;
}

}  // namespace cistern::app
