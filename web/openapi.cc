// SPDX-License-Identifier: MIT
#include "web/openapi.h"

#include "web/json_writer.h"

#include <algorithm>
#include <array>
#include <map>

namespace cistern::web {
namespace {

struct Description {
    std::string_view pattern;
    std::string_view group;
    std::string_view summary;
    std::string_view parameters;  // of the query, separated by blanks; ! = required
};

constexpr std::array kDescriptions = std::to_array<Description>({
    {"/api/v1/query",
     "query",
     "PromQL at one time",
     "query! time timeout lookback_delta limit stats db aggregate window"},
    {"/api/v1/query_range",
     "query",
     "PromQL over a range; stored samples and aggregates of windows",
     "query! start! end step timeout lookback_delta limit stats db aggregate window "
     "timestamp_unit"},
    {"/api/v1/format_query", "query", "A query, pretty-printed", "query!"},
    {"/api/v1/parse_query", "query", "A query as a tree", "query!"},
    {"/api/v1/query_exemplars", "query", "Exemplars: always none", "query start end"},
    {"/api/v1/series", "metadata", "Series that match", "match[]! start end limit"},
    {"/api/v1/labels", "metadata", "Label names", "match[] start end limit"},
    {"/api/v1/label/{name}/values", "metadata", "Values of a label", "match[] start end limit"},
    {"/api/v1/metadata",
     "metadata",
     "Type, help and unit of metrics",
     "metric limit limit_per_metric"},
    {"/api/v1/databases", "metadata", "Databases", "include_internal"},
    {"/api/v1/metrics", "metadata", "Metrics of a database", "db details"},
    {"/api/v1/aggregates", "metadata", "Aggregates that a query may name", ""},
    {"/api/v1/rules", "prometheus", "Rules: none", ""},
    {"/api/v1/alerts", "prometheus", "Alerts: none", ""},
    {"/api/v1/alertmanagers", "prometheus", "Alertmanagers: none", ""},
    {"/api/v1/targets", "prometheus", "Scrape targets: none", ""},
    {"/api/v1/targets/metadata", "prometheus", "Metadata of scrape targets: none", ""},
    {"/api/v1/scrape_pools", "prometheus", "Scrape pools: none", ""},
    {"/api/v1/admin/tsdb/delete_series", "prometheus", "Not enabled", ""},
    {"/api/v1/admin/tsdb/clean_tombstones", "prometheus", "Not enabled", ""},
    {"/api/v1/admin/tsdb/snapshot", "prometheus", "Not enabled", ""},
    {"/api/v1/status/buildinfo", "status", "Version", ""},
    {"/api/v1/status/runtimeinfo", "status", "State of the process", ""},
    {"/api/v1/status/flags", "status", "Limits in force", ""},
    {"/api/v1/status/config", "status", "Configuration as Prometheus has it: empty", ""},
    {"/api/v1/status/tsdb", "status", "Cardinality: the largest metrics and labels", "limit"},
    {"/api/v1/status/walreplay", "status", "State of recovery", ""},
    {"/federate", "query", "Newest samples as exposition text", "match[]!"},
    {"/api/v1/write", "write", "Prometheus remote write 1.0 and 2.0", ""},
    {"/api/v1/read", "query", "Prometheus remote read, samples and chunks", ""},
    {"/api/v1/import", "write", "Line protocol, as text or {\"lines\": \"...\"}", "db"},
    {"/api/v1/import/prometheus", "write", "Exposition text", "timestamp extra_label db"},
    {"/write", "write", "InfluxDB 1.x line protocol", "db precision"},
    {"/api/v2/write", "write", "InfluxDB 2.x line protocol", "bucket org precision"},
    {"/query", "write", "InfluxDB: CREATE DATABASE and SHOW DATABASES", "q"},
    {"/ping", "write", "InfluxDB's probe", ""},
    {"/api/v1/live", "live", "New samples as server-sent events", "match[]"},
    {"/api/v1/live/snapshot", "live", "The newest sample of each series", "match[]"},
    {"/api/v1/dashboards", "dashboards", "All dashboards, or a new one", ""},
    {"/api/v1/dashboards/{id}", "dashboards", "One dashboard", ""},
    {"/api/v1/dashboards/validate", "dashboards", "Every fault of a dashboard", ""},
    {"/api/v1/topics", "collector", "MQTT topics seen", "search since_ms limit"},
    {"/api/v1/explain",
     "collector",
     "What would be stored from a message",
     "topic payload payload_b64 retain broker"},
    {"/api/v1/collector/series", "collector", "Where series come from", "match[] db"},
    {"/api/v1/collector/status", "collector", "Brokers and counters", ""},
    {"/api/v1/openapi.json", "status", "This document", ""},
    {"/health", "process", "Whether the process is well", ""},
    {"/-/healthy", "process", "Whether the process is well, as Prometheus says it", ""},
    {"/-/ready", "process", "Whether requests are answered", ""},
    {"/metrics", "process", "The process's own metrics", ""},
});

const Description* find(std::string_view pattern) {
    const auto at =
        std::find_if(kDescriptions.begin(), kDescriptions.end(), [pattern](const Description& one) {
            return one.pattern == pattern;
        });
    return at == kDescriptions.end() ? nullptr : &*at;
}

void write_parameter(JsonWriter& json,
                     std::string_view name,
                     std::string_view place,
                     bool required) {
    json.begin_object();
    json.field("name", name);
    json.field("in", place);
    json.field("required", required);
    json.key("schema");
    json.raw(name == "match[]" || name == "extra_label"
                 ? R"({"type":"array","items":{"type":"string"}})"
                 : R"({"type":"string"})");
    json.end_object();
}

void write_parameters(JsonWriter& json, std::string_view pattern, std::string_view names) {
    json.key("parameters");
    json.begin_array();
    for (size_t at = pattern.find('{'); at != std::string_view::npos;
         at = pattern.find('{', at + 1)) {
        write_parameter(json, pattern.substr(at + 1, pattern.find('}', at) - at - 1), "path", true);
    }
    while (!names.empty()) {
        const size_t end = names.find(' ');
        std::string_view name = names.substr(0, end);
        names = end == std::string_view::npos ? std::string_view{} : names.substr(end + 1);
        const bool required = name.ends_with('!');
        if (required) name.remove_suffix(1);
        write_parameter(json, name, "query", required);
    }
    json.end_array();
}

std::string_view role_name(Role role) {
    switch (role) {
        case Role::Public:
            return "public";
        case Role::Read:
            return "read";
        case Role::Write:
            return "write";
        case Role::Admin:
            return "admin";
    }
    return "";
}

void write_operation(JsonWriter& json, const Route& route) {
    const Description* known = find(route.pattern);
    std::string method(method_name(route.method));
    for (char& c : method)
        c = static_cast<char>(c | 0x20);
    json.key(method);
    json.begin_object();
    json.key("tags");
    json.begin_array();
    json.string(known != nullptr ? known->group : "other");
    json.end_array();
    json.field("summary", known != nullptr ? known->summary : "");
    json.field("x-role", role_name(route.role));
    json.field("x-per-database", route.per_database);
    write_parameters(json, route.pattern, known != nullptr ? known->parameters : "");
    json.key("responses");
    json.raw(R"({"default":{"description":"status success or error"}})");
    json.end_object();
}

}  // namespace

bool is_described(std::string_view pattern) {
    return find(pattern) != nullptr;
}

std::string openapi_json(const Router& router) {
    std::map<std::string, std::vector<const Route*>> by_path;
    for (const Route& route : router.routes())
        by_path[route.pattern].push_back(&route);
    JsonWriter json;
    json.begin_object();
    json.field("openapi", "3.0.3");
    json.key("info");
    json.begin_object();
    json.field("title", "Cistern");
    json.field("version", "1");
    json.field("description",
               "Paths under /api/v1 address the default database; /db/NAME in front of them "
               "addresses another, "
               "/db/_all all of them.");
    json.end_object();
    json.key("paths");
    json.begin_object();
    for (const auto& [path, routes] : by_path) {
        json.key(path);
        json.begin_object();
        for (const Route* route : routes)
            write_operation(json, *route);
        json.end_object();
    }
    json.end_object();
    json.end_object();
    return json.take();
}

void add_openapi_route(Router& router) {
    constexpr const char* kPath = "/api/v1/openapi.json";
    const auto document = std::make_shared<std::string>();
    router.add({Method::Get,
                kPath,
                Role::Read,
                [document](const Request&) { return Response::json(200, *document); },
                BodyLimit::None,
                false});
    *document = openapi_json(router);
}

}  // namespace cistern::web
