// SPDX-License-Identifier: MIT
#include "store/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace cistern {

void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
    std::abort();
}

}  // namespace cistern
