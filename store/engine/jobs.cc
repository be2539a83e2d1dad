// SPDX-License-Identifier: MIT
// What a database does without being asked.
#include "store/engine/local_database.h"

namespace cistern::store {

void LocalDatabase::run_due_jobs() {
    if (wal_ == nullptr) {
        return;
    }
    MutexLock lock(files_mutex_);
    (void)trusted_clock_.update();
    const int64_t since = head_since_ns_.load(std::memory_order_relaxed);
    const bool aged = since != 0 && clock_.monotonic_ns() - since >= options_.flush_age_ns;
    const bool retry = !view_.frozen().empty() || !disk_.reason().empty();
    if ((aged || flush_wanted() || retry) && disk_.check()) {
        (void)flush_with_reserve();  // a failure is noted and tried again
    }
}

Status LocalDatabase::compact() {
    return flush();
}

}  // namespace cistern::store
