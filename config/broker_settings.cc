// SPDX-License-Identifier: MIT
#include "config/broker_settings.h"

#include "config/rule_values.h"
#include "store/base/crc32c.h"
#include "store/base/time_units.h"
#include "store/engine/options.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <set>

namespace cistern::config {
namespace {

using collector::BrokerOptions;

std::optional<std::string> expanded_text(TableReader& table, std::string_view key) {
    const auto written = table.text(key);
    if (!written) {
        return std::nullopt;
    }
    auto expanded = expand_environment(*written);
    if (!expanded) {
        table.problem(key, expanded.error().message);
        return std::nullopt;
    }
    return std::move(*expanded);
}

// Secrets beside engine.toml may be named by a relative path.
std::optional<std::string> file_path(TableReader& table,
                                     std::string_view key,
                                     const std::string& folder) {
    const auto written = expanded_text(table, key);
    if (!written || written->empty() || written->front() == '/') {
        return written;
    }
    return folder + "/" + *written;
}

void read_seconds(
    TableReader& table, std::string_view key, int64_t min_s, int64_t max_s, uint32_t& into) {
    const auto value = table.duration_ns(key);
    if (!value) {
        return;
    }
    const int64_t seconds = *value / kNsPerSecond;
    if (seconds < min_s || seconds > max_s) {
        table.problem(key, fmt::format("must lie between {}s and {}s", min_s, max_s));
    } else {
        into = static_cast<uint32_t>(seconds);
    }
}

void read_session(TableReader& table, mqtt::ClientOptions& client) {
    constexpr int64_t kSessionMax =
        2'000'000'000;  // below 2^31: the client library reads it as signed
    read_seconds(table, "session", 0, kSessionMax, client.session_expiry_s);
    client.clean_session = client.session_expiry_s == 0;
    read_seconds(table, "keepalive", 1, 65'535, client.keepalive_s);
    read_seconds(table, "silence_timeout", 0, kSessionMax, client.silence_timeout_s);
    if (const auto maximum = table.integer("receive_maximum", 1, 65'535)) {
        client.receive_maximum = static_cast<uint16_t>(*maximum);
    }
    if (const auto protocol = table.choice("protocol", {"auto", "5", "3.1.1"})) {
        client.protocol = static_cast<mqtt::Protocol>(*protocol);
    }
}

void read_access(TableReader& table, const std::string& folder, mqtt::ClientOptions& client) {
    assign(client.user, expanded_text(table, "user"));
    if (const Node* written = table.raw("password")) {
        if (written->kind == NodeKind::Text && written->text.starts_with("${")) {
            assign(client.password, expanded_text(table, "password"));
        } else {
            table.problem("password",
                          "a secret must not stand in the settings",
                          "password_file = \"…\" or password = \"${NAME}\"");
        }
    }
    assign(client.password_file, file_path(table, "password_file", folder));
    assign(client.tls.ca_file, file_path(table, "ca", folder));
    assign(client.tls.cert_file, file_path(table, "cert", folder));
    assign(client.tls.key_file, file_path(table, "key", folder));
    assign(client.tls.insecure, table.boolean("insecure"));
}

void read_will(TableReader table, mqtt::ClientOptions& client) {
    mqtt::LastWill will;
    assign(will.topic, table.text("topic"));
    assign(will.payload, table.text("payload"));
    assign(will.qos, table.integer("qos", 0, 1));
    assign(will.retain, table.boolean("retain"));
    if (will.topic.empty()) {
        table.problem("topic", "is missing");
    }
    client.will = will;
    table.finish();
}

// true, or the names of what may be published.
void read_publish(TableReader& table, BrokerOptions& broker) {
    const Node* value = table.raw("publish");
    if (value == nullptr) {
        return;
    }
    if (value->kind == NodeKind::Boolean) {
        broker.publish = value->boolean;
    } else if (const auto names = table.texts("publish")) {
        broker.publish = !names->empty();
        broker.publish_only = *names;
    }
}

// What cistern says about itself on the broker: only with permission.
void read_announcements(TableReader& table, BrokerOptions& broker) {
    mqtt::ClientOptions& client = broker.client;
    if (auto will = table.table("will")) {
        read_will(std::move(*will), client);
        if (!broker.may_publish("status")) {
            table.problem("will", "needs a permission", "publish = [\"status\"]");
        }
    }
    if (const auto topic = table.text("status_topic")) {
        client.status_topic = *topic;
        if (!topic->empty() && !broker.may_publish("status")) {
            table.problem("status_topic", "needs a permission", "publish = [\"status\"]");
        }
    }
    constexpr int64_t kProbeMaxS = 86'400;
    read_seconds(table, "probe", 0, kProbeMaxS, broker.probe_interval_s);
    if (broker.probe_interval_s > 0 && !broker.may_publish("probe")) {
        table.problem("probe", "needs a permission", "publish = [\"probe\"]");
    }
}

void check_client(TableReader& table, mqtt::ClientOptions client) {
    if (client.client_id.empty()) {
        client.client_id = "made-later";  // settle_brokers knows the root
    }
    if (const Status valid = mqtt::validate(client); !valid) {
        table.problem("url", valid.error().message);
    }
}

BrokerOptions read_broker(TableReader table, const BrokerOptions& base, const std::string& folder) {
    BrokerOptions broker = base;
    mqtt::ClientOptions& client = broker.client;
    assign(client.url, expanded_text(table, "url"));
    client.name = table.text("name").value_or("");
    assign(client.client_id, expanded_text(table, "client_id"));
    read_access(table, folder, client);
    read_session(table, client);
    assign(broker.subscribe, table.texts("subscribe"));
    assign(broker.qos, table.integer("qos", 0, 2));
    read_publish(table, broker);
    read_announcements(table, broker);
    assign(broker.series_max, table.integer("max_series", 1, 100'000'000));
    assign(broker.topics_max, table.integer("max_topics", 100, 10'000'000));
    if (client.name.empty()) {
        table.problem("name", "is missing", "name = \"lan\"");
    }
    check_client(table, client);
    table.raw("presets");  // read_brokers takes them
    table.finish();
    return broker;
}

}  // namespace

Result<std::string> expand_environment(const std::string& text) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
        const size_t begin = text.find("${", at);
        const size_t end = begin == std::string::npos ? begin : text.find('}', begin);
        out += text.substr(at, end == std::string::npos ? std::string::npos : begin - at);
        if (end == std::string::npos) {
            break;
        }
        const std::string name = text.substr(begin + 2, end - begin - 2);
        const char* value = std::getenv(name.c_str());
        if (value == nullptr) {
            return fail(ErrorCode::NotFound,
                        fmt::format("the environment has no variable {}", name));
        }
        out += value;
        at = end + 1;
    }
    return out;
}

std::vector<BrokerOptions> read_brokers(TableReader& root,
                                        const BrokerOptions& base,
                                        const std::string& settings_folder,
                                        std::vector<std::string>& presets) {
    std::vector<BrokerOptions> brokers;
    std::set<std::string> names;
    for (TableReader& table : root.tables("broker")) {
        const auto name = table.text("name");
        if (name && !names.insert(*name).second) {
            table.problem("name", fmt::format("a second broker is called '{}'", *name));
        }
        if (const auto own = table.texts("presets")) {
            presets = *own;
        }
        brokers.push_back(read_broker(std::move(table), base, settings_folder));
    }
    return brokers;
}

BrokerOptions broker_of_url(const std::string& url, const BrokerOptions& base) {
    BrokerOptions broker = base;
    broker.client.url = url;
    const size_t host = url.find("://");
    std::string name = host == std::string::npos ? url : url.substr(host + 3);
    const size_t user = name.find('@');
    if (user != std::string::npos) {
        name = name.substr(user + 1);
    }
    broker.client.name = name.substr(0, name.find('/'));
    return broker;
}

void settle_brokers(std::vector<BrokerOptions>& brokers,
                    const std::string& root,
                    const std::string& default_database) {
    // The same root gives the same ids: a session belongs to the data that it was stored into.
    const std::string place =
        std::filesystem::weakly_canonical(std::filesystem::absolute(root)).string();
    for (BrokerOptions& broker : brokers) {
        if (broker.client.client_id.empty()) {
            const std::string identity = place + "\n" + broker.client.name;
            broker.client.client_id =
                fmt::format("cistern-{:08x}", crc32c(std::as_bytes(std::span(identity))));
        }
        broker.state_folder = root + "/_collector";
        broker.default_database = default_database;
    }
}

}  // namespace cistern::config
