// SPDX-License-Identifier: MIT
// A programmer's error stops the process; no input can reach it. On in every build.
#pragma once

namespace cistern {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}  // namespace cistern

#define CISTERN_ASSERT(condition)                                        \
    do {                                                                 \
        if (!(condition)) [[unlikely]] {                                 \
            ::cistern::assertion_failed(#condition, __FILE__, __LINE__); \
        }                                                                \
    } while (false)
