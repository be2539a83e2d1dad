// SPDX-License-Identifier: MIT
// What the parts of the mapper share while one message is mapped. Internal to collector/mapping.
#pragma once

#include "collector/mapping/counter_lift.h"
#include "collector/mapping/mapper.h"
#include "collector/mapping/reasons.h"
#include "collector/mapping/series_table.h"
#include "collector/mapping/topic_table.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cistern::collector {

// Units that devices told about themselves, by a rule's unit_key. Bounded.
class LearnedUnits {
  public:
    // True when it is news.
    bool learn(const std::string& key, std::string_view unit);
    [[nodiscard]] std::string_view find(const std::string& key) const;
    [[nodiscard]] const std::unordered_map<std::string, std::string>& all() const { return units_; }

  private:
    std::unordered_map<std::string, std::string> units_;
};

// The last stored value of series whose rule has on_change.
class ChangeFilter {
  public:
    // False when the value is to be left out.
    bool pass(SeriesKey key, double value, int64_t time_ns, const OnChangeOptions& options);

  private:
    struct Last {
        double value = 0;
        int64_t time_ns = 0;
    };
    std::unordered_map<uint64_t, Last> last_;
};

// How many series a rule has. Those that hold samples stay in the store for good: evicting a topic
// makes room here and not there.
struct RuleSeries {
    size_t known = 0;     // of topics known now
    size_t admitted = 0;  // among these, with samples
    size_t made = 0;      // with samples, in the store
};

struct MapState {
    explicit MapState(const MappingDefaults& mapping_defaults) : defaults(mapping_defaults) {}

    const MappingDefaults& defaults;
    SeriesTable series;
    LearnedUnits units;
    ChangeFilter changes;
    CounterLift counters;
    uint32_t generation = 1;  // counts what was learned; plans made before are compiled anew
    uint32_t message_number = 0;
    std::vector<RuleSeries> rule_series;  // by rule number
    StoredSeries stored;                  // without `has`, what is known now is all there is

    // Of the message at hand.
    const Message* message = nullptr;
    MappedMessage* out = nullptr;
    TopicPlan* plan = nullptr;
    bool explain = false;
    bool overflow = false;  // more samples than one message may give

    void drop(std::string_view reason, std::string field = {}) {
        out->dropped.push_back({reason, std::move(field)});
    }
    void note(std::string_view reason, std::string field = {}) {
        out->notes.push_back({reason, std::move(field)});
    }
    void step(std::string text) {
        if (explain) {
            out->steps.push_back(std::move(text));
        }
    }
    // As of the series table, keeping count of each rule's series. kNoSlot is left alone.
    uint32_t acquire(std::string_view db,
                     const store::Labels& labels,
                     const SeriesTable::About& about,
                     bool& is_new);
    void release(uint32_t slot);
    // The series is to have samples. False when that would make one more than the rule's limit: a
    // series that exists goes on whatever the limit.
    [[nodiscard]] bool admit(uint32_t slot, size_t series_max);
    // Appends unless the message has too many already.
    MappedSample* add_sample(uint32_t slot, double value, int64_t time_ns);
    // A stale marker for exactly this series.
    void add_stale_series(uint32_t slot, int64_t time_ns);
};

}  // namespace cistern::collector
