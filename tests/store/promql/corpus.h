// SPDX-License-Identifier: MIT
// Where the conformance corpora lie: beside the source tree, or where the variable says.
#pragma once

#include <cstdlib>
#include <string>

namespace cistern::promql::test {

inline std::string corpus_folder() {
    const char* folder = std::getenv("CISTERN_PROMQL_CORPUS");
    return folder != nullptr ? folder : CISTERN_PROMQL_CORPUS_DEFAULT;
}

}  // namespace cistern::promql::test
