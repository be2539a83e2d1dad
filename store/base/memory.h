// SPDX-License-Identifier: MIT
// The allocator's memory as the system sees it.
#pragma once

namespace cistern {

// Hands what is free inside the heap back to the system. Costs milliseconds: after something large
// was freed, such as a head that went into files, not in a hot path. Thread safe.
void return_free_memory();

// Sets the allocator up for a daemon with many threads and little memory: two heaps instead of eight
// for each core, each of which would keep what its largest query took. Once, before threads start.
void keep_memory_together();

}  // namespace cistern
