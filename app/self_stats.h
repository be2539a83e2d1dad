// SPDX-License-Identifier: MIT
// Stores the process's own metrics as series of the database `internal`.
#pragma once

#include "store/base/clock.h"
#include "store/base/metrics.h"
#include "store/base/mutex.h"
#include "store/engine/store.h"

#include <cstdint>
#include <stop_token>
#include <thread>
#include <vector>

namespace cistern::app {

inline constexpr char kInternalDatabase[] = "internal";

// Appends once in the interval, from its own thread. A full disk skips a round.
class SelfStats {
  public:
    // Everything must outlive this.
    SelfStats(store::Store& store,
              const MetricsRegistry& registry,
              Clock& clock,
              int64_t interval_ns);
    // Stops the thread.
    ~SelfStats();
    SelfStats(const SelfStats&) = delete;
    SelfStats& operator=(const SelfStats&) = delete;

    // One round, now.
    Status record();

  private:
    void run(const std::stop_token& stop);

    store::Store& store_;
    const MetricsRegistry& registry_;
    Clock& clock_;
    const int64_t interval_ns_;
    Mutex mutex_;
    CondVar wake_;
    std::jthread thread_;  // last: it uses the rest
};

}  // namespace cistern::app
