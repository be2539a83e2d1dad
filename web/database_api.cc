// SPDX-License-Identifier: MIT
#include "web/database_api.h"

#include "store/engine/aggregate.h"
#include "web/json_writer.h"

#include <array>
#include <map>

namespace cistern::web {
namespace {

constexpr std::string_view kInternalDatabase = "internal";

bool is_true(std::string_view text) {
    return text == "true" || text == "1";
}

Response databases(const Services& services, const Request& request) {
    const bool with_internal = is_true(request.query.get("include_internal"));
    JsonWriter json;
    json.begin_object();
    json.field("resultType", "databases");
    json.key("result");
    json.begin_array();
    for (const std::string& name : services.store.database_names()) {
        if (name == kInternalDatabase && !with_internal) continue;
        if (!request.may_use || request.may_use(name)) json.string(name);
    }
    json.end_array();
    json.end_object();
    return success(json.text());
}

struct MetricSummary {
    uint64_t series = 0;
    store::SeriesId first_id;
    store::ValueType type = store::ValueType::Float;
    std::string unit;
};

void write_details(JsonWriter& json, const std::string& name, const MetricSummary& metric) {
    json.begin_object();
    json.field("name", name);
    json.field("id", uint64_t{metric.first_id.value()});
    json.field("type", metric.type == store::ValueType::Int ? "int" : "float");
    json.field("series", metric.series);
    if (!metric.unit.empty()) json.field("unit", metric.unit);
    json.end_object();
}

Result<std::map<std::string, MetricSummary>> summarize(const store::Database& database) {
    std::map<std::string, MetricSummary> metrics;
    const auto querier = database.querier();
    for (const auto& handle : TRY(querier->select({}, {}))) {
        MetricSummary& metric = metrics[std::string(handle.labels->metric())];
        if (metric.series++ == 0 || handle.id < metric.first_id) {
            metric.first_id = handle.id;
            metric.type = handle.type;
            metric.unit = database.metadata(handle.id).unit;
        }
    }
    return metrics;
}

Result<std::string> metrics_json(const Services& services, const Request& request) {
    const std::string name = TRY(database_name(services, request));
    if (name == kAllDatabases)
        return fail(ErrorCode::InvalidArgument, "name one database: db=<name>");
    TRY(open_querier(services, request, name));
    const store::Database* database = services.store.find(name);
    std::map<std::string, MetricSummary> metrics;
    if (database != nullptr) metrics = TRY(summarize(*database));
    const bool details = is_true(request.query.get("details"));
    JsonWriter json;
    json.begin_object();
    json.field("resultType", "metrics");
    json.field("db", name);
    json.key("result");
    json.begin_array();
    for (const auto& [metric, summary] : metrics) {
        if (details) {
            write_details(json, metric, summary);
        } else {
            json.string(metric);
        }
    }
    json.end_array();
    json.end_object();
    return json.take();
}

Response metrics(const Services& services, const Request& request) {
    auto json = metrics_json(services, request);
    return json ? success(*json) : Response::error(json.error());
}

Response aggregates() {
    JsonWriter json;
    json.begin_object();
    json.field("resultType", "aggregates");
    json.field("default", "avg");
    json.key("result");
    json.begin_array();
    for (const store::Aggregate aggregate : store::all_aggregates())
        json.string(store::aggregate_name(aggregate));
    json.string("trimmed_average");  // another name of trimmed_avg
    json.end_array();
    json.end_object();
    return success(json.text());
}

}  // namespace

void add_database_routes(Router& router, const Services& services) {
    router.get("/api/v1/databases", Role::Read, [&services](const Request& request) {
        return databases(services, request);
    });
    router.get("/api/v1/metrics", Role::Read, [&services](const Request& request) {
        return metrics(services, request);
    });
    router.get("/api/v1/aggregates", Role::Read, [](const Request&) { return aggregates(); });
}

}  // namespace cistern::web
