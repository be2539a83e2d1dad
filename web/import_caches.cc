// SPDX-License-Identifier: MIT
#include "web/import_caches.h"

namespace cistern::web {

ImportCaches::Lease ImportCaches::lease(KeyKind kind) {
    std::unique_ptr<ByDatabase> caches;
    {
        const MutexLock lock(pool_->mutex);
        auto& free = pool_->free[kind];
        if (!free.empty()) {
            caches = std::move(free.back());
            free.pop_back();
        }
    }
    if (!caches) caches = std::make_unique<ByDatabase>();
    return {caches.release(), [pool = pool_, kind, pooled_max = pooled_max_](ByDatabase* done) {
                std::unique_ptr<ByDatabase> owned(done);
                const MutexLock lock(pool->mutex);
                auto& free = pool->free[kind];
                if (free.size() < pooled_max) free.push_back(std::move(owned));
            }};
}

}  // namespace cistern::web
