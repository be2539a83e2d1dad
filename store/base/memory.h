// SPDX-License-Identifier: MIT
// The process's memory as the system and the allocator see it.
#pragma once

#include <cstdint>

namespace cistern {

// Hands what is free inside the heap back to the system. Costs milliseconds: after something large
// was freed, such as a head that went into files, not in a hot path. Thread safe.
void return_free_memory();

// Sets the allocator up for a daemon with many threads and little memory: two heaps instead of
// eight for each core, each of which would keep what its largest query took. Once, before threads
// start.
void keep_memory_together();

// What of the process is in memory, bytes; 0 where the system does not tell (/proc/self/statm).
[[nodiscard]] uint64_t resident_bytes();
// What the allocator has given out, bytes; 0 where it does not tell.
[[nodiscard]] uint64_t allocated_bytes();

}  // namespace cistern
