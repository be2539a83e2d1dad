// SPDX-License-Identifier: MIT
#include "collector/mqtt/client.h"

#include "collector/mqtt/client_impl.h"
#include "collector/mqtt/resolve.h"
#include "collector/mqtt/url.h"
#include "store/base/clock.h"
#include "store/base/file_system.h"
#include "store/base/log.h"
#include "store/base/time_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace cistern::mqtt {
namespace {

using std::chrono::milliseconds;
constexpr auto kTick = milliseconds(1000);        // how often a quiet connection is looked at
constexpr uint32_t kRefusalPollMs = 1000;         // how often a refused client asks is_ready
constexpr int kSilentFailuresBeforeFallback = 2;  // brokers that hang up on an MQTT 5 CONNECT

}  // namespace

ClientImpl::ClientImpl(ClientOptions options, BrokerUrl url, Handler& handler)
    : options_(std::move(options)),
      url_(std::move(url)),
      handler_(handler),
      backoff_(options_.backoff_min_ms,
               options_.backoff_max_ms,
               static_cast<uint64_t>(system_clock().monotonic_ns())),
      level_(options_.protocol == Protocol::V311 ? 4 : 5) {
    status_.url = options_.url;
    status_.client_id = options_.client_id;
}

void ClientImpl::start() {
    thread_ = std::thread([this] { run(); });
}

void ClientImpl::stop() {
    {
        MutexLock lock(mutex_);
        stopping_ = true;
        wake_.notify_all();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

void ClientImpl::set_filters(std::vector<Filter> filters, std::vector<std::string> leftovers) {
    MutexLock lock(mutex_);
    for (const Filter& old : filters_) {  // what this call no longer wants is left over as well
        leftovers.push_back(old.filter);
    }
    const auto is_wanted = [&](const std::string& filter) {
        return std::any_of(
            filters.begin(), filters.end(), [&](const Filter& f) { return f.filter == filter; });
    };
    leftovers.insert(leftovers.end(), leftovers_.begin(), leftovers_.end());
    std::sort(leftovers.begin(), leftovers.end());
    leftovers.erase(std::unique(leftovers.begin(), leftovers.end()), leftovers.end());
    leftovers.erase(std::remove_if(leftovers.begin(), leftovers.end(), is_wanted), leftovers.end());
    filters_ = std::move(filters);
    leftovers_ = std::move(leftovers);
    filters_changed_ = true;
    wake_.notify_all();
}

void ClientImpl::park(std::string_view reason) {
    MutexLock lock(mutex_);
    parked_ = true;
    status_.last_error = std::string(reason);
    wake_.notify_all();
}

void ClientImpl::resume() {
    MutexLock lock(mutex_);
    parked_ = false;
    wake_.notify_all();
}

Status ClientImpl::publish(std::string_view topic,
                           std::string_view payload,
                           uint8_t qos,
                           bool retain) {
    std::shared_ptr<Connection> connection;
    {
        MutexLock lock(mutex_);
        connection = status_.state == ClientState::Connected ? connection_ : nullptr;
    }
    if (connection == nullptr) {
        return fail(ErrorCode::Unavailable, fmt::format("broker {}: not connected", options_.name));
    }
    return connection->publish(topic, payload, qos, retain);
}

size_t ClientImpl::pending_publishes() const {
    MutexLock lock(mutex_);
    return connection_ == nullptr ? 0 : connection_->pending_publishes();
}

ClientStatus ClientImpl::status() const {
    MutexLock lock(mutex_);
    return status_;
}

void ClientImpl::on_open(bool session_present) {
    refused_ = false;
    last_message_ns_ = 0;
    Connected connected;
    {
        MutexLock lock(mutex_);
        lost_ = false;
        status_.session_present = session_present;
        status_.protocol_level = level_;
        ++status_.connects;
        status_.connected_ns = system_clock().now_ns();
        connected = {session_present, level_};
    }
    handler_.on_connected(connected);
}

bool ClientImpl::on_message(const MessageView& message) {
    if (refused_.load(std::memory_order_relaxed)) {
        return false;  // messages behind a refused one, still in the library's buffers
    }
    if (options_.silence_timeout_s > 0) {
        last_message_ns_.store(system_clock().monotonic_ns(), std::memory_order_relaxed);
    }
    if (handler_.on_message(message)) {
        return true;
    }
    refused_ = true;
    MutexLock lock(mutex_);
    lost_ = true;
    status_.last_error = "a message could not be stored";
    wake_.notify_all();
    return false;
}

void ClientImpl::on_lost(std::string_view reason) {
    MutexLock lock(mutex_);
    if (!lost_) {
        lost_ = true;
        status_.last_error = std::string(reason);
    }
    wake_.notify_all();
}

void ClientImpl::run() {
    while (wait_until_wanted()) {
        connect_once();
        std::shared_ptr<Connection> old;
        {
            MutexLock lock(mutex_);
            old = connection_;
        }
        if (old != nullptr) {
            if (old->is_connected()) {
                say_goodbye(*old);
            }
            old->disconnect();
        }
    }
    MutexLock lock(mutex_);
    connection_ = nullptr;
    status_.state = ClientState::Stopped;
}

// Waits while parked, or after a refusal until the handler is ready. False: stop.
bool ClientImpl::wait_until_wanted() {
    while (true) {
        const bool refused = refused_ && !handler_.is_ready();
        MutexLock lock(mutex_);
        if (stopping_) {
            return false;
        }
        if (!parked_ && !refused) {
            return true;
        }
        status_.state = ClientState::Parked;
        wake_.wait_for(mutex_, milliseconds(kRefusalPollMs));
    }
}

void ClientImpl::connect_once() {
    set_state(ClientState::Connecting);
    const Status opened = open_connection();
    if (!opened.has_value()) {
        set_error(opened.error().message);
        back_off();
        return;
    }
    const int64_t since = system_clock().monotonic_ns();
    silent_failures_ = 0;
    log_info("broker {}: connected to {} with MQTT {}",
             options_.name,
             options_.url,
             level_ == 5 ? "5" : "3.1.1");
    serve_connection();
    std::string reason;
    {
        MutexLock lock(mutex_);
        reason = stopping_ ? "stopped" : status_.last_error;
    }
    handler_.on_disconnected(reason);
    log_info("broker {}: disconnected: {}", options_.name, reason);
    if (system_clock().monotonic_ns() - since > options_.stable_after_ms * kNsPerMs) {
        backoff_.reset();
    }
    back_off();
}

// TLS needs the name, for the certificate; everything else connects to an address, so that the
// library never looks a name up while it holds its lock.
Result<Endpoint> ClientImpl::next_endpoint() {
    Endpoint endpoint;
    endpoint.addresses = TRY(resolve(url_.host));
    endpoint.connect_to =
        url_.tls ? url_.host : endpoint.addresses[address_index_ % endpoint.addresses.size()];
    return endpoint;
}

Status ClientImpl::open_connection() {
    Endpoint endpoint = TRY(next_endpoint());
    will_ = handler_.will();
    offered_ = options_;
    offered_.will = will_ ? will_ : options_.will;
    std::shared_ptr<Connection> connection =
        TRY(Connection::create(offered_, url_, std::move(endpoint), level_, *this));
    {
        MutexLock lock(mutex_);
        connection_ = connection;
        lost_ = false;
    }
    const auto connected = connection->connect();
    if (!connected.has_value()) {
        note_connect_failure(connected.error());
        return fail(ErrorCode::Io, explain_failure(connected.error(), url_, options_.tls));
    }
    return {};
}

void ClientImpl::note_connect_failure(const ConnectFailure& failure) {
    ++address_index_;
    if (options_.protocol != Protocol::Auto) {
        return;
    }
    silent_failures_ += failure.hung_up ? 1 : 0;
    if (failure.protocol_refused || silent_failures_ >= kSilentFailuresBeforeFallback) {
        level_ = level_ == 5 ? 4 : 5;
        silent_failures_ = 0;
    }
}

void ClientImpl::serve_connection() {
    set_state(ClientState::Connected);
    std::shared_ptr<Connection> opened;
    {
        MutexLock lock(mutex_);
        filters_changed_ = true;
        status_.last_error.clear();
        opened = connection_;
    }
    say_hello(*opened);
    while (true) {
        bool subscribe = false;
        std::shared_ptr<Connection> connection;
        {
            MutexLock lock(mutex_);
            if (!filters_changed_ && !lost_ && !stopping_ && !parked_) {
                wake_.wait_for(mutex_, kTick);
            }
            if (lost_ || stopping_ || parked_) {
                return;
            }
            subscribe = filters_changed_;
            filters_changed_ = false;
            connection = connection_;
        }
        if (subscribe) {
            const Status brought = bring_filters_up_to_date();
            if (!brought.has_value()) {
                on_lost(brought.error().message);
            }
        } else if (!connection->is_connected()) {
            on_lost("connection lost");  // the library's own report went missing
        } else if (is_silent()) {
            on_lost(fmt::format("silent for {} s", options_.silence_timeout_s));
        }
    }
}

Status ClientImpl::bring_filters_up_to_date() {
    std::vector<Filter> wanted;
    std::vector<std::string> leftovers;
    std::shared_ptr<Connection> connection;
    {
        MutexLock lock(mutex_);
        wanted = filters_;
        leftovers = leftovers_;
        connection = connection_;
    }
    const std::vector<uint8_t> codes = TRY(connection->subscribe(wanted));
    std::vector<SubscriptionStatus> subscriptions;
    for (size_t i = 0; i < wanted.size(); ++i) {
        subscriptions.push_back({wanted[i].filter, wanted[i].qos, codes[i]});
        if (codes[i] >= 0x80) {
            log_warn("broker {}: subscription {} refused (reason 0x{:02x})",
                     options_.name,
                     wanted[i].filter,
                     codes[i]);
        }
    }
    if (!leftovers.empty()) {
        TRY(connection->unsubscribe(leftovers));
    }
    MutexLock lock(mutex_);
    status_.subscriptions = std::move(subscriptions);
    return {};
}

bool ClientImpl::is_silent() const {
    const int64_t last = last_message_ns_.load(std::memory_order_relaxed);
    return options_.silence_timeout_s > 0 && last != 0 &&
           system_clock().monotonic_ns() - last > options_.silence_timeout_s * 1000 * kNsPerMs;
}

void ClientImpl::back_off() {
    const uint32_t delay_ms = backoff_.next_ms();
    const int64_t until = system_clock().monotonic_ns() + delay_ms * kNsPerMs;
    MutexLock lock(mutex_);
    if (stopping_ || parked_) {
        return;
    }
    status_.state = ClientState::Waiting;
    status_.next_try_ms = delay_ms;
    while (!stopping_) {
        const int64_t left = until - system_clock().monotonic_ns();
        if (left <= 0) {
            break;
        }
        wake_.wait_for(mutex_, std::chrono::nanoseconds(left));
    }
}

void ClientImpl::set_state(ClientState state) {
    MutexLock lock(mutex_);
    status_.state = state;
}

void ClientImpl::set_error(std::string error) {
    MutexLock lock(mutex_);
    if (error != status_.last_error) {  // once per cause, not once per try
        log_warn("broker {}: cannot connect to {}: {}", options_.name, options_.url, error);
    }
    status_.last_error = std::move(error);
}

std::string_view client_state_name(ClientState state) {
    switch (state) {
        case ClientState::Stopped:
            return "stopped";
        case ClientState::Connecting:
            return "connecting";
        case ClientState::Connected:
            return "connected";
        case ClientState::Waiting:
            return "waiting";
        case ClientState::Parked:
            return "parked";
    }
    return "unknown";
}

Result<std::unique_ptr<Client>> Client::create(ClientOptions options, Handler& handler) {
    TRY(validate(options));
    BrokerUrl url = TRY(parse_broker_url(options.url));
    if (!options.password_file.empty()) {
        std::string content = TRY(read_file(posix_file_system(), options.password_file)
                                      .with_context("broker " + options.name + ": password_file"));
        options.password = content.substr(0, content.find_first_of("\r\n"));
    }
    return std::make_unique<ClientImpl>(std::move(options), std::move(url), handler);
}

}  // namespace cistern::mqtt
