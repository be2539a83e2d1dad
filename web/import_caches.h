// SPDX-License-Identifier: MIT
// Series caches that survive from request to request. One request uses a set alone, so that a
// lookup takes no lock.
#pragma once

#include "store/base/mutex.h"
#include "store/model/series_cache.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace cistern::web {

// What the key bytes of a cache are.
enum class KeyKind : uint8_t { LineProtocol, PrometheusText, InfluxLine, RemoteWrite };

// Thread safe.
class ImportCaches {
  public:
    using ByDatabase = std::unordered_map<std::string, store::SeriesCache>;
    // Goes back into the pool when the last copy is dropped.
    using Lease = std::shared_ptr<ByDatabase>;

    // `pooled_max` sets are kept per kind; more are made and thrown away.
    explicit ImportCaches(size_t pooled_max = 4)
        : pool_(std::make_shared<Pool>()), pooled_max_(pooled_max) {}
    [[nodiscard]] Lease lease(KeyKind kind);

  private:
    struct Pool {
        Mutex mutex;
        std::unordered_map<KeyKind, std::vector<std::unique_ptr<ByDatabase>>> free
            CISTERN_GUARDED_BY(mutex);
    };
    std::shared_ptr<Pool> pool_;
    size_t pooled_max_;
};

}  // namespace cistern::web
