// SPDX-License-Identifier: MIT
// The allocator's memory as the system sees it.
#pragma once

namespace cistern {

// Hands what is free inside the heap back to the system. Costs milliseconds: after something large
// was freed, such as a head that went into files, not in a hot path. Thread safe.
void return_free_memory();

}  // namespace cistern
