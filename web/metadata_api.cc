// SPDX-License-Identifier: MIT
#include "web/metadata_api.h"

#include "store/promql/parser.h"
#include "store/promql/printer.h"
#include "web/json_writer.h"
#include "web/metric_family.h"
#include "web/syntax_tree.h"
#include "web/time_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace cistern::web {
namespace {

using ByFamily = std::map<std::string, std::vector<store::SeriesMetadata>>;

bool is_known(const store::SeriesMetadata& metadata) {
    return !metadata.type.empty() || !metadata.help.empty() || !metadata.unit.empty();
}

Status collect(const store::Database& database,
               std::span<const store::Matcher> matchers,
               std::string_view wanted,
               ByFamily& into) {
    const auto querier = database.querier();
    for (const auto& handle : TRY(querier->select(matchers, {}))) {
        store::SeriesMetadata metadata = database.metadata(handle.id);
        metadata.stale_after_ns = 0;  // not of the metric
        if (!is_known(metadata)) continue;
        const std::string_view family = family_of(handle.labels->metric(), metadata.type);
        if (!wanted.empty() && family != wanted) continue;
        auto& known = into[std::string(family)];
        if (std::find(known.begin(), known.end(), metadata) == known.end())
            known.push_back(std::move(metadata));
    }
    return {};
}

// Of one family, or of all.
Status collect(const store::Database& database, std::string_view family, ByFamily& into) {
    if (family.empty()) return collect(database, {}, {}, into);
    for (const std::string_view type : {"histogram", "gaugehistogram"}) {
        for (std::string& metric : family_metrics(family, type)) {
            const auto matcher =
                store::Matcher::equal(std::string(store::kMetricNameLabel), std::move(metric));
            TRY(collect(database, {&matcher, 1}, family, into));
        }
    }
    return {};
}

Result<ByFamily> collect(const Services& services,
                         const Request& request,
                         std::string_view metric) {
    const std::string name = TRY(database_name(services, request));
    TRY(open_querier(services, request, name));  // says whether it exists and may be read
    ByFamily found;
    const auto names =
        name == kAllDatabases ? services.store.database_names() : std::vector<std::string>{name};
    for (const std::string& one : names) {
        const store::Database* database = services.store.find(one);
        if (database != nullptr) TRY(collect(*database, metric, found));
    }
    return found;
}

void write_metadata(JsonWriter& json, const ByFamily& found, size_t limit, size_t per_metric) {
    json.begin_object();
    size_t metrics = 0;
    for (const auto& [metric, list] : found) {
        if (limit != 0 && metrics++ == limit) break;
        json.key(metric);
        json.begin_array();
        size_t written = 0;
        for (const store::SeriesMetadata& metadata : list) {
            if (per_metric != 0 && written++ == per_metric) break;
            json.begin_object();
            json.field("type", metadata.type.empty() ? "unknown" : std::string_view(metadata.type));
            json.field("help", metadata.help);
            json.field("unit", metadata.unit);
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
}

Response metadata(const Services& services, const Request& request) {
    const auto limit = limit_parameter(request.query);
    if (!limit) return Response::error(limit.error());
    const auto per_metric = limit_parameter(request.query, "limit_per_metric");
    if (!per_metric) return Response::error(per_metric.error());
    auto found = collect(services, request, request.query.get("metric"));
    if (!found) return Response::error(found.error());
    JsonWriter json;
    write_metadata(json, *found, *limit, *per_metric);
    return success(json.text());
}

Result<promql::ExprPtr> parse_query_parameter(const Request& request) {
    const Parameters parameters = TRY(request.parameters());
    auto expr = promql::parse(parameters.get("query"));
    if (expr) return expr;
    return fail(ErrorCode::InvalidArgument, "invalid parameter \"query\": " + expr.error().message);
}

Response format_query(const Request& request) {
    auto expr = parse_query_parameter(request);
    if (!expr) return Response::error(expr.error());
    JsonWriter json;
    json.string(promql::pretty(**expr));
    return success(json.text());
}

Response parse_query(const Request& request) {
    auto expr = parse_query_parameter(request);
    if (!expr) return Response::error(expr.error());
    JsonWriter json;
    write_syntax_tree(json, **expr);
    return success(json.text());
}

void add_fixed(Router& router, const std::string& pattern, std::string_view data_json) {
    router.get(pattern, Role::Read, [data_json](const Request&) { return success(data_json); });
}

// None are stored, but what is wrong with a request is told. Grafana's probe sends times in ms as
// if they were seconds.
Status check_exemplars(const Request& request, int64_t now_ms) {
    const Parameters parameters = TRY(request.parameters());
    const int64_t start = TRY(time_parameter(parameters, "start", now_ms, kTimeMsMin));
    const int64_t end = TRY(time_parameter(parameters, "end", now_ms, kTimeMsMax));
    if (end < start) {
        return fail(ErrorCode::InvalidArgument, "end timestamp must not be before start timestamp");
    }
    TRY(promql::parse(parameters.get("query")));
    return {};
}

Response exemplars(const Services& services, const Request& request) {
    const Status good = check_exemplars(request, services.clock.now_ns() / 1'000'000);
    return good ? success("[]") : Response::error(good.error());
}

}  // namespace

void add_metadata_routes(Router& router, const Services& services) {
    router.get("/api/v1/metadata", Role::Read, [&services](const Request& request) {
        return metadata(services, request);
    });
    router.get_or_post("/api/v1/format_query", Role::Read, format_query);
    router.get_or_post("/api/v1/parse_query", Role::Read, parse_query);
    router.get_or_post("/api/v1/query_exemplars", Role::Read, [&services](const Request& request) {
        return exemplars(services, request);
    });
    add_fixed(router, "/api/v1/rules", R"({"groups":[]})");
    add_fixed(router, "/api/v1/alerts", R"({"alerts":[]})");
    add_fixed(
        router, "/api/v1/alertmanagers", R"({"activeAlertmanagers":[],"droppedAlertmanagers":[]})");
    add_fixed(router, "/api/v1/targets", R"({"activeTargets":[],"droppedTargets":[]})");
    add_fixed(router, "/api/v1/targets/metadata", "[]");
    add_fixed(router, "/api/v1/scrape_pools", R"({"scrapePools":[]})");
    const Handler disabled = [](const Request&) {
        return Response::error(500, "unavailable", "admin APIs disabled");
    };
    for (const char* action : {"delete_series", "clean_tombstones", "snapshot"}) {
        router.add(
            {Method::Post, fmt::format("/api/v1/admin/tsdb/{}", action), Role::Admin, disabled});
        router.add(
            {Method::Put, fmt::format("/api/v1/admin/tsdb/{}", action), Role::Admin, disabled});
    }
}

}  // namespace cistern::web
