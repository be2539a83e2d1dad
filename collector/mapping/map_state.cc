// SPDX-License-Identifier: MIT
#include "collector/mapping/map_state.h"

#include <algorithm>
#include <cmath>

namespace cistern::collector {

void MappedMessage::clear() {
    rule.clear();
    steps.clear();
    samples.clear();
    texts.clear();
    stale.clear();
    dropped.clear();
    notes.clear();
    actions.clear();
    keep_raw = false;
}

bool LearnedUnits::learn(const std::string& key, std::string_view unit) {
    constexpr size_t kKeysMax = 200000;
    const auto found = units_.find(key);
    if (found == units_.end()) {
        if (units_.size() >= kKeysMax || unit.empty() || unit.size() > 64) {
            return false;
        }
        units_.emplace(key, unit);
        return true;
    }
    if (found->second == unit || unit.size() > 64) {
        return false;
    }
    found->second = unit;
    return true;
}

std::string_view LearnedUnits::find(const std::string& key) const {
    const auto found = units_.find(key);
    return found == units_.end() ? std::string_view() : found->second;
}

bool ChangeFilter::pass(SeriesKey key,
                        double value,
                        int64_t time_ns,
                        const OnChangeOptions& options) {
    const auto [found, is_new] = last_.try_emplace(key.bits, Last{value, time_ns});
    Last& last = found->second;
    const double band =
        options.percent ? std::fabs(last.value) * options.deadband / 100 : options.deadband;
    const bool changed = std::fabs(value - last.value) > band;
    const bool due = options.max_gap_ns > 0 && time_ns - last.time_ns >= options.max_gap_ns;
    if (!is_new && !changed && !due) {
        return false;
    }
    last = {value, time_ns};
    constexpr size_t kSeriesMax = 1'000'000;  // of topics long forgotten
    if (last_.size() > kSeriesMax) {
        last_.clear();
    }
    return true;
}

uint32_t MapState::acquire(std::string_view db,
                           const store::Labels& labels,
                           const SeriesTable::About& about,
                           bool& is_new) {
    const uint32_t slot = series.acquire(db, labels, about, is_new);
    rule_series[about.rule].known += is_new ? 1 : 0;
    return slot;
}

void MapState::release(uint32_t slot) {
    const bool was_admitted = slot != kNoSlot && series.about(slot).admitted;
    const int rule = slot == kNoSlot ? -1 : series.release(slot);
    if (rule < 0) {
        return;
    }
    RuleSeries& count = rule_series[static_cast<size_t>(rule)];
    --count.known;
    count.admitted -= was_admitted ? 1 : 0;
    if (!stored.has) {
        count.made = count.admitted;
    }
}

bool MapState::admit(uint32_t slot, size_t series_max) {
    SeriesTable::About& about = series.about(slot);
    if (about.admitted) {
        return true;
    }
    std::string db;
    store::Labels labels;
    RuleSeries& count = rule_series[about.rule];
    bool exists = false;
    if (stored.has) {
        series.labels_of(slot, db, labels);
        exists = stored.has(db, labels);
    }
    if (!exists && count.made >= series_max) {
        return false;
    }
    about.admitted = true;
    ++count.admitted;
    // Those that exist were counted when they were made, as far as that is remembered.
    count.made = std::max(count.made + (exists ? 0 : 1), count.admitted);
    return true;
}

MappedSample* MapState::add_sample(uint32_t slot, double value, int64_t time_ns) {
    if (out->samples.size() >= defaults.limits.samples) {
        overflow = true;
        return nullptr;
    }
    MappedSample sample;
    sample.series = series.key(slot);
    sample.value = value;
    sample.timestamp_ns = time_ns;
    out->samples.push_back(sample);
    return &out->samples.back();
}

void MapState::add_stale_series(uint32_t slot, int64_t time_ns) {
    StaleSeries stale;
    series.labels_of(slot, stale.db, stale.labels);
    stale.timestamp_ns = time_ns;
    out->stale.push_back(std::move(stale));
}

}  // namespace cistern::collector
