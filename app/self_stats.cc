// SPDX-License-Identifier: MIT
#include "app/self_stats.h"

#include "store/base/log.h"
#include "store/base/time_units.h"

namespace cistern::app {

SelfStats::SelfStats(store::Store& store,
                     const MetricsRegistry& registry,
                     Clock& clock,
                     int64_t interval_ns)
    : store_(store),
      registry_(registry),
      clock_(clock),
      interval_ns_(interval_ns),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

SelfStats::~SelfStats() {
    thread_.request_stop();
    {
        const MutexLock lock(mutex_);
        wake_.notify_all();
    }
    thread_.join();
}

Status SelfStats::record() {
    store::Database* database = TRY(store_.database(kInternalDatabase));
    const int64_t now = clock_.now_ns() / kNsPerMs * kNsPerMs;
    std::vector<store::Sample> samples;
    for (const MetricValue& metric : registry_.collect()) {
        std::vector<store::Label> labels;
        for (const auto& [name, value] : metric.labels) {
            labels.push_back({name, value});
        }
        const auto series = TRY(database->series(
            store::Labels::of_metric(metric.name, std::move(labels)), store::ValueType::Float));
        samples.push_back({series.id, now, store::ValueBits::of(metric.value)});
    }
    TRY(database->append({samples, {}}));
    return {};
}

void SelfStats::run(const std::stop_token& stop) {
    bool complained = false;
    while (true) {
        {
            const MutexLock lock(mutex_);
            if (!stop.stop_requested()) {
                wake_.wait_for(mutex_, std::chrono::nanoseconds(interval_ns_));
            }
        }
        if (stop.stop_requested()) {
            return;
        }
        const Status recorded = record();
        if (!recorded && !complained) {
            log_warn("own metrics are not stored: {}", recorded.error().message);
        }
        complained = !recorded;
    }
}

}  // namespace cistern::app
