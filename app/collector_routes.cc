// SPDX-License-Identifier: MIT
#include "app/collector_routes.h"

#include "app/json_answer.h"
#include "collector/mapping/explain.h"
#include "store/base/time_units.h"
#include "store/model/sample.h"

#include <nlohmann/json.hpp>

#include <map>

namespace cistern::app {
namespace {

nlohmann::json subscriptions_json(const mqtt::ClientStatus& connection) {
    nlohmann::json list = nlohmann::json::array();
    for (const mqtt::SubscriptionStatus& subscription : connection.subscriptions) {
        list.push_back({{"filter", subscription.filter},
                        {"qos", subscription.qos},
                        {"refused", subscription.code >= 0x80 && subscription.code != 0xff}});
    }
    return list;
}

nlohmann::json figures_json(const collector::PipelineStatus& pipeline) {
    nlohmann::json figures = nlohmann::json::object();
    for (const auto& [name, text] : pipeline.broker_figures) {
        figures[name] = text;
    }
    return figures;
}

nlohmann::json round_trip_json(const collector::RoundTrip& trip) {
    return {{"sent", trip.sent},
            {"received", trip.received},
            {"last_ms",
             trip.last_ns < 0 ? nlohmann::json()
                              : nlohmann::json(static_cast<double>(trip.last_ns) / 1e6)}};
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
        {"next_try_ms",
         connection.state == mqtt::ClientState::Waiting ? connection.next_try_ms : 0},
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
        {"refusal", pipeline.refusal},
        {"sys", figures_json(pipeline)},
        {"round_trip", round_trip_json(pipeline.round_trip)}};
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

// A mapper of its own, with what the running one has learned: nothing changes by asking.
Result<std::string> explain(const web::Request& request,
                            const CollectorGroup& group,
                            const collector::MappingOptions& mapping,
                            int64_t now_ns) {
    const collector::ExplainInput input = TRY(message_of(request, now_ns));
    if (input.topic.empty()) {
        return fail(ErrorCode::InvalidArgument, "the parameter 'topic' is missing");
    }
    const auto mapper = TRY(collector::Mapper::create(mapping));
    const std::string learned = group.mapper_state(request.query.get("broker"));
    if (!learned.empty()) {
        TRY(mapper->restore_state(learned));
    }
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
        return json_answer(status_json(group));
    });
    router.get_or_post(
        "/api/v1/explain",
        web::Role::Read,
        [&group, mapping = std::move(mapping), &clock](const web::Request& request) {
            const auto explained = explain(request, group, mapping(), clock.now_ns());
            if (!explained) {
                return web::Response::error(explained.error());
            }
            return web::Response::json(200, "{\"status\":\"success\",\"data\":" + *explained + "}");
        });
}

}  // namespace cistern::app
