// SPDX-License-Identifier: MIT
// One watcher: which series it asked for, and the events it gets.
#pragma once

#include "web/http.h"
#include "web/live_hub.h"
#include "web/selectors.h"
#include "web/services.h"

#include <memory>
#include <string>
#include <vector>

namespace cistern::web {

// Series of one or all databases that match, kept up to date as new ones appear. Not thread safe.
class LiveSubscription {
  public:
    // `database` may be "_all". `selectors` empty: every series. At most `series_max` are followed.
    LiveSubscription(const Services& services,
                     std::string database,
                     std::vector<MatcherSet> selectors,
                     size_t series_max);

    // Appends {"labels":{...},"t":ms,"v":number} of everything new since the last call, and
    // returns how many. NaN and stale markers have "v":null.
    size_t collect(std::string& json_items);
    // The same for the last sample of every series, from the store.
    size_t snapshot(std::string& json_items);
    // Series beyond series_max were left out.
    [[nodiscard]] bool is_cut() const { return cut_; }

  private:
    struct Followed {
        std::string database;
        uint32_t ids_end = 0;  // of the hub, when the series were looked up
        uint64_t since = 0;    // the hub's version up to which was looked
        std::vector<store::SeriesId> ids;
        std::vector<store::SeriesHandle> series;  // parallel to ids
        std::vector<std::string> labels_json;     // parallel; made when first needed
    };
    void refresh();
    void resolve(Followed& followed);
    [[nodiscard]] std::vector<std::string> database_names() const;
    void append_item(std::string& json,
                     Followed& followed,
                     size_t index,
                     const LiveSample& sample,
                     std::string_view unit = {}) const;

    const Services& services_;
    std::string database_;
    std::vector<MatcherSet> selectors_;
    size_t series_max_;
    bool cut_ = false;
    uint64_t born_;  // the hub's version then: older samples are not news
    uint32_t calls_ = 0;
    std::vector<Followed> followed_;
};

// The body of GET /api/v1/live: events until the client leaves or the server stops.
void run_live_stream(LiveSubscription& subscription, Clock& clock, ResponseStream& out);

}  // namespace cistern::web
