// SPDX-License-Identifier: MIT
// The mapper's series keys -> the store's series, with what ingest remembers about each.
#pragma once

#include "collector/ingest/counters.h"
#include "collector/mapping/mapper.h"
#include "collector/mapping/reasons.h"
#include "store/base/chunked_array.h"
#include "store/base/clock.h"
#include "store/base/hash_index.h"
#include "store/engine/store.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

struct SeenTopic;

// One series that this broker feeds.
struct SeriesState {
    static constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

    store::Database* database = nullptr;
    RuleCounts* rule = nullptr;  // which rule made it
    SeenTopic* topic = nullptr;  // of the last message; null: its topic is not listed
    // The newest sample, from the store when it was first needed and from then on as written.
    int64_t last_ns = kNever;
    double last_value = 0;
    // The newest time that was given by arrival, to tell apart two messages of one millisecond.
    int64_t last_arrival_ns = kNever;
    store::SeriesId id;
    bool last_known = false;
};
static_assert(sizeof(SeriesState) == 56);

// For one thread.
class FedSeries {
  public:
    FedSeries(store::Store& store,
              IngestCounters& counters,
              std::string default_database,
              uint32_t series_max,
              Clock& clock);

    struct Lookup {
        SeriesState* state = nullptr;  // null: refused
        std::string_view refusal;      // the reason, when null
    };
    // Creates the series in the store when it is new and the limit allows.
    Lookup find(const Mapper& mapper, SeriesKey key);
    // After the mapper was replaced its keys mean something else.
    void forget_keys() { by_slot_.clear(); }

    // The newest sample of the series.
    void load_last(SeriesState& state);
    // The state of a stored series, when this broker has fed it in this run.
    SeriesState* find(const store::Database& database, store::SeriesId id);
    [[nodiscard]] const SeriesState* find(const store::Database& database,
                                          store::SeriesId id) const;
    // A state for a stored series that this broker has not fed, so far.
    SeriesState* adopt(store::Database& database, store::SeriesId id);

    [[nodiscard]] size_t size() const { return states_.size(); }
    // A new series of this topic was refused, here or by its rule's limit: told once a minute.
    void note_refusal(std::string_view rule, std::string_view topic);
    void set_series_max(uint32_t series_max) { series_max_ = series_max; }

  private:
    // A key's upper half, and the number of its state, or one from kRefused on.
    struct Slot {
        uint32_t generation = 0;
        uint32_t state = kUnset;
    };
    static constexpr uint32_t kUnset = UINT32_MAX;
    static constexpr std::array<std::string_view, 3> kRefusals = {
        reason::kBadSeries, reason::kBadDatabase, reason::kSeriesLimit};
    static constexpr uint32_t kRefused = kUnset - kRefusals.size();

    [[nodiscard]] uint32_t find_number(const store::Database& database, store::SeriesId id) const;
    SeriesState& state_of(store::Database& database, store::SeriesId id);
    // The number of a state, or of a refusal.
    uint32_t resolve(const Mapper& mapper, SeriesKey key);
    Result<std::optional<store::SeriesHandle>> open_series(store::Database& database,
                                                           const store::Labels& labels);
    static void update_metadata(store::Database& database,
                                store::SeriesId id,
                                const MappedSeries& series);

    store::Store& store_;
    IngestCounters& counters_;
    const std::string default_database_;
    uint32_t series_max_;
    Clock& clock_;
    std::vector<Slot> by_slot_;
    ChunkedArray<SeriesState, 64> states_;  // addresses stay
    HashIndex by_id_;                       // positions in states_
    MappedSeries described_;
    int64_t limit_noted_ns_ = SeriesState::kNever;
    uint64_t limit_refusals_ = 0;
};

}  // namespace cistern::collector
