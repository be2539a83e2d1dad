// SPDX-License-Identifier: MIT
#include "collector/ingest/fed_series.h"

#include "store/base/log.h"

#include <algorithm>

namespace cistern::collector {
namespace {

constexpr int64_t kLimitNoteInterval = 60'000'000'000;

uint32_t hash_of(const store::Database& database, store::SeriesId id) {
    const uint64_t hash =
        (reinterpret_cast<uintptr_t>(&database) + id.value()) * 0x9e3779b97f4a7c15ULL;
    return static_cast<uint32_t>(hash >> 32);
}

}  // namespace

FedSeries::FedSeries(store::Store& store,
                     IngestCounters& counters,
                     std::string default_database,
                     uint32_t series_max,
                     Clock& clock)
    : store_(store),
      counters_(counters),
      default_database_(std::move(default_database)),
      series_max_(series_max),
      clock_(clock) {}

FedSeries::Lookup FedSeries::find(const Mapper& mapper, SeriesKey key) {
    const uint32_t slot = key.slot();
    if (slot >= by_slot_.size()) {
        by_slot_.resize(slot + 1);
    }
    Slot& known = by_slot_[slot];
    const auto generation = static_cast<uint32_t>(key.bits >> 32);
    if (known.state == kUnset || known.generation != generation) [[unlikely]] {
        known = {generation, resolve(mapper, key)};
    }
    if (known.state >= kRefused) [[unlikely]] {
        return {nullptr, kRefusals[known.state - kRefused]};
    }
    return {&states_[known.state], {}};
}

uint32_t FedSeries::resolve(const Mapper& mapper, SeriesKey key) {
    constexpr uint32_t kBadSeries = kRefused;
    constexpr uint32_t kBadDatabase = kRefused + 1;
    constexpr uint32_t kSeriesLimit = kRefused + 2;
    if (!mapper.describe(key, described_)) {
        return kBadSeries;
    }
    const std::string& name = described_.db.empty() ? default_database_ : described_.db;
    const auto database = store_.database(name);
    if (!database.has_value()) {
        return kBadDatabase;
    }
    const auto opened = open_series(**database, described_.labels);
    if (!opened.has_value()) {
        const bool is_limit = opened.error().code == ErrorCode::ResourceExhausted;
        return is_limit ? kSeriesLimit : kBadSeries;
    }
    if (!opened->has_value()) {
        return kSeriesLimit;
    }
    const store::SeriesId id = (*opened)->id;
    SeriesState& state = state_of(**database, id);
    if (state.rule == nullptr) {
        state.rule = counters_.rule(described_.rule);
        ++state.rule->series;
    }
    update_metadata(**database, id, described_);
    return find_number(**database, id);
}

// Nothing when the broker has reached its limit and the series does not exist yet. A series of
// integers refuses a float with InvalidArgument.
Result<std::optional<store::SeriesHandle>> FedSeries::open_series(store::Database& database,
                                                                  const store::Labels& labels) {
    if (states_.size() >= series_max_ && !database.find(labels).has_value()) {
        return std::optional<store::SeriesHandle>();
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
    const int64_t now = clock_.monotonic_ns();
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

uint32_t FedSeries::find_number(const store::Database& database, store::SeriesId id) const {
    return by_id_.find(hash_of(database, id), [&](uint32_t number) {
        const SeriesState& state = states_[number];
        return state.database == &database && state.id == id;
    });
}

SeriesState& FedSeries::state_of(store::Database& database, store::SeriesId id) {
    const uint32_t known = find_number(database, id);
    if (known != HashIndex::kNone) {
        return states_[known];
    }
    const auto number = static_cast<uint32_t>(states_.emplace());
    by_id_.insert(hash_of(database, id), number);
    SeriesState& state = states_[number];
    state.database = &database;
    state.id = id;
    return state;
}

SeriesState* FedSeries::find(const store::Database& database, store::SeriesId id) {
    const uint32_t number = find_number(database, id);
    return number == HashIndex::kNone ? nullptr : &states_[number];
}

const SeriesState* FedSeries::find(const store::Database& database, store::SeriesId id) const {
    const uint32_t number = find_number(database, id);
    return number == HashIndex::kNone ? nullptr : &states_[number];
}

SeriesState* FedSeries::adopt(store::Database& database, store::SeriesId id) {
    return &state_of(database, id);
}

}  // namespace cistern::collector
