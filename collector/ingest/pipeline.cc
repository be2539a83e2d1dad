// SPDX-License-Identifier: MIT
#include "collector/ingest/pipeline.h"

#include "collector/ingest/message_hash.h"
#include "collector/mapping/reasons.h"
#include "collector/mapping/topic_filter.h"
#include "store/base/log.h"

#include <algorithm>

namespace cistern::collector {
namespace {

constexpr int64_t kFullRetryNs = 5'000'000'000;  // try again although the store still says full

std::vector<MappedAction> permitted(const BrokerOptions& options,
                                    std::vector<MappedAction> actions) {
    std::erase_if(actions, [&options](const MappedAction& action) {
        return !options.may_publish(action.name);
    });
    return actions;
}

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
      series_(store, counters_, options.default_database, options.series_max, clock),
      topics_(options.topics_max, options.payload_preview_bytes),
      texts_(options.texts_max),
      redelivery_(hash_source(options.client.name)) {
    MutexLock lock(mutex_);
    introduce_store();
    restore_log();
}

// The mapper's limits count what is stored, however long ago.
void Pipeline::introduce_store() {
    StoredSeries stored;
    for (const std::string& name : store_.database_names()) {
        stored.count += store_.find(name)->stats().series;
    }
    stored.has = [&store = store_, main = options_.default_database](std::string_view db,
                                                                     const store::Labels& labels) {
        const store::Database* database = store.find(db.empty() ? std::string_view(main) : db);
        return database != nullptr && database->find(labels).has_value();
    };
    mapper_->set_stored_series(std::move(stored));
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
    if (std::count_if(all.begin(), all.end(), is_last) <= (last.flags >> kStampPartsShift)) {
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
    is_connected_ = true;
}

void Pipeline::on_disconnected(std::string_view) {
    MutexLock lock(mutex_);
    write_batch_locked();
    is_connected_ = false;
}

std::optional<mqtt::LastWill> Pipeline::will() {
    MutexLock lock(mutex_);
    if (!options_.may_publish("host_state")) {
        return std::nullopt;
    }
    const auto will = mapper_->will(options_.client.name, clock_.now_ns());
    if (!will) {
        return std::nullopt;
    }
    return mqtt::LastWill{
        will->topic, will->payload, static_cast<uint8_t>(will->qos), will->retain};
}

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
    bool starts_batch = false;
    {
        MutexLock lock(mutex_);
        const bool was_empty = batch_.items.empty();
        kept = receive(view, actions);
        starts_batch = was_empty && !batch_.items.empty();
    }
    if (starts_batch && batch_waker_) {
        batch_waker_();
    }
    for (const MappedAction& action : actions) {
        actor_(action);
    }
    return kept;
}

bool Pipeline::receive(const mqtt::MessageView& view, std::vector<MappedAction>& actions) {
    const int64_t now_ns = clock_.now_ns();
    const int64_t monotonic_ns = clock_.monotonic_ns();
    last_message_ns_ = now_ns;
    if (!probe_topic_.empty() && view.topic == probe_topic_) {
        probe_.on_message(view.payload, monotonic_ns);
        return true;
    }
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
    if (is_tracked && refused_.is_set && refused_.hash == delivery.hash) {
        mapped_ = {};
        items_ = refused_.items;
    } else {
        map_message(view, now_ns - now_ns % options_.arrival_resolution_ns);
    }
    if (view.qos > 0 || !keep_in_batch(view, monotonic_ns)) {
        write_batch_locked();
        const Status stored = store_items(items_, is_tracked ? &delivery : nullptr);
        if (!stored.has_value()) {
            note_full(stored.error());
            if (view.qos > 0) {  // it waits at the broker until there is room
                refused_ = {is_tracked, delivery.hash, items_};
                return false;
            }
            counters_.add_dropped("not_stored", items_.size());  // lost, and counted
            return true;
        }
        refused_.is_set = false;
        note_room();
        counters_.add_received(view.payload.size());
    }
    note_stored(note_message(view, now_ns, monotonic_ns));
    if (actor_ && !mapped_.actions.empty()) {
        actions = permitted(options_, std::move(mapped_.actions));
    }
    return true;
}

void Pipeline::map_message(const mqtt::MessageView& view, int64_t arrival_ns) {
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

bool Pipeline::is_ignored(std::string_view topic) const {
    return std::any_of(options_.ignore.begin(),
                       options_.ignore.end(),
                       [&](const std::string& filter) { return filter_matches(filter, topic); });
}

// The message in hand is in the log: remember what it changed.
void Pipeline::note_stored(SeenTopic* topic) {
    for (const Item& item : items_) {
        SeriesState& state = *item.state;
        state.topic = topic;
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

// Null: the topic found no room.
SeenTopic* Pipeline::note_message(const mqtt::MessageView& view,
                                  int64_t now_ns,
                                  int64_t monotonic_ns) {
    // A series usually gets its values from one topic: no need to look that up again.
    SeenTopic* topic = items_.empty() ? nullptr : items_.front().state->topic;
    if (topic == nullptr || topic->topic() != view.topic) {
        topic = topics_.find_or_add(view.topic, now_ns);
    }
    for (const MappedText& text : mapped_.texts) {
        texts_.set(*mapper_, text, now_ns);
    }
    RuleCounts* rule = topic != nullptr ? topic->rule : nullptr;
    if (rule == nullptr || rule->rule != mapped_.rule) {
        rule = counters_.rule(mapped_.rule);
    }
    ++rule->messages;
    if (topic == nullptr) {
        return nullptr;
    }
    topics_.note_message(*topic, view.payload, now_ns, monotonic_ns);
    topic->rule = rule;
    topic->figures.qos = view.qos;
    topic->figures.retained = topic->figures.retained || view.retain;
    topics_.set_dropped(
        *topic, mapped_.dropped.empty() ? std::string_view{} : mapped_.dropped.front().reason);
    topic->samples.clear();
    const size_t shown = std::min(items_.size(), kTopicSamplesMax);
    topic->samples.reserve(shown);
    for (size_t i = 0; i < shown; ++i) {
        topic->samples.push_back({items_[i].state, items_[i].value});
    }
    return topic;
}

void Pipeline::note_full(const Error& error) {
    if (refusal_ != error.message) {
        log_error(
            "broker {}: messages wait at the broker: {}", options_.client.name, error.message);
    }
    refusal_ = error.message;
    full_since_ns_ = clock_.monotonic_ns();
}

void Pipeline::note_room() {
    if (full_database_ != nullptr) {
        log_info("broker {}: messages are stored again", options_.client.name);
        full_database_ = nullptr;
        refusal_.clear();
    }
}

void Pipeline::tick() {
    std::vector<MappedAction> actions;
    {
        MutexLock lock(mutex_);
        if (!is_connected_) {
            return;  // what is due now could not be said
        }
        MappedMessage due;
        mapper_->tick(clock_.now_ns(), due);
        actions = permitted(options_, std::move(due.actions));
    }
    for (const MappedAction& action : actions) {
        actor_(action);
    }
}

void Pipeline::set_probe_topic(std::string topic) {
    MutexLock lock(mutex_);
    probe_topic_ = std::move(topic);
}

std::string Pipeline::begin_probe() {
    MutexLock lock(mutex_);
    return probe_.begin(clock_.monotonic_ns());
}

void Pipeline::replace(const BrokerOptions& options, std::unique_ptr<Mapper> mapper) {
    MutexLock lock(mutex_);
    options_ = options;
    mapper_ = std::move(mapper);
    introduce_store();
    series_.forget_keys();
    series_.set_series_max(options.series_max);
    texts_.forget_keys();
}

}  // namespace cistern::collector
