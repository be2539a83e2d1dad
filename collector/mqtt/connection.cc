// SPDX-License-Identifier: MIT
#include "collector/mqtt/connection.h"

#include "collector/mqtt/connect_failure.h"
#include "collector/mqtt/cut.h"
#include "store/base/log.h"

#include <fmt/format.h>
#include <mqtt/async_client.h>

#include <atomic>
#include <chrono>
#include <cstdlib>

namespace cistern::mqtt {
namespace {

// The library's C++ message hides the packet identifier that its C struct carries. An explicit
// instantiation may name a private member ([temp.spec.general]): this is the only way to it that
// does not bypass the C++ client altogether.
struct MessageStruct {
    using Member = MQTTAsync_message(::mqtt::message::*);
    friend Member member_of(MessageStruct);
};
template <class Tag, typename Tag::Member member>
struct Reveal {
    friend typename Tag::Member member_of(Tag) { return member; }
};
template struct Reveal<MessageStruct, &::mqtt::message::msg_>;

// The library formats several lines of trace for every packet and keeps them in memory, for nobody:
// a fifth of its time. Its own variable for those who want to read them keeps working.
void silence_trace() {
    static const bool done = [] {
        if (std::getenv("MQTT_C_CLIENT_TRACE") == nullptr) {
            MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
        }
        return true;
    }();
    (void)done;
}

constexpr auto kAnswerTimeout = std::chrono::seconds(10);
constexpr auto kDisconnectTimeout = std::chrono::milliseconds(2000);
constexpr int kPublishWindow = 1000;

std::string_view bytes_of(const MQTTLenString& text) {
    return text.data == nullptr ? std::string_view{}
                                : std::string_view(text.data, static_cast<size_t>(text.len));
}

class PahoConnection final : public Connection, private ::mqtt::iaction_listener {
  public:
    PahoConnection(const ClientOptions& options,
                   const BrokerUrl& url,
                   Endpoint endpoint,
                   uint8_t level,
                   ConnectionEvents& events)
        : options_(options),
          url_(url),
          level_(level),
          events_(events),
          endpoint_(std::move(endpoint)),
          client_(url.library_uri(endpoint_.connect_to),
                  options.client_id,
                  ::mqtt::create_options(level == 5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1),
                  nullptr),
          connect_options_(make_connect_options()) {
        silence_trace();  // after the first client, which sets the library up
        client_.set_message_callback(
            [this](::mqtt::const_message_ptr message) { deliver(*message); });
        client_.set_connection_lost_handler([this](const std::string& cause) {
            events_.on_lost(cause.empty() ? "connection lost" : cause);
        });
        client_.set_disconnected_handler(
            [this](const ::mqtt::properties&, ::mqtt::ReasonCode code) {
                events_.on_lost(fmt::format("the broker disconnected us (reason 0x{:02x})",
                                            static_cast<int>(code)));
            });
    }

    tl::expected<void, ConnectFailure> connect() override;
    [[nodiscard]] bool is_connected() const override { return client_.is_connected(); }
    Result<std::vector<uint8_t>> subscribe(std::span<const Filter> filters) override;
    Status unsubscribe(std::span<const std::string> filters) override;
    void disconnect() override;
    [[nodiscard]] Status publish(std::string_view topic,
                                 std::string_view payload,
                                 uint8_t qos,
                                 bool retain) override;
    Status publish_and_wait(std::string_view topic,
                            std::string_view payload,
                            uint8_t qos,
                            bool retain,
                            std::chrono::milliseconds patience) override;
    [[nodiscard]] size_t pending_publishes() const override {
        return pending_.load(std::memory_order_relaxed);
    }

  private:
    ::mqtt::connect_options make_connect_options() const;
    ::mqtt::ssl_options make_ssl_options() const;
    void deliver(const ::mqtt::message& message) noexcept;
    void refuse(const ::mqtt::message& message);
    void read_properties(const MQTTProperties& properties, MessageView& view);

    // Outcomes of connect and publish, in the library's thread.
    void on_success(const ::mqtt::token& token) override;
    void on_failure(const ::mqtt::token& token) override;

    const ClientOptions& options_;
    const BrokerUrl url_;
    const uint8_t level_;
    ConnectionEvents& events_;
    const Endpoint endpoint_;
    std::atomic<size_t> pending_{0};
    // Of the library's thread.
    bool is_cut_ = false;
    std::vector<std::pair<std::string_view, std::string_view>>
        user_properties_;  // of the message in hand
    ::mqtt::async_client client_;
    // Built once and never copied by us: copying options that carry properties is broken in 1.2.
    ::mqtt::connect_options connect_options_;
};

::mqtt::ssl_options PahoConnection::make_ssl_options() const {
    ::mqtt::ssl_options ssl;
    if (!options_.tls.ca_file.empty()) {
        ssl.set_trust_store(options_.tls.ca_file);
    }
    if (!options_.tls.cert_file.empty()) {
        ssl.set_key_store(options_.tls.cert_file);
        ssl.set_private_key(options_.tls.key_file);
    }
    ssl.set_enable_server_cert_auth(!options_.tls.insecure);
    ssl.set_verify(!options_.tls.insecure);
    return ssl;
}

::mqtt::connect_options PahoConnection::make_connect_options() const {
    ::mqtt::connect_options connect;
    connect.set_mqtt_version(level_ == 5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1);
    connect.set_keep_alive_interval(static_cast<int>(options_.keepalive_s));
    connect.set_connect_timeout(static_cast<int>(options_.connect_timeout_s));
    connect.set_automatic_reconnect(false);
    connect.set_max_inflight(kPublishWindow);
    if (!options_.user.empty()) {
        connect.set_user_name(options_.user);
        connect.set_password(options_.password);
    }
    if (url_.tls) {
        connect.set_ssl(make_ssl_options());
    }
    if (options_.will || !options_.status_topic.empty()) {
        const LastWill will = options_.will.value_or(
            LastWill{options_.status_topic, std::string(kStatusOffline), 1, true});
        connect.set_will(::mqtt::will_options(
            will.topic, will.payload.data(), will.payload.size(), will.qos, will.retain));
    }
    if (level_ != 5) {
        connect.set_clean_session(options_.clean_session);
        return connect;
    }
    connect.set_clean_start(options_.clean_session);
    ::mqtt::properties properties;
    if (!options_.clean_session) {
        properties.add({::mqtt::property::SESSION_EXPIRY_INTERVAL,
                        static_cast<int32_t>(options_.session_expiry_s)});
    }
    properties.add(
        {::mqtt::property::RECEIVE_MAXIMUM, static_cast<int32_t>(options_.receive_maximum)});
    connect.set_properties(std::move(properties));
    return connect;
}

tl::expected<void, ConnectFailure> PahoConnection::connect() {
    try {
        const auto token = client_.connect(connect_options_, nullptr, *this);
        if (!token->wait_for(std::chrono::seconds(options_.connect_timeout_s) +
                             kDisconnectTimeout)) {
            return tl::unexpected(ConnectFailure{"no answer from the broker"});
        }
        return {};
    } catch (const ::mqtt::exception& error) {
        return tl::unexpected(failure_of(error));
    } catch (const std::exception& error) {
        return tl::unexpected(ConnectFailure{error.what()});
    }
}

void PahoConnection::on_success(const ::mqtt::token& token) {
    if (token.get_type() != ::mqtt::token::Type::CONNECT) {
        pending_.fetch_sub(1, std::memory_order_relaxed);
        return;
    }
    is_cut_ = false;
    bool session_present = false;
    try {
        session_present = token.get_connect_response().is_session_present();
    } catch (const std::exception&) {
        // An answer without the flag: as if the session were new.
    }
    events_.on_open(session_present);
}

void PahoConnection::on_failure(const ::mqtt::token& token) {
    if (token.get_type() != ::mqtt::token::Type::CONNECT) {
        pending_.fetch_sub(1, std::memory_order_relaxed);
    }
}

void PahoConnection::deliver(const ::mqtt::message& message) noexcept {
    bool kept = false;
    try {
        const MQTTAsync_message& raw = message.*member_of(MessageStruct{});
        MessageView view;
        view.topic = message.get_topic();
        view.payload = message.get_payload_str();
        view.qos = static_cast<uint8_t>(raw.qos);
        view.retain = raw.retained != 0;
        view.dup = raw.dup != 0;
        view.packet_id = raw.qos == 0 ? uint16_t{0} : static_cast<uint16_t>(raw.msgid);
        if (level_ == 5 && raw.properties.count > 0) {
            read_properties(raw.properties, view);
        }
        kept = events_.on_message(view);
    } catch (
        const std::exception& error) {  // out of memory: the broker keeps the message for later
        log_error("broker {}: message refused: {}", options_.name, error.what());
    }
    if (!kept && !is_cut_) {
        is_cut_ = true;
        refuse(message);
    }
}

void PahoConnection::refuse(const ::mqtt::message& message) {
    if (cut_connections(endpoint_.addresses, url_.port) == 0 && message.get_qos() > 0) {
        log_error("broker {}: a message could neither be kept nor refused", options_.name);
    }
}

void PahoConnection::read_properties(const MQTTProperties& properties, MessageView& view) {
    user_properties_.clear();
    for (int i = 0; i < properties.count; ++i) {
        const MQTTProperty& property = properties.array[i];
        if (property.identifier == MQTTPROPERTY_CODE_CONTENT_TYPE) {
            view.content_type = bytes_of(property.value.data);
        } else if (property.identifier == MQTTPROPERTY_CODE_USER_PROPERTY) {
            user_properties_.emplace_back(bytes_of(property.value.data),
                                          bytes_of(property.value.value));
        }
    }
    view.user_properties = user_properties_;
}

Result<std::vector<uint8_t>> PahoConnection::subscribe(std::span<const Filter> filters) {
    // One request per filter: the library turns a refusal among several into an error of them all.
    std::vector<::mqtt::token_ptr> tokens;
    std::vector<uint8_t> codes;
    try {
        // Retained values come with a new subscription only, not at every reconnection.
        const ::mqtt::subscribe_options v5(
            false, false, ::mqtt::subscribe_options::SEND_RETAINED_ON_NEW);
        for (const Filter& filter : filters) {
            tokens.push_back(level_ == 5 ? client_.subscribe(filter.filter, filter.qos, v5)
                                         : client_.subscribe(filter.filter, filter.qos));
        }
    } catch (const std::exception& error) {
        return fail(ErrorCode::Io, fmt::format("subscribe: {}", error.what()));
    }
    for (size_t i = 0; i < tokens.size(); ++i) {
        constexpr uint8_t kUnspecifiedError = 0x80;
        try {
            if (!tokens[i]->wait_for(kAnswerTimeout)) {
                return fail(ErrorCode::Io,
                            fmt::format("no answer to SUBSCRIBE {}", filters[i].filter));
            }
            codes.push_back(level_ == 5 ? static_cast<uint8_t>(tokens[i]->get_reason_code())
                                        : filters[i].qos);
        } catch (const ::mqtt::exception& error) {
            if (!client_.is_connected()) {
                return fail(ErrorCode::Io, fmt::format("subscribe: {}", describe(error)));
            }
            const int code = error.get_reason_code();
            codes.push_back(code >= kUnspecifiedError ? static_cast<uint8_t>(code)
                                                      : kUnspecifiedError);
        }
    }
    return codes;
}

Status PahoConnection::unsubscribe(std::span<const std::string> filters) {
    try {
        std::vector<::mqtt::token_ptr> tokens;
        for (const std::string& filter : filters) {
            tokens.push_back(client_.unsubscribe(filter));
        }
        for (const auto& token : tokens) {
            if (!token->wait_for(kAnswerTimeout)) {
                return fail(ErrorCode::Io, "no answer to UNSUBSCRIBE");
            }
        }
    } catch (const ::mqtt::exception& error) {
        if (!client_.is_connected()) {
            return fail(ErrorCode::Io, fmt::format("unsubscribe: {}", describe(error)));
        }
    } catch (const std::exception& error) {
        return fail(ErrorCode::Io, error.what());
    }
    return {};
}

void PahoConnection::disconnect() {
    try {
        if (client_.is_connected()) {
            client_.disconnect(static_cast<int>(kDisconnectTimeout.count()))
                ->wait_for(kDisconnectTimeout * 2);
        }
    } catch (const std::exception&) {
        // It is gone either way.
    }
}

Status PahoConnection::publish(std::string_view topic,
                               std::string_view payload,
                               uint8_t qos,
                               bool retain) {
    pending_.fetch_add(1, std::memory_order_relaxed);
    try {
        client_.publish(
            std::string(topic), payload.data(), payload.size(), qos, retain, nullptr, *this);
        return {};
    } catch (const std::exception& error) {
        pending_.fetch_sub(1, std::memory_order_relaxed);
        return fail(ErrorCode::Unavailable, error.what());
    }
}

Status PahoConnection::publish_and_wait(std::string_view topic,
                                        std::string_view payload,
                                        uint8_t qos,
                                        bool retain,
                                        std::chrono::milliseconds patience) {
    try {
        const auto token =
            client_.publish(std::string(topic), payload.data(), payload.size(), qos, retain);
        if (!token->wait_for(patience)) {
            return fail(ErrorCode::Unavailable, "no acknowledgement in time");
        }
        return {};
    } catch (const std::exception& error) {
        return fail(ErrorCode::Unavailable, error.what());
    }
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::create(const ClientOptions& options,
                                                       const BrokerUrl& url,
                                                       Endpoint endpoint,
                                                       uint8_t level,
                                                       ConnectionEvents& events) {
    try {
        return std::make_unique<PahoConnection>(options, url, std::move(endpoint), level, events);
    } catch (const std::exception& error) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("broker {}: {}", options.name, error.what()));
    }
}

}  // namespace cistern::mqtt
