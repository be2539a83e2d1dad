// SPDX-License-Identifier: MIT
#include "store/base/memory.h"

#include <cstdlib>  // defines __GLIBC__
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace cistern {

void return_free_memory() {
#if defined(__GLIBC__)
    ::malloc_trim(0);
#endif
}

void keep_memory_together() {
#if defined(__GLIBC__)
    constexpr int kHeaps = 2;
    // What is larger is mapped for itself and goes back to the system when it is freed. Setting it
    // also keeps the bound from growing to 32 MiB with the first large block that is freed.
    constexpr int kMappedBytesMin = 1 << 20;
    constexpr int kFreeBytesMax = 4 << 20;
    ::mallopt(M_ARENA_MAX, kHeaps);
    ::mallopt(M_MMAP_THRESHOLD, kMappedBytesMin);
    ::mallopt(M_TRIM_THRESHOLD, kFreeBytesMax);
#endif
}

}  // namespace cistern
