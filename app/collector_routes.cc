// SPDX-License-Identifier: MIT
#include "app/collector_routes.h"

#include "collector/mapping/explain.h"
#include "store/model/labels.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <map>

namespace cistern::app {
namespace {

constexpr size_t kTopicsMax = 100'000;

web::Response success(const nlohmann::json& data) {
    // Payloads and topics may be no UTF-8; what cannot be printed becomes U+FFFD.
    return web::Response::json(200,
                               nlohmann::json{{"status", "success"}, {"data", data}}.dump(
                                   -1, ' ', false, nlohmann::json::error_handler_t::replace));
}

int64_t to_ms(int64_t ns) {
    return ns / store::kNsPerMs;
}

nlohmann::json subscriptions_json(const mqtt::ClientStatus& connection) {
    nlohmann::json list = nlohmann::json::array();
    for (const mqtt::SubscriptionStatus& subscription : connection.subscriptions) {
        list.push_back({{"filter", subscription.filter},
                        {"qos", subscription.qos},
                        {"refused", subscription.code >= 0x80 && subscription.code != 0xff}});
    }
    return list;
}

nlohmann::json broker_json(const collector::IngestStatus& status) {
    const mqtt::ClientStatus& connection = status.connection;
    const collector::PipelineStatus& pipeline = status.pipeline;
    return {
        {"name", status.broker},
        {"url", connection.url},
        {"client_id", connection.client_id},
        {"state", mqtt::client_state_name(connection.state)},
        {"connected", connection.state == mqtt::ClientState::Connected},
        {"protocol", connection.protocol_level},
        {"session_present", connection.session_present},
        {"error", connection.state == mqtt::ClientState::Connected ? "" : connection.last_error},
        {"connects", connection.connects},
        {"since_ms", to_ms(connection.connected_ns)},
        {"subscriptions", subscriptions_json(connection)},
        {"messages", pipeline.received},
        {"bytes", pipeline.bytes},
        {"samples", pipeline.samples},
        {"redelivered", pipeline.redelivered},
        {"series", pipeline.series},
        {"topics", pipeline.topics},
        {"topics_not_shown", pipeline.topics_overflow},
        {"last_message_ms", to_ms(pipeline.last_message_ns)},
        {"refusing", pipeline.refusing},
        {"refusal", pipeline.refusal}};
}

nlohmann::json status_json(const CollectorGroup& group) {
    nlohmann::json brokers = nlohmann::json::array();
    std::map<std::string, collector::RuleCounts> rules;
    std::map<std::string, uint64_t> dropped;
    for (const collector::IngestStatus& status : group.status()) {
        brokers.push_back(broker_json(status));
        for (const collector::RuleCounts& counts : status.pipeline.rules) {
            collector::RuleCounts& sum = rules[counts.rule];
            sum.messages += counts.messages;
            sum.samples += counts.samples;
            sum.series += counts.series;
        }
        for (const auto& [reason, count] : status.pipeline.dropped) {
            dropped[reason] += count;
        }
    }
    nlohmann::json rule_list = nlohmann::json::array();
    for (const auto& [name, counts] : rules) {
        rule_list.push_back({{"rule", name},
                             {"messages", counts.messages},
                             {"samples", counts.samples},
                             {"series", counts.series}});
    }
    return {{"brokers", brokers}, {"rules", rule_list}, {"dropped", dropped}};
}

nlohmann::json topic_json(const CollectorGroup::Topic& topic) {
    const collector::TopicEntry& entry = topic.status.entry;
    nlohmann::json samples = nlohmann::json::array();
    for (const collector::TopicSample& sample : topic.status.samples) {
        samples.push_back(
            {{"db", sample.db}, {"series", sample.series.value()}, {"value", sample.value}});
    }
    return {{"topic", topic.status.topic},
            {"broker", topic.broker},
            {"messages", entry.messages},
            {"rate", entry.rate},
            {"first_ms", to_ms(entry.first_ns)},
            {"last_ms", to_ms(entry.last_ns)},
            {"retained", entry.retained},
            {"qos", entry.qos},
            {"payload", entry.payload},
            {"payload_bytes", entry.payload_bytes},
            {"truncated", entry.truncated},
            {"rule", topic.status.rule},
            {"dropped", topic.status.dropped},
            {"samples", samples}};
}

int64_t integer_or(std::string_view text, int64_t otherwise) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

nlohmann::json topics_json(const CollectorGroup& group, const web::Request& request, Clock& clock) {
    const int64_t since_ms = integer_or(request.query.get("since_ms"), 0);
    const auto limit = static_cast<size_t>(
        integer_or(request.query.get("limit"), static_cast<int64_t>(kTopicsMax)));
    nlohmann::json list = nlohmann::json::array();
    size_t total = 0;
    for (const auto& topic : group.topics(request.query.get("search"), kTopicsMax)) {
        ++total;
        if (to_ms(topic.status.entry.last_ns) >= since_ms && list.size() < limit) {
            list.push_back(topic_json(topic));
        }
    }
    return {{"topics", list}, {"total", total}, {"now_ms", to_ms(clock.now_ns())}};
}

// The message of the request's parameters, or of a JSON body in the form of `explain --messages`.
Result<collector::ExplainInput> message_of(const web::Request& request, int64_t now_ns) {
    constexpr size_t kBodyBytesMax = 1 << 20;
    if (request.headers.get("Content-Type").starts_with("application/json")) {
        return collector::parse_explain_line(TRY(request.read_body(kBodyBytesMax)), now_ns);
    }
    const web::Parameters parameters = TRY(request.parameters(kBodyBytesMax));
    nlohmann::json line{{"topic", parameters.get("topic")},
                        {"retain", parameters.get("retain") == "true"}};
    const bool is_binary = parameters.find("payload_b64").has_value();
    line[is_binary ? "payload_b64" : "payload"] =
        parameters.get(is_binary ? "payload_b64" : "payload");
    return collector::parse_explain_line(
        line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), now_ns);
}

Result<std::string> explain(const web::Request& request,
                            const collector::MappingOptions& mapping,
                            int64_t now_ns) {
    const collector::ExplainInput input = TRY(message_of(request, now_ns));
    if (input.topic.empty()) {
        return fail(ErrorCode::InvalidArgument, "the parameter 'topic' is missing");
    }
    const auto mapper = TRY(collector::Mapper::create(mapping));
    collector::MappedMessage mapped;
    mapper->map(input.message(), true, mapped);
    return collector::explain_json(input, mapped, *mapper);
}

}  // namespace

void add_collector_routes(web::Router& router,
                          const CollectorGroup& group,
                          std::function<collector::MappingOptions()> mapping,
                          Clock& clock) {
    router.get("/api/v1/collector/status", web::Role::Read, [&group](const web::Request&) {
        return success(status_json(group));
    });
    router.get("/api/v1/topics", web::Role::Read, [&group, &clock](const web::Request& request) {
        return success(topics_json(group, request, clock));
    });
    router.get_or_post("/api/v1/explain",
                       web::Role::Read,
                       [mapping = std::move(mapping), &clock](const web::Request& request) {
                           const auto explained = explain(request, mapping(), clock.now_ns());
                           if (!explained) {
                               return web::Response::error(explained.error());
                           }
                           return web::Response::json(
                               200, "{\"status\":\"success\",\"data\":" + *explained + "}");
                       });
}

}  // namespace cistern::app
