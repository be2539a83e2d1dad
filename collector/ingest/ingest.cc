// SPDX-License-Identifier: MIT
#include "collector/ingest/ingest.h"

#include "collector/mapping/topic_filter.h"
#include "store/base/clock.h"
#include "store/base/log.h"
#include "store/base/time_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace cistern::collector {
namespace {

constexpr int64_t kTimerTickNs = 250'000'000;
constexpr int kTicksPerSave = 240;  // the mapper's state, once a minute
constexpr uint8_t kQosMax = 1;      // QoS 2 loses messages with this client library: docs/mqtt.md

Status check(const BrokerOptions& options) {
    for (const auto* filters : {&options.subscribe, &options.ignore}) {
        for (const std::string& filter : *filters) {
            const std::string_view fault = filter_fault(filter);
            if (!fault.empty()) {
                return fail(
                    ErrorCode::InvalidArgument,
                    fmt::format(
                        "broker {}: filter \"{}\": {}", options.client.name, filter, fault));
            }
        }
    }
    if (options.arrival_resolution_ns <= 0) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("broker {}: arrival_resolution must be positive", options.client.name));
    }
    return {};
}

// What a connection was made with: a change needs a new one.
bool is_same_connection(const mqtt::ClientOptions& a, const mqtt::ClientOptions& b) {
    const auto key = [](const mqtt::ClientOptions& o) {
        return std::tie(o.name,
                        o.url,
                        o.client_id,
                        o.user,
                        o.password,
                        o.password_file,
                        o.tls.ca_file,
                        o.tls.cert_file,
                        o.tls.key_file,
                        o.tls.insecure,
                        o.protocol,
                        o.keepalive_s,
                        o.session_expiry_s,
                        o.receive_maximum,
                        o.clean_session,
                        o.silence_timeout_s,
                        o.status_topic,
                        o.will);
    };
    return key(a) == key(b);
}

bool probes(const BrokerOptions& options) {
    return options.probe_interval_s > 0 && options.may_publish("probe");
}

std::string probe_topic(const BrokerOptions& options) {
    return "cistern/" + options.client.client_id + "/probe";
}

// A filter whose topics another one has as well is left out, and its QoS passed on: one message
// comes once, at the highest QoS that somebody asked for.
std::vector<mqtt::Filter> without_covered(std::vector<mqtt::Filter> wanted) {
    std::vector<mqtt::Filter> merged;
    for (const mqtt::Filter& filter : wanted) {
        const auto covers = [&](const mqtt::Filter& other) {
            return filter_covers(other.filter, filter.filter);
        };
        const auto wider = std::find_if(merged.begin(), merged.end(), covers);
        if (wider != merged.end()) {
            wider->qos = std::max(wider->qos, filter.qos);
            continue;
        }
        mqtt::Filter next = filter;
        std::erase_if(merged, [&](const mqtt::Filter& other) {
            const bool is_narrower = filter_covers(filter.filter, other.filter);
            next.qos = is_narrower ? std::max(next.qos, other.qos) : next.qos;
            return is_narrower;
        });
        merged.push_back(next);
    }
    return merged;
}

}  // namespace

std::vector<mqtt::Filter> filters_for(const BrokerOptions& options, const Mapper& mapper) {
    std::vector<mqtt::Filter> wanted;
    for (const std::string& filter : options.subscribe) {
        wanted.push_back({filter, std::min(options.qos, kQosMax)});
    }
    if (wanted.empty()) {
        for (const TopicFilter& filter : mapper.topic_filters()) {
            wanted.push_back(
                {filter.filter, static_cast<uint8_t>(std::clamp<int>(filter.qos, 0, kQosMax))});
        }
    }
    if (probes(options)) {
        wanted.push_back({probe_topic(options), 0});
    }
    return without_covered(std::move(wanted));
}

Ingest::Ingest(BrokerOptions options, IngestContext context)
    : name_(options.client.name),
      options_(std::move(options)),
      context_(context),
      files_(context.file_system, options_.state_folder, options_.client.name) {}

Ingest::~Ingest() {
    stop();
}

Result<std::unique_ptr<Ingest>> Ingest::create(BrokerOptions options,
                                               std::unique_ptr<Mapper> mapper,
                                               IngestContext context) {
    TRY(check(options));
    std::unique_ptr<Ingest> ingest(new Ingest(std::move(options), context));
    TRY(ingest->set_up(std::move(mapper)));
    return ingest;
}

Status Ingest::set_up(std::unique_ptr<Mapper> mapper) {
    const std::string state = files_.read_mapper_state();
    const Status restored = state.empty() ? Status() : mapper->restore_state(state);
    if (!restored.has_value()) {
        log_warn("broker {}: the mapper starts anew: {}", name(), restored.error().message);
    }
    const Mapper& rules = *mapper;
    pipeline_ = std::make_unique<Pipeline>(
        options_, std::move(mapper), context_.store, context_.metrics, context_.clock);
    pipeline_->set_actor([this](const MappedAction& action) { act(action); });
    pipeline_->set_batch_waker([this] {
        MutexLock lock(mutex_);
        if (!has_batch_) {
            has_batch_ = true;
            wake_.notify_all();
        }
    });
    client_ = TRY(mqtt::Client::create(options_.client, *pipeline_));
    hold_filters(rules);
    return {};
}

void Ingest::hold_filters(const Mapper& mapper) {
    const std::vector<mqtt::Filter> filters = filters_for(options_, mapper);
    std::vector<std::string> names;
    for (const mqtt::Filter& filter : filters) {
        names.push_back(filter.filter);
    }
    // On disk before they are on the broker, so that a crash in between leaves none forgotten.
    std::vector<std::string> before = files_.read_filters();
    std::vector<std::string> both = before;
    both.insert(both.end(), names.begin(), names.end());
    std::sort(both.begin(), both.end());
    both.erase(std::unique(both.begin(), both.end()), both.end());
    const Status written = files_.write_filters(both);
    if (!written.has_value()) {
        log_warn("broker {}: {}", name(), written.error().message);
    }
    client_->set_filters(filters, std::move(before));
    pipeline_->set_probe_topic(probes(options_) ? probe_topic(options_) : std::string());
    MutexLock lock(mutex_);
    probe_interval_s_ = probes(options_) ? options_.probe_interval_s : 0;
    has_old_filters_ = both.size() != names.size();
    filters_ = std::move(names);
}

void Ingest::start() {
    client_->start();
    timers_ = std::thread([this] { run_timers(); });
}

void Ingest::stop() {
    {
        MutexLock lock(mutex_);
        stopping_ = true;
        wake_.notify_all();
    }
    if (timers_.joinable()) {
        timers_.join();
        client_->stop();
        pipeline_->write_batch();
        save_mapper_state();
    }
}

bool Ingest::wait_some(int64_t end_ns) {
    const int64_t left_ns = end_ns - system_clock().monotonic_ns();
    if (left_ns > 0) {
        wake_.wait_for(mutex_, std::chrono::nanoseconds(left_ns));
    }
    return left_ns > 0;
}

// Writes batches in between; returns at the next tick. False: stop.
bool Ingest::wait_for_timer() {
    const int64_t tick_ns = system_clock().monotonic_ns() + kTimerTickNs;
    while (true) {
        {
            MutexLock lock(mutex_);
            while (!stopping_ && !has_batch_ && wait_some(tick_ns)) {
            }
            if (has_batch_) {
                const int64_t due_ns = system_clock().monotonic_ns() + Pipeline::kBatchDelayNs;
                while (!stopping_ && wait_some(due_ns)) {
                }
                has_batch_ = false;
            }
            if (stopping_) {
                return false;
            }
        }
        pipeline_->write_batch();
        if (system_clock().monotonic_ns() >= tick_ns) {
            return true;
        }
    }
}

void Ingest::run_timers() {
    for (int ticks = 1; wait_for_timer(); ++ticks) {
        pipeline_->tick();
        probe();
        if (ticks % kTicksPerSave == 0) {
            save_mapper_state();
            forget_old_filters();
        }
    }
}

void Ingest::probe() {
    int64_t interval_ns = 0;
    {
        MutexLock lock(mutex_);
        interval_ns = probe_interval_s_ * kNsPerSecond;
    }
    const int64_t now_ns = system_clock().monotonic_ns();
    if (interval_ns == 0 || (probed_ns_ != 0 && now_ns - probed_ns_ < interval_ns) ||
        client_->status().subscriptions.empty()) {
        return;
    }
    probed_ns_ = now_ns;
    const Status sent = client_->publish(probe_topic(options_), pipeline_->begin_probe(), 0, false);
    if (!sent.has_value()) {
        log_debug("broker {}: probe: {}", name(), sent.error().message);
    }
}

void Ingest::save_mapper_state() {
    const Status saved = files_.write_mapper_state(pipeline_->mapper_state());
    if (!saved.has_value()) {
        log_warn("broker {}: {}", name(), saved.error().message);
    }
}

void Ingest::forget_old_filters() {
    const mqtt::ClientStatus status = client_->status();
    std::vector<std::string> held;
    for (const mqtt::SubscriptionStatus& subscription : status.subscriptions) {
        held.push_back(subscription.filter);
    }
    MutexLock lock(mutex_);
    // What the broker holds for us is what we want: the leftovers went with the same request.
    if (has_old_filters_ && status.state == mqtt::ClientState::Connected && held == filters_) {
        has_old_filters_ = !files_.write_filters(filters_).has_value();
    }
}

void Ingest::act(const MappedAction& action) {
    if (action.kind != MappedAction::Kind::Publish) {
        return;  // timers are looked at in every tick
    }
    {
        MutexLock lock(mutex_);
        if (stopping_) {
            return;  // a host that says goodbye must not contradict itself
        }
    }
    const Status sent = client_->publish(
        action.topic, action.payload, static_cast<uint8_t>(action.qos), action.retain);
    if (!sent.has_value()) {
        log_debug("broker {}: {}: {}", name(), action.name, sent.error().message);
    }
}

Status Ingest::reload(BrokerOptions options, std::unique_ptr<Mapper> mapper) {
    TRY(check(options));
    if (!is_same_connection(options.client, options_.client)) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("broker {}: a change of the connection needs a restart of it", name()));
    }
    const std::string state = pipeline_->mapper_state();
    const Status restored = mapper->restore_state(state);
    if (!restored.has_value()) {
        log_warn("broker {}: the mapper starts anew: {}", name(), restored.error().message);
    }
    options_ = std::move(options);
    hold_filters(*mapper);
    pipeline_->replace(options_, std::move(mapper));
    return {};
}

IngestStatus Ingest::status() const {
    return {name_, client_->status(), pipeline_->status()};
}

}  // namespace cistern::collector
