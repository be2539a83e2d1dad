// SPDX-License-Identifier: MIT
// What an inspection found.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace cistern::app {

struct Inspection {
    nlohmann::json json;
    std::string text;
    bool damaged = false;  // something did not verify
};

}  // namespace cistern::app
