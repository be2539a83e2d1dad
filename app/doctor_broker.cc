// SPDX-License-Identifier: MIT
#include "app/doctor.h"
#include "app/mqtt_probe.h"
#include "collector/mqtt/stream.h"
#include "collector/mqtt/url.h"
#include "store/base/clock.h"

#include <fmt/format.h>
#include <unistd.h>

namespace cistern::app {
namespace {

using Severity = Finding::Severity;

constexpr uint32_t kDay = 86'400;
constexpr uint32_t kExpiryWanted = 30 * kDay;
constexpr int kQueued = 1'500;  // above mosquitto's default of 1000
constexpr uint32_t kInflightLow = 100;
constexpr uint8_t kRefused = 0x80;
constexpr int kAnswerMs = 5'000;

// CONNACK's properties.
constexpr uint8_t kSessionExpiry = 0x11;
constexpr uint8_t kMaximumQos = 0x24;
constexpr uint8_t kRetainAvailable = 0x25;
constexpr uint8_t kMaximumPacket = 0x27;
constexpr uint8_t kWildcards = 0x28;

class BrokerExamination {
  public:
    BrokerExamination(const mqtt::ClientOptions& options, Findings& into)
        : options_(options), into_(into) {
        how_.client_id = fmt::format("cistern-doctor-{}", ::getpid());
        how_.user = options.user;
        how_.password = options.password;
    }

    Status run(bool probe) {
        url_ = TRY(mqtt::parse_broker_url(options_.url));
        if (!options_.password_file.empty()) {
            how_.password = TRY(read_file(posix_file_system(), options_.password_file));
            how_.password.erase(
                std::min(how_.password.find_first_of("\r\n"), how_.password.size()));
        }
        how_.session_expiry_s = kExpiryWanted;
        auto stream = mqtt::open_stream(url_, options_.tls, kAnswerMs);
        if (!stream.has_value()) {
            add(Severity::Problem, stream.error().what, stream.error().advice);
            return {};
        }
        // With TLS 1.3 a broker that refuses our certificate says so only now; once it has closed
        // the connection under our CONNECT, its reason may be lost.
        constexpr int kRefusalMs = 300;
        if (url_.tls) {
            TRY((*stream)->receive(kRefusalMs));
        }
        check_tls((*stream)->tls());
        auto connected = MqttProbe::connect(std::move(*stream), how_);
        if (!connected.has_value()) {
            add(Severity::Problem, connected.error().message, why_silent());
            return {};
        }
        const auto connection = std::move(*connected);
        if (!check_connack(connection->connack())) {
            return {};
        }
        TRY(tell_version(*connection));
        if (probe) {
            TRY(probe_retained(*connection));
            TRY(probe_queue());
        }
        return forget_session();
    }

  private:
    void add(Severity severity, std::string what, std::string advice = "", std::string line = "") {
        into_.push_back(
            {severity, options_.name, std::move(what), std::move(advice), std::move(line)});
    }

    Result<std::unique_ptr<MqttProbe>> connect(const ProbeConnect& how) const {
        auto stream = mqtt::open_stream(url_, options_.tls, kAnswerMs);
        if (!stream.has_value()) {
            return fail(ErrorCode::Unavailable, stream.error().what);
        }
        return MqttProbe::connect(std::move(*stream), how);
    }

    void check_tls(const mqtt::TlsReport* tls) {
        if (tls == nullptr) {
            return;
        }
        if (tls->trouble.has_value()) {
            add(Severity::Note,
                fmt::format("`insecure` hides a certificate that would be refused: {}",
                            tls->trouble->what),
                tls->trouble->advice);
        } else if (options_.tls.insecure) {
            add(Severity::Note,
                "`insecure` is set, but the certificate is good",
                "leave `insecure` out: with it anybody can pose as the broker");
        }
        if (tls->trouble.has_value()) {
            return;
        }
        const int64_t days = (tls->expires_s - system_clock().now_ns() / 1'000'000'000) / kDay;
        constexpr int64_t kSoonDays = 21;
        const bool soon = days < kSoonDays;
        add(soon ? Severity::Note : Severity::Good,
            fmt::format("{}, the broker's certificate ({}) is valid for {} more days",
                        tls->version,
                        tls->certificate,
                        days),
            soon ? "renew it before the collector can no longer connect" : "");
    }

    // Of a broker that hangs up instead of answering: TLS at a port without, or the reverse?
    [[nodiscard]] std::string why_silent() const {
        if (url_.tls) {
            return options_.tls.cert_file.empty()
                       ? "see the broker's log; where it wants a client certificate, set `cert` "
                         "and `key`"
                       : "see the broker's log: is our certificate's authority its `cafile`?";
        }
        mqtt::BrokerUrl secure = url_;
        secure.tls = true;
        mqtt::TlsOptions any;
        any.insecure = true;
        constexpr int kShortMs = 2'000;
        return mqtt::open_stream(secure, any, kShortMs).has_value()
                   ? fmt::format("this port speaks TLS: use {}://",
                                 url_.websocket ? "wss" : "mqtts")
                   : "is it an MQTT broker, and does it let this machine in?";
    }

    // False when there is no session to go on with.
    bool check_connack(const ProbeConnack& answer) {
        constexpr uint8_t kUnsupportedVersion = 0x84;
        if (answer.reason == kUnsupportedVersion || answer.reason == 1) {
            add(Severity::Note,
                "the broker speaks MQTT 3.1.1 only: it decides itself how long it keeps a session",
                "prefer a broker with MQTT 5");
            return false;
        }
        if (answer.reason != 0) {
            add(Severity::Problem,
                fmt::format("the broker refuses the connection (reason 0x{:02x})", answer.reason),
                "check user and password, and what the user may do");
            return false;
        }
        add(Severity::Good, "connected with MQTT 5");
        const uint32_t expiry = answer.property(kSessionExpiry).value_or(kExpiryWanted);
        if (expiry < kDay) {
            add(Severity::Problem,
                fmt::format("sessions end after {} s: what comes while the collector is away for "
                            "longer is lost",
                            expiry),
                "allow sessions of at least a day",
                "persistent_client_expiration 30d");
        }
        if (answer.property(kMaximumQos).value_or(2) == 0) {
            add(Severity::Problem,
                "the broker allows QoS 0 only: whatever is under way at a disconnect is lost",
                "allow QoS 1",
                "max_qos 2");
        }
        if (answer.property(kRetainAvailable).value_or(1) == 0) {
            add(Severity::Problem,
                "retained messages are off: last values, availability and Home Assistant discovery "
                "are lost",
                "allow retained messages",
                "retain_available true");
        }
        constexpr uint32_t kPacketWanted = 256 << 10;
        if (const auto size = answer.property(kMaximumPacket); size && *size < kPacketWanted) {
            add(Severity::Problem,
                fmt::format("packets above {} bytes are dropped", *size),
                "allow at least 256 KiB",
                "max_packet_size 0");
        }
        if (answer.property(kWildcards).value_or(1) == 0) {
            add(Severity::Problem,
                "wildcard subscriptions are off: devices cannot be found by themselves",
                "allow them, or list topics with `subscribe`");
        }
        return true;
    }

    Status tell_version(MqttProbe& connection) {
        const uint8_t granted = TRY(connection.subscribe("$SYS/broker/version", 0));
        constexpr int kWaitMs = 1'000;
        const auto message = TRY(connection.receive(kWaitMs));
        if (granted >= kRefused || !message.has_value()) {
            add(Severity::Note,
                "$SYS topics are not to be seen",
                "allow the collector to read $SYS/#: the broker's own figures become series");
        } else {
            add(Severity::Good, "the broker is " + message->payload);
        }
        return {};
    }

    Status probe_retained(MqttProbe& connection) {
        const std::string topic = fmt::format("cistern/doctor/{}/retained", how_.client_id);
        TRY(connection.publish(topic, "1", 1, true));
        TRY(connection.subscribe(topic, 1));
        constexpr int kWaitMs = 2'000;
        const auto message = TRY(connection.receive(kWaitMs));
        TRY(connection.publish(topic, "", 1, true));
        if (message.has_value() && message->packet_id != 0) {
            TRY(connection.acknowledge(message->packet_id));
        }
        const bool good = message.has_value() && message->payload == "1";
        add(good ? Severity::Good : Severity::Problem,
            good ? "a retained message came back" : "a retained message did not come back",
            good ? "" : "allow the collector's user to read and write what it subscribes to");
        return {};
    }

    // Messages for a client with a session that is away: do they wait, and how many at a time come?
    Status probe_queue() {
        const std::string topic = fmt::format("cistern/doctor/{}/queue", how_.client_id);
        ProbeConnect with_session = how_;
        with_session.client_id += "-queue";
        with_session.clean_start = true;
        with_session.session_expiry_s = 300;
        {
            const auto away = TRY(connect(with_session));
            if (TRY(away->subscribe(topic, 1)) >= kRefused) {
                add(Severity::Note,
                    "the collector's user may not subscribe to " + topic,
                    "allow it to examine the queue");
                return {};
            }
            away->disconnect();
        }
        ProbeConnect publisher = how_;
        publisher.client_id += "-publish";
        publisher.session_expiry_s = 0;
        const auto sender = TRY(connect(publisher));
        for (int i = 0; i < kQueued; ++i) {
            TRY(sender->publish(topic, std::to_string(i), 1, false));
        }
        with_session.clean_start = false;
        const auto back = TRY(connect(with_session));
        const bool kept = back->connack().session_present;
        const auto [at_once, all] = TRY(count_queued(*back));
        judge_queue(kept, at_once, all);
        back->disconnect();
        with_session.clean_start = true;
        with_session.session_expiry_s = 0;
        TRY(connect(with_session))
        ->disconnect();
        return {};
    }

    // How many come before the first is acknowledged, and how many in all.
    static Result<std::pair<int, int>> count_queued(MqttProbe& back) {
        constexpr int kQuietMs = 700;
        std::vector<uint16_t> open;
        int all = 0;
        int at_once = 0;
        for (;;) {
            const auto message = TRY(back.receive(kQuietMs));
            if (message.has_value()) {
                open.push_back(message->packet_id);
                ++all;
                continue;
            }
            if (open.empty()) {
                return std::pair(at_once, all);
            }
            at_once = at_once == 0 ? all : at_once;
            for (const uint16_t id : open) {
                TRY(back.acknowledge(id));
            }
            open.clear();
        }
    }

    void judge_queue(bool kept, int at_once, int all) {
        if (!kept) {
            add(Severity::Problem,
                "the broker forgot the session at a disconnect: messages meanwhile are lost",
                "allow persistent sessions");
        } else if (all < kQueued) {
            add(Severity::Problem,
                fmt::format("of {} messages for a client that was away {} were kept; the rest was "
                            "dropped without a word",
                            kQueued,
                            all),
                "let the queue grow (mosquitto 2.0.16 and later: a large number, not 0)",
                "max_queued_messages 0");
        } else {
            add(Severity::Good, fmt::format("{} messages waited for a client away", all));
        }
        if (at_once > 0 && at_once < static_cast<int>(kInflightLow)) {
            add(Severity::Note,
                fmt::format("at most {} messages are under way to one client: costs throughput",
                            at_once),
                "allow more",
                "max_inflight_messages 1000");
        }
    }

    Status forget_session() {
        how_.clean_start = true;
        how_.session_expiry_s = 0;
        TRY(connect(how_))
        ->disconnect();
        return {};
    }

    const mqtt::ClientOptions& options_;
    Findings& into_;
    mqtt::BrokerUrl url_;
    ProbeConnect how_;
};

}  // namespace

void examine_broker(const mqtt::ClientOptions& broker, bool probe, Findings& into) {
    const Status done = BrokerExamination(broker, into).run(probe);
    if (!done.has_value()) {
        into.push_back({Severity::Problem,
                        broker.name,
                        done.error().message,
                        "see the broker's log for its side",
                        ""});
    }
}

}  // namespace cistern::app
