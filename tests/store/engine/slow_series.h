// SPDX-License-Identifier: MIT
// A simulated life of series with few samples a day.
#pragma once

#include "tests/store/engine/database_fixture.h"

#include <algorithm>
#include <string>
#include <vector>

namespace cistern::store {

inline constexpr TimestampNs kNewYear = 1'672'531'200 * kNsPerSecond;  // 2023-01-01

class SlowSeries : public DatabaseFixture {
  protected:
    SlowSeries() { clock_.set_wall(kNewYear); }
    // One sample of each series every `step`; a sealed file for every day that is over.
    void live(int days, int series_count, int64_t step) {
        std::vector<SeriesId> ids;
        for (int i = 0; i < series_count; ++i) {
            ids.push_back(series("slow_" + std::to_string(i)));
        }
        const TimestampNs end = clock_.now_ns() + days * kNsPerDay;
        std::vector<Sample> batch;
        while (clock_.now_ns() < end) {
            batch.clear();
            for (const SeriesId id : ids) {
                batch.push_back({id, clock_.now_ns(), ValueBits::of(value_++ % 100 / 10.0)});
            }
            append_all(batch);
            clock_.advance(step);
            store().run_maintenance();
        }
    }
    size_t sealed_months() {
        auto names = partition_files();
        return static_cast<size_t>(
            std::count_if(names.begin(), names.end(), [](const std::string& name) {
                return name.find('.') == std::string("data-2023-01").size();
            }));
    }
    int value_ = 0;
};

}  // namespace cistern::store
