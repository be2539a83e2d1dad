// SPDX-License-Identifier: MIT
#include "store/base/memory.h"

#include <unistd.h>

#include <cstdlib>  // defines __GLIBC__
#include <fstream>
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

uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    uint64_t total_pages = 0;
    uint64_t resident_pages = 0;
    file >> total_pages >> resident_pages;
    return file ? resident_pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

uint64_t allocated_bytes() {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

}  // namespace cistern
