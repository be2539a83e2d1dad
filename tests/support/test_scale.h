// SPDX-License-Identifier: MIT
// How many times as many rounds a fault loop makes: CISTERN_TEST_SCALE, 100 in a nightly run.
#pragma once

#include <algorithm>
#include <cstdlib>

namespace cistern::test {

inline int test_scale() {
    const char* const text = std::getenv("CISTERN_TEST_SCALE");
    return text == nullptr ? 1 : std::max(1, std::atoi(text));
}

}  // namespace cistern::test
