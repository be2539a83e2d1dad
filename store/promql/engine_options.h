// SPDX-License-Identifier: MIT
// Limits of the query engine, with Prometheus' defaults, and what a query may bring with it.
#pragma once

#include "store/base/clock.h"
#include "store/base/result.h"
#include "store/engine/querier.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace cistern::promql {

struct EngineOptions {
    // How far an instant selector looks back; a series' own stale_after goes before it.
    int64_t lookback_ms = 5 * 60 * 1000;
    // The step of subqueries that name none.
    int64_t subquery_step_ms = 60 * 1000;
    // Samples held in memory at once by one query.
    uint64_t max_samples = 50'000'000;
    // Series that one selector may match.
    uint64_t max_series = 1'000'000;
    // (end - start) / step of a range query.
    int64_t max_points = 11'000;
    int64_t timeout_ms = 2 * 60 * 1000;
    // Queries that run at once; more wait.
    uint32_t max_concurrency = 20;
    // Bytes of samples and results held in memory at once by one query.
    uint64_t memory_bytes_max = 1ULL << 30;
    // Threads that one query may use.
    uint32_t threads = 2;
    // Prometheus 3: windows and lookback exclude their left end. 2.42 includes it.
    bool left_open = false;
    Clock* clock = &system_clock();
};

// Set from any thread to stop a query; the query notices within some milliseconds.
class CancelToken {
  public:
    void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  private:
    std::atomic<bool> cancelled_ = false;
};

// Finds the database of a db/metric.name selector. Without one such a selector gets the condition
// db="name" instead, which fits a querier over all databases.
using DatabaseResolver =
    std::function<Result<std::shared_ptr<const store::Querier>>(std::string_view database)>;

}  // namespace cistern::promql
