// SPDX-License-Identifier: MIT
// Where the conformance corpora may lie: beside the source tree, or where the variable says.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace cistern::promql::test {

inline std::string corpus_folder() {
    if (const char* folder = std::getenv("CISTERN_PROMQL_CORPUS"); folder != nullptr) {
        return folder;
    }
    namespace fs = std::filesystem;
    for (fs::path at = fs::path(__FILE__).parent_path(); at.has_relative_path();
         at = at.parent_path()) {
        if (fs::exists(at / "shared/promql/testdata")) {
            return at / "shared/promql";
        }
    }
    return "../shared/promql";
}

}  // namespace cistern::promql::test
