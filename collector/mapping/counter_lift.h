// SPDX-License-Identifier: MIT
// Counters that must not fall: where a device starts anew from zero, its readings are lifted by
// what it had counted before. Internal to collector/mapping.
#pragma once

#include "collector/mapping/series_table.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cistern::collector {

class CounterLift {
  public:
    // The reading as it goes on from the readings before; `table` names the series. Readings older
    // than the last one are lifted alike and change nothing.
    double lift(const SeriesTable& table, uint32_t slot, double value, int64_t time_ns);

    struct Saved {
        std::string series;  // database and labels
        double offset = 0;
        double last = 0;
    };
    // What must outlive a restart. Series that nobody fed since the last restore are among it.
    [[nodiscard]] std::vector<Saved> save(const SeriesTable& table) const;
    void restore(Saved saved);

  private:
    struct Count {
        double offset = 0;
        double last = 0;
        int64_t time_ns = 0;
    };
    std::unordered_map<uint64_t, Count> counts_;                              // by series key
    std::unordered_map<std::string, std::pair<double, double>> from_before_;  // offset, last
};

}  // namespace cistern::collector
