// SPDX-License-Identifier: MIT
// The process's own counters and gauges, printed at /metrics in the Prometheus text format and
// stored in the `internal` database. Names start with cistern_.
#pragma once

#include "store/base/mutex.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;
enum class MetricType : uint8_t { Counter, Gauge };

struct MetricValue {
    std::string name;
    std::string help;
    MetricType type = MetricType::Gauge;
    MetricLabels labels;
    double value = 0;
};

// Only goes up. Thread safe, wait-free.
class Counter {
  public:
    void add(uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
    [[nodiscard]] uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<uint64_t> value_{0};
};

// Thread safe.
class MetricsRegistry {
  public:
    // The counter of this name and these labels, made on first use; valid as long as the registry.
    Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
    // Called at every collect; appends what the source knows now. The source must outlive the
    // registry or its last collect.
    using Source = std::function<void(std::vector<MetricValue>&)>;
    void add_source(Source source);

    // Everything, sorted by name and labels.
    [[nodiscard]] std::vector<MetricValue> collect() const;
    // Prometheus text format 0.0.4.
    [[nodiscard]] std::string exposition() const;

  private:
    struct Entry {
        MetricValue description;
        Counter counter;
    };
    mutable Mutex mutex_;
    std::deque<Entry> counters_ CISTERN_GUARDED_BY(mutex_);  // a deque: addresses stay
    std::vector<Source> sources_ CISTERN_GUARDED_BY(mutex_);
};

}  // namespace cistern
