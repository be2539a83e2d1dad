// SPDX-License-Identifier: MIT
#include "collector/ingest/fed_series.h"

#include "collector/mapping/reasons.h"
#include "store/base/clock.h"
#include "store/base/log.h"

#include <algorithm>

namespace cistern::collector {
namespace {

constexpr int64_t kLimitNoteInterval = 60'000'000'000;

}  // namespace

FedSeries::FedSeries(store::Store& store,
                     IngestCounters& counters,
                     std::string default_database,
                     uint32_t series_max)
    : store_(store),
      counters_(counters),
      default_database_(std::move(default_database)),
      series_max_(series_max) {}

FedSeries::Lookup FedSeries::find(const Mapper& mapper, SeriesKey key) {
    const uint32_t slot = key.slot();
    if (slot >= by_slot_.size()) {
        by_slot_.resize(slot + 1);
    }
    Slot& known = by_slot_[slot];
    if (!known.is_set || !(known.key == key)) {
        const Lookup found = resolve(mapper, key);
        known = {key, found.state, found.refusal, true};
    }
    return {known.state, known.refusal};
}

FedSeries::Lookup FedSeries::resolve(const Mapper& mapper, SeriesKey key) {
    if (!mapper.describe(key, described_)) {
        return {nullptr, reason::kBadSeries};
    }
    const std::string& name = described_.db.empty() ? default_database_ : described_.db;
    const auto database = store_.database(name);
    if (!database.has_value()) {
        return {nullptr, reason::kBadDatabase};
    }
    const auto opened = open_series(**database, described_.labels);
    if (!opened.has_value()) {
        const bool is_limit = opened.error().code == ErrorCode::ResourceExhausted;
        return {nullptr, is_limit ? reason::kSeriesLimit : reason::kBadSeries};
    }
    if (!opened->has_value()) {
        return {nullptr, reason::kSeriesLimit};
    }
    const store::SeriesId id = (*opened)->id;
    SeriesState& state = states_[{*database, id}];
    if (state.rule == nullptr) {
        state.database = *database;
        state.id = id;
        state.rule = counters_.rule(described_.rule);
        ++state.rule->series;
    }
    update_metadata(**database, id, described_);
    return {&state, {}};
}

// Nothing when the broker has reached its limit and the series does not exist yet. A series of
// integers refuses a float with InvalidArgument.
Result<std::optional<store::SeriesHandle>> FedSeries::open_series(store::Database& database,
                                                                  const store::Labels& labels) {
    if (states_.size() >= series_max_) {
        std::vector<store::Matcher> matchers;
        for (const store::Label& label : labels.all()) {
            matchers.push_back(store::Matcher::equal(label.name, label.value));
        }
        const std::vector<store::SeriesHandle> found =
            TRY(database.querier()->select(matchers, {}));
        const bool exists = std::any_of(
            found.begin(), found.end(), [&](const auto& h) { return *h.labels == labels; });
        if (!exists) {
            return std::optional<store::SeriesHandle>();
        }
    }
    return std::optional<store::SeriesHandle>(
        TRY(database.series(labels, store::ValueType::Float)));
}

void FedSeries::update_metadata(store::Database& database,
                                store::SeriesId id,
                                const MappedSeries& series) {
    if (series.unit.empty() && series.type.empty() && series.stale_after_ns == 0) {
        return;
    }
    store::SeriesMetadata metadata = database.metadata(id);
    const store::SeriesMetadata before = metadata;
    metadata.unit = series.unit.empty() ? metadata.unit : series.unit;
    metadata.type = series.type.empty() ? metadata.type : series.type;
    metadata.stale_after_ns =
        series.stale_after_ns < 0 ? store::kNeverStale : series.stale_after_ns;
    if (!(metadata == before)) {
        database.set_metadata(id, metadata);
    }
}

void FedSeries::note_refusal(std::string_view rule, std::string_view topic) {
    ++limit_refusals_;
    const int64_t now = system_clock().monotonic_ns();
    if (limit_noted_ns_ != SeriesState::kNever && now - limit_noted_ns_ < kLimitNoteInterval) {
        return;
    }
    limit_noted_ns_ = now;
    log_warn(
        "series limit reached with {} series: {} new ones refused so far, the last of topic {} "
        "(rule {})",
        states_.size(),
        limit_refusals_,
        topic,
        rule);
}

void FedSeries::load_last(SeriesState& state) {
    if (state.last_known) {
        return;
    }
    state.last_known = true;
    store::SeriesHandle handle;
    handle.id = state.id;
    const auto last = state.database->querier()->last(handle, {});
    if (last.has_value() && last->timestamp > state.last_ns) {
        state.last_ns = last->timestamp;
        state.last_value = last->value.as_double();
    }
}

SeriesState* FedSeries::find(const store::Database& database, store::SeriesId id) {
    const auto found = states_.find({&database, id});
    return found == states_.end() ? nullptr : &found->second;
}

const SeriesState* FedSeries::find(const store::Database& database, store::SeriesId id) const {
    const auto found = states_.find({&database, id});
    return found == states_.end() ? nullptr : &found->second;
}

SeriesState* FedSeries::adopt(store::Database& database, store::SeriesId id) {
    SeriesState& state = states_[{&database, id}];
    state.database = &database;
    state.id = id;
    return &state;
}

}  // namespace cistern::collector
