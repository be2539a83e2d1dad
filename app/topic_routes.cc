// SPDX-License-Identifier: MIT
#include "app/topic_routes.h"

#include "app/json_answer.h"
#include "collector/mapping/reasons.h"
#include "collector/mapping/rule_toml.h"
#include "store/base/base64.h"
#include "store/base/time_units.h"
#include "store/model/labels.h"
#include "web/selectors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace cistern::app {
namespace {

// The preview of a long payload may end within a character.
std::string_view whole_characters(std::string_view text, bool is_cut) {
    constexpr size_t kCharacterBytesMax = 4;
    for (size_t cut = 0; is_cut && cut < kCharacterBytesMax && cut <= text.size(); ++cut) {
        const std::string_view shorter = text.substr(0, text.size() - cut);
        if (store::is_valid_utf8(shorter)) {
            return shorter;
        }
    }
    return text;
}

nlohmann::json labels_json(const store::Labels& labels) {
    nlohmann::json object = nlohmann::json::object();
    for (const store::Label& label : labels.all()) {
        if (label.name != store::kMetricNameLabel) {
            object[label.name] = label.value;
        }
    }
    return object;
}

nlohmann::json sample_json(const store::Database& database, store::SeriesId series, double value) {
    const auto labels = database.labels(series);
    nlohmann::json json{{"db", database.name()}, {"series", series.value()}, {"value", value}};
    if (labels != nullptr) {
        json["metric"] = labels->metric();
        json["labels"] = labels_json(*labels);
        json["unit"] = database.metadata(series).unit;
    }
    return json;
}

bool is_unmatched(const collector::TopicStatus& status) {
    return status.rule.empty() && status.samples.empty() &&
           status.dropped == collector::reason::kUnmatched;
}

nlohmann::json topic_json(const CollectorGroup::Topic& topic, const web::Request& request) {
    const collector::TopicEntry& entry = topic.status.entry;
    nlohmann::json samples = nlohmann::json::array();
    for (const collector::TopicSample& sample : topic.status.samples) {
        if (!request.may_use || request.may_use(sample.database->name())) {
            samples.push_back(sample_json(*sample.database, sample.series, sample.value));
        }
    }
    nlohmann::json json{{"topic", topic.status.topic},
                        {"broker", topic.broker},
                        {"messages", entry.messages},
                        {"bytes", entry.bytes},
                        {"rate", entry.rate},
                        {"first_ms", to_ms(entry.first_ns)},
                        {"last_ms", to_ms(entry.last_ns)},
                        {"retained", entry.retained},
                        {"qos", entry.qos},
                        {"payload_bytes", entry.payload_bytes},
                        {"truncated", entry.truncated},
                        {"rule", topic.status.rule},
                        {"dropped", topic.status.dropped},
                        {"samples", samples}};
    const std::string_view text = whole_characters(entry.payload, entry.truncated);
    if (store::is_valid_utf8(text)) {
        json["payload"] = text;
    } else {
        json["payload_b64"] = encode_base64(entry.payload);
    }
    if (is_unmatched(topic.status)) {
        json["suggestion"] = collector::suggest_rule(topic.status.topic, entry.payload);
    }
    return json;
}

// InvalidArgument names the parameter.
Result<int64_t> integer_parameter(const web::Request& request,
                                  std::string_view name,
                                  int64_t otherwise) {
    const std::string_view text = request.query.get(name);
    if (text.empty()) {
        return otherwise;
    }
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    constexpr int64_t kMax = 9'000'000'000'000;  // in milliseconds still a time
    if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kMax) {
        return fail(ErrorCode::InvalidArgument,
                    "the parameter '" + std::string(name) + "' is no whole number from 0 on");
    }
    return value;
}

Result<nlohmann::json> topics_json(const CollectorGroup& group,
                                   const web::Request& request,
                                   Clock& clock) {
    constexpr int64_t kTopicsMax = 200'000;
    const int64_t now_ms = to_ms(clock.now_ns());  // before the look: nothing falls in between
    collector::TopicQuery query;
    query.search = request.query.get("search");
    query.since_ns = TRY(integer_parameter(request, "since_ms", 0))
    *kNsPerMs;
    query.limit = static_cast<size_t>(
        std::min(TRY(integer_parameter(request, "limit", kTopicsMax)), kTopicsMax));
    const CollectorGroup::Topics topics = group.topics(query);
    nlohmann::json list = nlohmann::json::array();
    for (const CollectorGroup::Topic& topic : topics.list) {
        list.push_back(topic_json(topic, request));
    }
    return nlohmann::json{{"topics", list}, {"total", topics.total}, {"now_ms", now_ms}};
}

nlohmann::json source_json(const store::Database& database, const CollectorGroup::Source& source) {
    const collector::Provenance& from = source.provenance;
    nlohmann::json json = sample_json(database, from.series, from.last_value);
    json["broker"] = source.broker;
    json["topic"] = from.topic;
    json["rule"] = from.rule;
    json["last_ms"] = to_ms(from.last_ns);
    return json;
}

Result<nlohmann::json> sources_json(const store::Store& store,
                                    const CollectorGroup& group,
                                    const web::Request& request,
                                    const std::string& default_database) {
    constexpr size_t kSeriesMax = 10'000;
    std::string name = request.database;
    if (name.empty()) {
        name = request.query.find("db") ? std::string(request.query.get("db")) : default_database;
    }
    if (request.may_use && !request.may_use(name)) {
        return fail(ErrorCode::NotFound, "no database " + name);
    }
    const store::Database* database = store.find(name);
    if (database == nullptr) {
        return fail(ErrorCode::NotFound, "no database " + name);
    }
    std::vector<web::MatcherSet> selectors = TRY(web::parse_match_parameters(request.query));
    if (selectors.empty()) {
        selectors.emplace_back();
    }
    std::vector<store::SeriesId> ids;
    for (const web::MatcherSet& selector : selectors) {
        for (const auto& handle : TRY(database->querier()->select(selector, {}))) {
            ids.push_back(handle.id);
        }
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    const bool is_cut = ids.size() > kSeriesMax;
    ids.resize(std::min(ids.size(), kSeriesMax));
    nlohmann::json list = nlohmann::json::array();
    for (const CollectorGroup::Source& source : group.sources(*database, ids)) {
        list.push_back(source_json(*database, source));
    }
    return nlohmann::json{{"series", list}, {"cut", is_cut}};
}

web::Response answer(const Result<nlohmann::json>& data) {
    return data ? json_answer(*data) : web::Response::error(data.error());
}

}  // namespace

void add_topic_routes(web::Router& router,
                      const store::Store& store,
                      const CollectorGroup& group,
                      const std::string& default_database,
                      Clock& clock) {
    router.get("/api/v1/topics", web::Role::Read, [&group, &clock](const web::Request& request) {
        return answer(topics_json(group, request, clock));
    });
    router.get("/api/v1/collector/series",
               web::Role::Read,
               [&store, &group, default_database](const web::Request& request) {
                   return answer(sources_json(store, group, request, default_database));
               });
}

}  // namespace cistern::app
