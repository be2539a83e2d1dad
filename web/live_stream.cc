// SPDX-License-Identifier: MIT
#include "web/live_stream.h"

#include "store/base/mutex.h"
#include "store/base/time_units.h"
#include "web/json_labels.h"
#include "web/json_writer.h"

#include <algorithm>
#include <cmath>

namespace cistern::web {
namespace {

constexpr auto kTick = std::chrono::milliseconds(250);
constexpr int64_t kHeartbeatNs = 10'000 * kNsPerMs;
// A client that reconnects now and then gives its thread back when it died unseen.
constexpr int64_t kAgeMaxNs = int64_t{1'800'000} * kNsPerMs;

void wait_a_tick() {
    Mutex mutex;
    CondVar never;
    const MutexLock lock(mutex);
    never.wait_for(mutex, kTick);
}

}  // namespace

LiveSubscription::LiveSubscription(const Services& services,
                                   std::string database,
                                   std::vector<MatcherSet> selectors,
                                   size_t series_max)
    : services_(services),
      database_(std::move(database)),
      selectors_(std::move(selectors)),
      series_max_(series_max),
      born_(services.live.version()) {
    if (selectors_.empty()) selectors_.emplace_back();
}

std::vector<std::string> LiveSubscription::database_names() const {
    if (database_ == kAllDatabases) return services_.store.database_names();
    return {database_};
}

void LiveSubscription::refresh() {
    for (const std::string& name : database_names()) {
        const auto same = [&](const Followed& followed) { return followed.database == name; };
        auto at = std::find_if(followed_.begin(), followed_.end(), same);
        if (at == followed_.end()) {
            followed_.push_back({name, UINT32_MAX, born_, {}, {}, {}});
            at = followed_.end() - 1;
        }
        const uint32_t seen = services_.live.series_seen(name);
        if (at->ids_end == seen) continue;
        at->ids_end = seen;
        resolve(*at);
    }
}

void LiveSubscription::resolve(Followed& followed) {
    store::Database* database = services_.store.find(followed.database);
    if (database == nullptr) return;
    const auto querier = database->querier();
    std::vector<store::SeriesHandle> series;
    for (const MatcherSet& selector : selectors_) {
        auto found = querier->select(selector, {});
        if (found) series.insert(series.end(), found->begin(), found->end());
    }
    const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
    std::sort(series.begin(), series.end(), by_id);
    const auto same_id = [](const auto& a, const auto& b) { return a.id == b.id; };
    series.erase(std::unique(series.begin(), series.end(), same_id), series.end());
    cut_ = series.size() > series_max_;
    if (cut_) series.resize(series_max_);
    followed.series = std::move(series);
    followed.labels_json.assign(followed.series.size(), {});
    followed.ids.clear();
    for (const auto& one : followed.series)
        followed.ids.push_back(one.id);
}

void LiveSubscription::append_item(std::string& json,
                                   Followed& followed,
                                   size_t index,
                                   const LiveSample& sample,
                                   std::string_view unit) const {
    const store::SeriesHandle& series = followed.series[index];
    std::string& labels = followed.labels_json[index];
    if (labels.empty()) {
        store::Labels named = *series.labels;
        if (database_ == kAllDatabases) named.set("db", followed.database);
        JsonWriter writer;
        write_labels(writer, named);
        labels = writer.take();
    }
    JsonWriter item;
    item.begin_object();
    item.key("labels");
    item.raw(labels);
    item.key("t");
    if (sample.timestamp % kNsPerMs == 0) {
        item.integer(sample.timestamp / kNsPerMs);
    } else {
        item.number(static_cast<double>(sample.timestamp) / 1e6);
    }
    item.key("v");
    item.number(sample.value.number(series.type));
    if (!unit.empty()) item.field("unit", unit);
    item.end_object();
    if (!json.empty()) json += ',';
    json += item.text();
}

size_t LiveSubscription::collect(std::string& json_items) {
    // New series are looked up once a second at most. Until then their database waits: what it has
    // to say is kept in the hub.
    if (calls_++ % 4 == 0) refresh();
    size_t count = 0;
    std::vector<LiveHub::Change> changes;
    for (Followed& followed : followed_) {
        if (followed.ids_end != services_.live.series_seen(followed.database)) continue;
        followed.since =
            services_.live.changes(followed.database, followed.ids, followed.since, changes);
        for (const auto& change : changes)
            append_item(json_items, followed, change.index, change.sample);
        count += changes.size();
    }
    return count;
}

size_t LiveSubscription::snapshot(std::string& json_items) {
    refresh();
    size_t count = 0;
    for (Followed& followed : followed_) {
        store::Database* database = services_.store.find(followed.database);
        if (database == nullptr) continue;
        const auto querier = database->querier();
        for (size_t i = 0; i < followed.series.size(); ++i) {
            const auto newest = querier->last(followed.series[i], {});
            if (!newest) continue;
            const std::string unit = database->metadata(followed.series[i].id).unit;
            append_item(json_items, followed, i, {newest->timestamp, newest->value, 0}, unit);
            ++count;
        }
    }
    return count;
}

void run_live_stream(LiveSubscription& subscription, Clock& clock, ResponseStream& out) {
    const int64_t born = clock.monotonic_ns();
    int64_t spoke = born;
    if (!out.write("retry: 2000\n\n") || !out.flush()) return;
    std::string items;
    while (!out.stopping() && clock.monotonic_ns() - born < kAgeMaxNs) {
        items.clear();
        if (subscription.collect(items) > 0) {
            out.write("data: {\"series\":[");
            out.write(items);
            out.write("]}\n\n");
            if (!out.flush()) return;
            spoke = clock.monotonic_ns();
        } else if (clock.monotonic_ns() - spoke >= kHeartbeatNs) {
            if (!out.write(":\n\n") || !out.flush()) return;
            spoke = clock.monotonic_ns();
        }
        wait_a_tick();
    }
}

}  // namespace cistern::web
