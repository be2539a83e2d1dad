// SPDX-License-Identifier: MIT
#include "collector/ingest/pipeline.h"

#include "collector/ingest/message_hash.h"
#include "collector/mapping/reasons.h"
#include "collector/mapping/topic_filter.h"
#include "store/base/log.h"

#include <algorithm>

namespace cistern::collector {
namespace {

constexpr int64_t kArrivalStep = 1000;            // between two messages of one millisecond
constexpr int64_t kArrivalSlack = 1'000'000'000;  // a clock set back by more starts anew
constexpr int64_t kFullRetryNs = 5'000'000'000;   // try again although the store still says full
// Stamp flags above those of Redelivery: how many databases got a part of the message, minus one.
constexpr int kPartsShift = 24;
constexpr uint32_t kPartsMax = 255;

}  // namespace

Pipeline::Pipeline(const BrokerOptions& options,
                   std::unique_ptr<Mapper> mapper,
                   store::Store& store,
                   MetricsRegistry& metrics,
                   Clock& clock)
    : store_(store),
      clock_(clock),
      options_(options),
      mapper_(std::move(mapper)),
      counters_(metrics, options.client.name),
      series_(store, counters_, options.default_database, options.series_max),
      topics_(options.topics_max, options.payload_preview_bytes),
      texts_(options.texts_max),
      redelivery_(hash_source(options.client.name)) {
    MutexLock lock(mutex_);
    restore_log();
}

void Pipeline::restore_log() {
    const uint64_t source = hash_source(options_.client.name);
    std::vector<store::MessageStamp> all;
    for (const std::string& name : store_.database_names()) {
        const std::vector<store::MessageStamp> found = store_.find(name)->recent_messages(source);
        all.insert(all.end(), found.begin(), found.end());
    }
    const auto newest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.sequence < b.sequence;
    });
    if (newest == all.end()) {
        return;
    }
    const store::MessageStamp last = *newest;
    const auto is_last = [&](const store::MessageStamp& s) { return s.sequence == last.sequence; };
    if (std::count_if(all.begin(), all.end(), is_last) <= (last.flags >> kPartsShift)) {
        partial_ = {true, last.hash, {}};
        for (const std::string& name : store_.database_names()) {
            const store::Database* database = store_.find(name);
            const std::vector<store::MessageStamp> found = database->recent_messages(source);
            if (std::any_of(found.begin(), found.end(), is_last)) {
                partial_.stored_in.push_back(database);
            }
        }
        all.erase(std::remove_if(all.begin(), all.end(), is_last), all.end());
    }
    redelivery_.restore(all);
}

void Pipeline::on_connected(const mqtt::Connected& connected) {
    MutexLock lock(mutex_);
    redelivery_.on_connected(connected.session_present);
}

void Pipeline::on_disconnected(std::string_view) {}

bool Pipeline::is_ready() {
    store::Database* database = nullptr;
    {
        MutexLock lock(mutex_);
        if (clock_.monotonic_ns() - full_since_ns_ > kFullRetryNs) {
            return true;
        }
        database = full_database_;
    }
    return database == nullptr || !database->stats().read_only;
}

bool Pipeline::on_message(const mqtt::MessageView& view) {
    std::vector<MappedAction> actions;
    bool kept = false;
    {
        MutexLock lock(mutex_);
        kept = receive(view, actions);
    }
    for (const MappedAction& action : actions) {
        actor_(action);
    }
    return kept;
}

bool Pipeline::receive(const mqtt::MessageView& view, std::vector<MappedAction>& actions) {
    const int64_t now_ns = clock_.now_ns();
    last_message_ns_ = now_ns;
    if (is_ignored(view.topic)) {
        counters_.add_received(view.payload.size());
        counters_.add_dropped(reason::kIgnored);
        return true;
    }
    Delivery delivery{0, view.packet_id, view.dup};
    // A replay of a retained message is judged by what it says, not by how it came.
    const bool is_tracked = view.qos > 0 && !view.retain;
    if (is_tracked) {
        delivery.hash = hash_message(view.topic, view.payload);
        if (redelivery_.was_stored(delivery)) {
            counters_.add_redelivered();
            return true;
        }
    }
    const int64_t arrival_ns = now_ns - now_ns % options_.arrival_resolution_ns;
    if (is_tracked && refused_.is_set && refused_.hash == delivery.hash) {
        mapped_ = {};
        items_ = refused_.items;
    } else {
        Message message;
        message.broker = options_.client.name;
        message.topic = view.topic;
        message.payload = view.payload;
        message.retain = view.retain;
        message.qos = view.qos;
        message.received_ns = arrival_ns;
        message.content_type = view.content_type;
        message.user_properties.assign(view.user_properties.begin(), view.user_properties.end());
        mapper_->map(message, false, mapped_);
        collect_items(view, arrival_ns);
    }
    const Status stored = store_items(is_tracked ? &delivery : nullptr);
    if (!stored.has_value()) {
        return refuse(is_tracked ? &delivery : nullptr, stored.error());
    }
    refused_.is_set = false;
    if (full_database_ != nullptr) {
        log_info("broker {}: messages are stored again", options_.client.name);
        full_database_ = nullptr;
        refusal_.clear();
    }
    note_message(topics_.find_or_add(view.topic, now_ns), view, now_ns);
    note_stored();
    if (actor_ && options_.publish) {
        actions = mapped_.actions;
    }
    return true;
}

bool Pipeline::is_ignored(std::string_view topic) const {
    return std::any_of(options_.ignore.begin(),
                       options_.ignore.end(),
                       [&](const std::string& filter) { return filter_matches(filter, topic); });
}

void Pipeline::collect_items(const mqtt::MessageView& view, int64_t arrival_ns) {
    items_.clear();
    size_t old_news = 0;
    for (const MappedSample& sample : mapped_.samples) {
        const FedSeries::Lookup found = series_.find(*mapper_, sample.series);
        if (found.state == nullptr) {
            counters_.add_dropped(found.refusal);
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

Status Pipeline::store_items(const Delivery* delivery) {
    databases_.clear();
    for (const Item& item : items_) {
        if (std::find(databases_.begin(), databases_.end(), item.state->database) ==
            databases_.end()) {
            databases_.push_back(item.state->database);
        }
    }
    if (databases_.empty()) {
        return {};
    }
    store::MessageStamp stamp;
    if (delivery != nullptr) {
        stamp = redelivery_.stamp_for(*delivery);
        stamp.flags |= static_cast<uint32_t>(std::min<size_t>(databases_.size() - 1, kPartsMax))
                       << kPartsShift;
    }
    const bool is_resumed =
        delivery != nullptr && partial_.is_set && partial_.hash == delivery->hash;
    for (store::Database* database : databases_) {
        const auto& done = partial_.stored_in;
        if (!is_resumed || std::find(done.begin(), done.end(), database) == done.end()) {
            TRY(append(*database, stamp));
        }
    }
    if (delivery != nullptr) {
        redelivery_.on_stored(stamp);
        partial_.is_set = false;
    }
    return {};
}

Status Pipeline::append(store::Database& database, const store::MessageStamp& stamp) {
    samples_.clear();
    for (const Item& item : items_) {
        if (item.state->database == &database) {
            samples_.push_back(
                {item.state->id, item.timestamp_ns, store::ValueBits::of(item.value)});
        }
    }
    const auto counts = database.append({samples_, stamp});
    if (!counts.has_value()) {
        full_database_ = &database;
        return tl::unexpected(counts.error().with_context("database " + database.name()));
    }
    counters_.add_samples(counts->stored);
    if (counts->rejected > 0) {
        counters_.add_dropped(reason::kRejected, counts->rejected);
    }
    return {};
}

// The message in hand is in the log: remember what it changed.
void Pipeline::note_stored() {
    for (const Item& item : items_) {
        SeriesState& state = *item.state;
        if (item.by_arrival) {
            state.last_arrival_ns = item.timestamp_ns;
        }
        if (item.timestamp_ns >= state.last_ns) {
            state.last_ns = item.timestamp_ns;
            state.last_value = item.value;
        }
        if (state.rule != nullptr) {
            ++state.rule->samples;
        }
    }
}

void Pipeline::note_message(TopicEntry* topic, const mqtt::MessageView& view, int64_t now_ns) {
    counters_.add_received(view.payload.size());
    for (const MappedText& text : mapped_.texts) {
        texts_.set(*mapper_, text, now_ns);
    }
    RuleCounts* rule = topic != nullptr ? topic->rule : nullptr;
    if (rule == nullptr || rule->rule != mapped_.rule) {
        rule = counters_.rule(mapped_.rule);
    }
    ++rule->messages;
    if (topic == nullptr) {
        return;
    }
    topics_.note_message(*topic, view.payload, now_ns, clock_.monotonic_ns());
    topic->rule = rule;
    topic->qos = view.qos;
    topic->retained = topic->retained || view.retain;
    topic->dropped = mapped_.dropped.empty() ? std::string_view{} : mapped_.dropped.front().reason;
    topic->samples.clear();
    for (const Item& item : items_) {
        if (topic->samples.size() < kTopicSamplesMax) {
            topic->samples.push_back({item.state, item.value});
        }
    }
}

// A message with an acknowledgement waits at the broker until there is room. One without is lost,
// and counted.
bool Pipeline::refuse(const Delivery* delivery, const Error& error) {
    if (refusal_ != error.message) {
        log_error(
            "broker {}: messages wait at the broker: {}", options_.client.name, error.message);
    }
    refusal_ = error.message;
    full_since_ns_ = clock_.monotonic_ns();
    if (delivery == nullptr) {
        counters_.add_dropped("not_stored", items_.size());
        return true;
    }
    refused_ = {true, delivery->hash, items_};
    return false;
}

void Pipeline::tick() {
    std::vector<MappedAction> actions;
    {
        MutexLock lock(mutex_);
        MappedMessage due;
        mapper_->tick(clock_.now_ns(), due);
        if (options_.publish) {
            actions = std::move(due.actions);
        }
    }
    for (const MappedAction& action : actions) {
        actor_(action);
    }
}

void Pipeline::replace(const BrokerOptions& options, std::unique_ptr<Mapper> mapper) {
    MutexLock lock(mutex_);
    options_ = options;
    mapper_ = std::move(mapper);
    series_.forget_keys();
    series_.set_series_max(options.series_max);
    texts_.forget_keys();
}

}  // namespace cistern::collector
