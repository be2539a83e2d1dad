// SPDX-License-Identifier: MIT
#include "web/status_api.h"

#include "store/model/time_text.h"
#include "store/promql/format.h"
#include "web/json_writer.h"
#include "web/time_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>
#include <unordered_map>

namespace cistern::web {
namespace {

// What clients decide features by: the Prometheus whose API and query language this is. No
// `features` object: Grafana would take the server for Mimir.
Response build_info(const Services& services) {
    JsonWriter json;
    json.begin_object();
    json.field("version", "2.42.0+cistern." + services.version);
    json.field("revision", services.version);
    json.field("branch", "main");
    json.field("buildUser", "cistern");
    json.field("buildDate", "20260101-00:00:00");
    json.field("goVersion", "go1.19.8");
    json.end_object();
    return success(json.text());
}

std::string retention_text(const Services&) {
    return "see manifest.toml";
}

Response runtime_info(const Services& services) {
    uint64_t series = 0;
    uint64_t corrupt = 0;
    for (const std::string& name : services.store.database_names()) {
        const store::Database* database = services.store.find(name);
        if (database == nullptr) continue;
        const store::DatabaseStats stats = database->stats();
        series += stats.series;
        corrupt += stats.corrupt_blocks;
    }
    JsonWriter json;
    json.begin_object();
    json.field("startTime", store::format_rfc3339(services.started_ns));
    json.field("CWD", services.root);
    json.field("reloadConfigSuccess", true);
    json.field("lastConfigTime", store::format_rfc3339(services.started_ns));
    json.field("corruptionCount", corrupt);
    json.field("timeSeriesCount", series);
    json.field("goroutineCount", uint64_t{services.options.limits.threads});
    json.field("GOMAXPROCS", uint64_t{std::thread::hardware_concurrency()});
    json.field("GOGC", "");
    json.field("GODEBUG", "");
    json.field("storageRetention", retention_text(services));
    json.end_object();
    return success(json.text());
}

Response flags(const Services& services) {
    const LimitOptions& limits = services.options.limits;
    JsonWriter json;
    json.begin_object();
    json.field("query.lookback-delta", promql::format_duration(limits.lookback_ms));
    json.field("query.max-concurrency", std::to_string(limits.query_concurrency));
    json.field("query.max-samples", std::to_string(limits.query_samples));
    json.field("query.timeout", promql::format_duration(limits.query_timeout_ms));
    json.field("storage.tsdb.path", services.root);
    json.field("web.enable-admin-api", "false");
    json.field("web.enable-remote-write-receiver", "true");
    json.field("web.listen-address", services.options.listen);
    json.end_object();
    return success(json.text());
}

// Counts of something by name, largest first.
using Counts = std::unordered_map<std::string, uint64_t>;

void write_top(JsonWriter& json, std::string_view key, const Counts& counts, size_t limit) {
    std::vector<std::pair<std::string, uint64_t>> sorted(counts.begin(), counts.end());
    const auto larger = [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    };
    std::sort(sorted.begin(), sorted.end(), larger);
    if (sorted.size() > limit) sorted.resize(limit);
    json.key(key);
    json.begin_array();
    for (const auto& [name, value] : sorted) {
        json.begin_object();
        json.field("name", name);
        json.field("value", value);
        json.end_object();
    }
    json.end_array();
}

struct Cardinality {
    Counts series_by_metric;
    Counts series_by_pair;
    Counts values_by_label;
    Counts bytes_by_label;

    void add(const store::Labels& labels) {
        ++series_by_metric[std::string(labels.metric())];
        for (const store::Label& label : labels.all()) {
            bytes_by_label[label.name] += label.value.size();
            if (series_by_pair[label.name + "=" + label.value]++ == 0)
                ++values_by_label[label.name];
        }
    }
};

Result<std::string> tsdb_json(const Services& services, const Request& request) {
    size_t limit = TRY(limit_parameter(request.query));
    if (limit == 0) limit = 10;
    const auto querier = TRY(open_querier(services, request));
    Cardinality cardinality;
    const auto series = TRY(querier->select({}, {}));
    for (const auto& handle : series)
        cardinality.add(*handle.labels);
    JsonWriter json;
    json.begin_object();
    json.key("headStats");
    json.begin_object();
    json.field("numSeries", static_cast<uint64_t>(series.size()));
    json.field("numLabelPairs", static_cast<uint64_t>(cardinality.series_by_pair.size()));
    json.field("chunkCount", uint64_t{0});
    json.field("minTime", int64_t{0});
    json.field("maxTime", services.clock.now_ns() / 1'000'000);
    json.end_object();
    write_top(json, "seriesCountByMetricName", cardinality.series_by_metric, limit);
    write_top(json, "labelValueCountByLabelName", cardinality.values_by_label, limit);
    write_top(json, "memoryInBytesByLabelName", cardinality.bytes_by_label, limit);
    write_top(json, "seriesCountByLabelValuePair", cardinality.series_by_pair, limit);
    json.end_object();
    return json.take();
}

Response tsdb(const Services& services, const Request& request) {
    auto json = tsdb_json(services, request);
    return json ? success(*json) : Response::error(json.error());
}

}  // namespace

void add_status_routes(Router& router, const Services& services) {
    const auto add = [&](const char* name, Response (*answer)(const Services&)) {
        router.get(fmt::format("/api/v1/status/{}", name),
                   Role::Read,
                   [&services, answer](const Request&) { return answer(services); });
    };
    add("buildinfo", build_info);
    add("runtimeinfo", runtime_info);
    add("flags", flags);
    router.get("/api/v1/status/config", Role::Read, [](const Request&) {
        return success(R"({"yaml":""})");
    });
    router.get("/api/v1/status/walreplay", Role::Read, [](const Request&) {
        return success(R"({"min":0,"max":0,"current":0})");
    });
    router.get("/api/v1/status/tsdb", Role::Read, [&services](const Request& request) {
        return tsdb(services, request);
    });
}

}  // namespace cistern::web
