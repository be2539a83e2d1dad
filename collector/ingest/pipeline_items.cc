// SPDX-License-Identifier: MIT
// What a mapped message means for the store: which of its samples are news, and when they were.
#include "collector/ingest/pipeline.h"
#include "collector/mapping/reasons.h"
#include "store/base/log.h"

#include <algorithm>

namespace cistern::collector {
namespace {

constexpr int64_t kArrivalStep = 1000;            // between two messages of one millisecond
constexpr int64_t kArrivalSlack = 1'000'000'000;  // a clock set back by more starts anew

}  // namespace

void Pipeline::collect_items(const mqtt::MessageView& view, int64_t arrival_ns) {
    items_.clear();
    size_t old_news = 0;
    for (const MappedSample& sample : mapped_.samples) {
        const FedSeries::Lookup found = series_.find(*mapper_, sample.series);
        if (found.state == nullptr) {
            counters_.add_dropped(found.refusal);
            note_refusal(found.refusal, view.topic);
            continue;
        }
        if (view.retain && !is_news(*found.state, sample)) {
            counters_.add_dropped(reason::kRetained);
            ++old_news;
            continue;
        }
        items_.push_back(
            {found.state, sample.timestamp_ns, sample.value, !sample.timestamp_from_payload});
    }
    spread_arrival_times();
    if (old_news == 0 || !items_.empty()) {
        for (const StaleSeries& stale : mapped_.stale) {
            collect_stale(stale, arrival_ns);
        }
    }
    for (const DroppedField& dropped : mapped_.dropped) {
        counters_.add_dropped(dropped.reason);
        note_refusal(dropped.reason, view.topic);
    }
}

void Pipeline::note_refusal(std::string_view why, std::string_view topic) {
    if (why == reason::kSeriesLimit) {
        series_.note_refusal(mapped_.rule, topic);
    }
}

// A replay of what is stored already, or of something older, is not.
bool Pipeline::is_news(SeriesState& state, const MappedSample& sample) {
    switch (options_.retained) {
        case RetainedPolicy::Store:
            return true;
        case RetainedPolicy::Ignore:
            return false;
        case RetainedPolicy::IfNewer:
            break;
    }
    series_.load_last(state);
    return state.last_ns == SeriesState::kNever ||
           (sample.timestamp_from_payload && sample.timestamp_ns > state.last_ns);
}

// Two messages for one series within one millisecond are two samples: the later one moves on by a
// microsecond, with all its fields, so that they still share one time.
void Pipeline::spread_arrival_times() {
    int64_t shared_ns = SeriesState::kNever;
    for (const Item& item : items_) {
        if (!item.by_arrival) {
            continue;
        }
        const int64_t last_ns = item.state->last_arrival_ns;
        const bool is_taken =
            last_ns >= item.timestamp_ns && last_ns - item.timestamp_ns < kArrivalSlack;
        shared_ns = std::max(shared_ns, is_taken ? last_ns + kArrivalStep : item.timestamp_ns);
    }
    for (Item& item : items_) {
        item.timestamp_ns = item.by_arrival ? shared_ns : item.timestamp_ns;
    }
}

void Pipeline::collect_stale(const StaleSeries& stale, int64_t arrival_ns) {
    store::Database* database =
        store_.find(stale.db.empty() ? options_.default_database : stale.db);
    if (database == nullptr) {
        return;
    }
    std::vector<store::Matcher> matchers;
    for (const store::Label& label : stale.labels.all()) {
        matchers.push_back(store::Matcher::equal(label.name, label.value));
    }
    const auto querier = database->querier();
    const auto selected = querier->select(matchers, {});
    if (!selected.has_value()) {
        log_warn("broker {}: stale series not found: {}",
                 options_.client.name,
                 selected.error().message);
        return;
    }
    const size_t fresh = items_.size();  // series with a value in this message are not stale
    for (const store::SeriesHandle& handle : *selected) {
        const auto has_value = [&](const Item& item) {
            return item.state->database == database && item.state->id == handle.id;
        };
        SeriesState* state = series_.find(*database, handle.id);
        const auto fresh_end = items_.begin() + static_cast<std::ptrdiff_t>(fresh);
        if (handle.type != store::ValueType::Float ||
            std::any_of(items_.begin(), fresh_end, has_value)) {
            continue;
        }
        state = state != nullptr ? state : series_.adopt(*database, handle.id);
        series_.load_last(*state);
        if (state->last_ns == SeriesState::kNever || store::is_stale_marker(state->last_value)) {
            continue;
        }
        const int64_t wanted_ns = stale.timestamp_ns != 0 ? stale.timestamp_ns : arrival_ns;
        items_.push_back({state,
                          std::max(wanted_ns, state->last_ns + kArrivalStep),
                          store::stale_marker(),
                          false});
    }
}

}  // namespace cistern::collector
