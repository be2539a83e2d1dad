// SPDX-License-Identifier: MIT
// The mapper's series keys -> the store's series, with what ingest remembers about each.
#pragma once

#include "collector/ingest/counters.h"
#include "collector/mapping/mapper.h"
#include "store/engine/store.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cistern::collector {

struct TopicEntry;

// One series that this broker feeds. 72 bytes.
struct SeriesState {
    static constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

    store::Database* database = nullptr;
    store::SeriesId id;
    RuleCounts* rule = nullptr;   // which rule made it
    TopicEntry* topic = nullptr;  // of the last message; null: its topic is not listed
    // The newest sample, from the store when it was first needed and from then on as written.
    int64_t last_ns = kNever;
    double last_value = 0;
    bool last_known = false;
    // The newest time that was given by arrival, to tell apart two messages of one millisecond.
    int64_t last_arrival_ns = kNever;
};

// For one thread.
class FedSeries {
  public:
    FedSeries(store::Store& store,
              IngestCounters& counters,
              std::string default_database,
              uint32_t series_max);

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
    struct Slot {
        SeriesKey key;
        SeriesState* state = nullptr;
        std::string_view refusal;
        bool is_set = false;
    };
    struct StateId {
        const store::Database* database;
        store::SeriesId id;
        bool operator==(const StateId&) const = default;
    };
    struct StateIdHash {
        size_t operator()(const StateId& id) const noexcept {
            return std::hash<const void*>()(id.database) ^
                   (static_cast<size_t>(id.id.value()) * 0x9e3779b97f4a7c15ULL);
        }
    };

    Lookup resolve(const Mapper& mapper, SeriesKey key);
    Result<std::optional<store::SeriesHandle>> open_series(store::Database& database,
                                                           const store::Labels& labels);
    static void update_metadata(store::Database& database,
                                store::SeriesId id,
                                const MappedSeries& series);

    store::Store& store_;
    IngestCounters& counters_;
    const std::string default_database_;
    uint32_t series_max_;
    std::vector<Slot> by_slot_;
    std::unordered_map<StateId, SeriesState, StateIdHash> states_;  // addresses stay
    MappedSeries described_;
    int64_t limit_noted_ns_ = SeriesState::kNever;
    uint64_t limit_refusals_ = 0;
};

}  // namespace cistern::collector
