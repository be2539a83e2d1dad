// SPDX-License-Identifier: MIT
#include "collector/mapping/counter_lift.h"

namespace cistern::collector {
namespace {

constexpr size_t kSeriesMax = 100'000;

std::string name_of(const SeriesTable& table, uint32_t slot) {
    std::string db;
    store::Labels labels;
    table.labels_of(slot, db, labels);
    return db + labels.to_string();
}

}  // namespace

double CounterLift::lift(const SeriesTable& table, uint32_t slot, double value, int64_t time_ns) {
    const auto [found, is_new] = counts_.try_emplace(table.key(slot).bits);
    Count& count = found->second;
    if (is_new) {
        count.last = value;
        const auto before = from_before_.find(name_of(table, slot));
        if (before != from_before_.end()) {
            count.offset = before->second.first;
            count.last = before->second.second;
            from_before_.erase(before);
        }
    }
    if (time_ns < count.time_ns) {
        return value + count.offset;
    }
    if (value < count.last) {
        count.offset += count.last;
    }
    count.last = value;
    count.time_ns = time_ns;
    const double lifted = value + count.offset;
    if (counts_.size() > kSeriesMax) {  // of topics long forgotten
        counts_.clear();
    }
    return lifted;
}

std::vector<CounterLift::Saved> CounterLift::save(const SeriesTable& table) const {
    std::vector<Saved> all;
    for (const auto& [bits, count] : counts_) {
        const SeriesKey key{bits};
        if (table.is_valid(key)) {
            all.push_back({name_of(table, key.slot()), count.offset, count.last});
        }
    }
    for (const auto& [series, count] : from_before_) {
        all.push_back({series, count.first, count.second});
    }
    return all;
}

void CounterLift::restore(Saved saved) {
    if (from_before_.size() < kSeriesMax) {
        from_before_[std::move(saved.series)] = {saved.offset, saved.last};
    }
}

}  // namespace cistern::collector
