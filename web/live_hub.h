// SPDX-License-Identifier: MIT
// The newest sample of every series, for those who watch. Appends write into a table; each stream
// looks at its own series four times a second. So a slow client costs nothing but its own thread,
// and a burst is folded into its last values.
#pragma once

#include "store/base/mutex.h"
#include "store/engine/store.h"
#include "store/model/sample.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace cistern::web {

struct LiveSample {
    store::TimestampNs timestamp = 0;
    store::ValueBits value;
    uint64_t version = 0;  // ascending over the whole hub; 0 = none yet
};

// Thread safe. Memory: 24 bytes per series of the databases that were watched since the last
// watcher left.
class LiveHub {
  public:
    // The Store's listener: one comparison when nobody watches.
    void publish(store::Database& database, std::span<const store::Sample> samples);

    // Holds a place among the watchers. Null: `streams_max` or `streams_per_peer_max` is reached.
    class Place;
    [[nodiscard]] std::shared_ptr<Place> take_place(const std::string& peer,
                                                    uint32_t streams_max,
                                                    uint32_t streams_per_peer_max);
    [[nodiscard]] uint32_t watchers() const { return watchers_.load(); }

    // The newest version: pass it to changes() to get only what comes after.
    [[nodiscard]] uint64_t version() const;
    // What changed after `since` among `series` of a database; index into `series` and the sample.
    struct Change {
        size_t index = 0;
        LiveSample sample;
    };
    // Returns the version up to which it looked.
    uint64_t changes(std::string_view database,
                     std::span<const store::SeriesId> series,
                     uint64_t since,
                     std::vector<Change>& into) const;
    // One more than the largest series id seen in a database: grows when there are new series.
    [[nodiscard]] uint32_t series_seen(std::string_view database) const;

  private:
    struct Table {
        std::vector<LiveSample> newest;  // by series id
        uint32_t ids_end = 0;            // one more than the largest id seen
    };
    void leave(const std::string& peer);

    std::atomic<uint32_t> watchers_{0};
    mutable Mutex mutex_;
    std::unordered_map<std::string, Table> tables_ CISTERN_GUARDED_BY(mutex_);
    std::unordered_map<std::string, uint32_t> by_peer_ CISTERN_GUARDED_BY(mutex_);
    uint64_t version_ CISTERN_GUARDED_BY(mutex_) = 0;
};

class LiveHub::Place {
  public:
    Place(LiveHub& hub, std::string peer) : hub_(hub), peer_(std::move(peer)) {}
    ~Place() { hub_.leave(peer_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

  private:
    LiveHub& hub_;
    std::string peer_;
};

}  // namespace cistern::web
