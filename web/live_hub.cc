// SPDX-License-Identifier: MIT
#include "web/live_hub.h"

#include <algorithm>

namespace cistern::web {

void LiveHub::publish(store::Database& database, std::span<const store::Sample> samples) {
    if (watchers_.load(std::memory_order_relaxed) == 0) return;
    const MutexLock lock(mutex_);
    Table& table = tables_[database.name()];
    std::vector<LiveSample>& newest = table.newest;
    for (const store::Sample& sample : samples) {
        const size_t id = sample.series.value();
        if (id >= newest.size()) newest.resize(std::max<size_t>(id + 1, newest.size() * 3 / 2));
        table.ids_end = std::max(table.ids_end, static_cast<uint32_t>(id + 1));
        LiveSample& entry = newest[id];
        // A late sample of the past is no news about now.
        if (entry.version != 0 && sample.timestamp < entry.timestamp) continue;
        entry = {sample.timestamp, sample.value, ++version_};
    }
}

std::shared_ptr<LiveHub::Place> LiveHub::take_place(const std::string& peer,
                                                    uint32_t streams_max,
                                                    uint32_t streams_per_peer_max) {
    const MutexLock lock(mutex_);
    if (watchers_ >= streams_max) return nullptr;
    uint32_t& of_peer = by_peer_[peer];
    if (of_peer >= streams_per_peer_max) return nullptr;
    ++of_peer;
    ++watchers_;
    return std::make_shared<Place>(*this, peer);
}

void LiveHub::leave(const std::string& peer) {
    const MutexLock lock(mutex_);
    if (--by_peer_[peer] == 0) by_peer_.erase(peer);
    if (--watchers_ == 0) tables_.clear();
}

uint64_t LiveHub::version() const {
    const MutexLock lock(mutex_);
    return version_;
}

uint64_t LiveHub::changes(std::string_view database,
                          std::span<const store::SeriesId> series,
                          uint64_t since,
                          std::vector<Change>& into) const {
    into.clear();
    const MutexLock lock(mutex_);
    const auto table = tables_.find(std::string(database));
    if (table == tables_.end() || version_ == since) return version_;
    const std::vector<LiveSample>& newest = table->second.newest;
    for (size_t i = 0; i < series.size(); ++i) {
        const size_t id = series[i].value();
        if (id < newest.size() && newest[id].version > since) into.push_back({i, newest[id]});
    }
    return version_;
}

uint32_t LiveHub::series_seen(std::string_view database) const {
    const MutexLock lock(mutex_);
    const auto table = tables_.find(std::string(database));
    return table == tables_.end() ? 0 : table->second.ids_end;
}

}  // namespace cistern::web
