// SPDX-License-Identifier: MIT
#include "web/query_api.h"

#include "store/promql/engine.h"
#include "web/query_json.h"
#include "web/seed_selector.h"
#include "web/time_parameters.h"
#include "web/window_query.h"

#include <fmt/format.h>

namespace cistern::web {
namespace {

int status_of(std::string_view error_type) {
    if (error_type == "bad_data") return 400;
    if (error_type == "execution") return 422;
    if (error_type == "timeout" || error_type == "canceled") return 503;
    return 500;
}

Response engine_error(const Error& error, std::string_view prefix) {
    if (error.code == ErrorCode::NotFound) return Response::error(error);
    const std::string_view type = promql::error_type(error.code);
    const bool of_query = error.code == ErrorCode::InvalidArgument;
    return Response::error(
        status_of(type), type, of_query ? std::string(prefix) + error.message : error.message);
}

// What both routes take, and what keeps the engine's pointers alive.
struct QueryRequest {
    Parameters parameters;
    std::unique_ptr<store::Querier> querier;
    promql::QueryOptions options;
    // Stops the query when the client leaves; the watch goes before the token.
    std::unique_ptr<promql::CancelToken> cancel = std::make_unique<promql::CancelToken>();
    std::shared_ptr<void> watch;
    std::string text;
    std::string seed_database;  // of a db/metric query
    int64_t now_ms = 0;
    size_t series_max = 0;
    bool with_stats = false;
};

Result<std::shared_ptr<const store::Querier>> find_database(const Services& services,
                                                            const Request& request,
                                                            std::string_view name) {
    auto querier = open_querier(services, request, name);
    if (querier) return std::shared_ptr<const store::Querier>(*std::move(querier));
    // A name that nobody has written to yet has no samples.
    if (querier.error().code == ErrorCode::NotFound) {
        return std::shared_ptr<const store::Querier>(make_empty_querier());
    }
    return tl::unexpected(querier.error());
}

Result<QueryRequest> read_request(const Services& services, const Request& request) {
    QueryRequest query;
    query.parameters = TRY(request.parameters());
    query.now_ms = services.clock.now_ns() / 1'000'000;
    if (const auto timeout = TRY(duration_parameter(query.parameters, "timeout"))) {
        query.options.timeout_ms = std::max<int64_t>(1, *timeout);
    }
    if (const auto lookback = TRY(duration_parameter(query.parameters, "lookback_delta"))) {
        query.options.lookback_ms = *lookback;
    }
    query.series_max = TRY(limit_parameter(query.parameters));
    query.options.cancel = query.cancel.get();
    if (request.watch_client) {
        query.watch = request.watch_client([token = query.cancel.get()] { token->cancel(); });
    }
    query.with_stats = !query.parameters.get("stats").empty();
    query.options.databases = [&services, &request](std::string_view name) {
        return find_database(services, request, name);
    };
    query.text = query.parameters.get("query");
    std::string_view database =
        request.database.empty() ? query.parameters.get("db") : std::string_view{};
    const auto seed = split_seed_selector(query.text);
    if (seed && services.store.find(seed->database) != nullptr) {
        query.seed_database = seed->database;
        query.text = seed->promql;
        database = query.seed_database;
    }
    if (database.empty()) {
        query.querier = TRY(open_querier(services, request));
    } else {
        if (database != kAllDatabases) TRY(store::validate_database_name(database));
        query.querier = TRY(open_querier(services, request, database));
    }
    return query;
}

Response answer_with(QueryRequest& query, promql::QueryResult result) {
    if (!query.seed_database.empty()) name_database(query.seed_database, result);
    auto answer = std::make_shared<QueryAnswer>();
    answer->querier = std::move(query.querier);
    answer->result = std::move(result);
    answer->with_stats = query.with_stats;
    answer->series_max = query.series_max;
    Response response = Response::json(200, {});
    response.stream = [answer](ResponseStream& out) { write_query_answer(*answer, out); };
    return response;
}

Response query(const Services& services, const Request& request) {
    auto query = read_request(services, request);
    if (!query) return Response::error(query.error());
    const auto time = time_parameter(query->parameters, "time", query->now_ms, query->now_ms);
    if (!time) return Response::error(time.error());
    if (wants_windows(query->parameters)) {
        return query_windows_at(
            services, {*query->querier, query->parameters, query->options.databases}, *time);
    }
    // Statistics and limits are known only when everything has been read.
    query->options.stream_samples = !query->with_stats && query->series_max == 0;
    auto result = services.engine.instant(*query->querier, query->text, *time, query->options);
    if (!result) return engine_error(result.error(), "invalid parameter \"query\": ");
    return answer_with(*query, *std::move(result));
}

struct Range {
    int64_t start_ms = 0;
    int64_t end_ms = 0;
    int64_t step_ms = 0;
};

Result<Range> read_range(const QueryRequest& query, int64_t points_max) {
    Range range;
    range.start_ms = TRY(time_parameter(query.parameters, "start", query.now_ms, std::nullopt));
    range.end_ms = TRY(time_parameter(query.parameters, "end", query.now_ms, std::nullopt));
    if (range.end_ms < range.start_ms) {
        return fail(ErrorCode::InvalidArgument,
                    "invalid parameter \"end\": end timestamp must not be before start time");
    }
    auto step = parse_duration_ms(query.parameters.get("step"));
    if (!step) return tl::unexpected(step.error().with_context("invalid parameter \"step\""));
    range.step_ms = *step;
    if (range.step_ms <= 0) {
        return fail(ErrorCode::InvalidArgument,
                    "invalid parameter \"step\": zero or negative query resolution step widths are "
                    "not accepted. "
                    "Try a positive integer");
    }
    if ((range.end_ms - range.start_ms) / range.step_ms > points_max) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format(
                "exceeded maximum resolution of {} points per timeseries. Try decreasing the "
                "query resolution (?step=XX)",
                points_max == 11'000 ? "11,000" : std::to_string(points_max)));
    }
    return range;
}

Response query_range(const Services& services, const Request& request) {
    auto query = read_request(services, request);
    if (!query) return Response::error(query.error());
    const WindowScope scope{*query->querier, query->parameters, query->options.databases};
    if (wants_windows(query->parameters)) return query_windows(services, scope, query->now_ms);
    if (wants_samples(query->parameters)) return query_samples(services, scope, query->now_ms);
    const auto range = read_range(*query, services.engine.options().max_points);
    if (!range) return Response::error(range.error());
    auto result = services.engine.range(*query->querier,
                                        query->text,
                                        range->start_ms,
                                        range->end_ms,
                                        range->step_ms,
                                        query->options);
    if (!result) return engine_error(result.error(), "");
    return answer_with(*query, *std::move(result));
}

}  // namespace

void add_query_routes(Router& router, const Services& services) {
    router.get_or_post("/api/v1/query", Role::Read, [&services](const Request& request) {
        return query(services, request);
    });
    router.get_or_post("/api/v1/query_range", Role::Read, [&services](const Request& request) {
        return query_range(services, request);
    });
}

}  // namespace cistern::web
