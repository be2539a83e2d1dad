// SPDX-License-Identifier: MIT
#include "web/window_query.h"

#include "store/base/time_units.h"
#include "store/engine/aggregate.h"
#include "store/model/time_text.h"
#include "store/promql/format.h"
#include "store/promql/parser.h"
#include "web/json_labels.h"
#include "web/query_json.h"
#include "web/seed_selector.h"
#include "web/time_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cistern::web {
namespace {

constexpr size_t kWindowsMax = 1'000'000;

// Seconds with as many digits as the time has.
void write_time_ns(JsonWriter& json, store::TimestampNs time) {
    if (time % 1'000'000 == 0) {
        json.time_ms(time / 1'000'000);
        return;
    }
    int64_t seconds = time / kNsPerSecond;
    int64_t rest = time % kNsPerSecond;
    const bool negative = time < 0;
    if (negative) {
        seconds = -seconds;
        rest = -rest;
    }
    std::string text = fmt::format("{}{}.{:09}", negative ? "-" : "", seconds, rest);
    text.erase(text.find_last_not_of('0') + 1);
    json.raw(text);
}

struct Selection {
    std::shared_ptr<const store::Querier> owned;  // of another database; null for the request's
    const store::Querier* querier = nullptr;
    std::string database;
    std::vector<store::SeriesHandle> series;
    store::TimeRange range;
};

Result<store::TimeRange> read_range(const Parameters& parameters, int64_t now_ms) {
    const auto unit = TRY(store::parse_number_unit(parameters.get("timestamp_unit")));
    const int64_t now_ns = now_ms * 1'000'000;
    store::TimeRange range;
    const std::string_view start = parameters.get("start");
    if (start.empty())
        return fail(ErrorCode::InvalidArgument, "invalid parameter \"start\": it is required");
    auto begin = store::parse_time(start, now_ns, unit);
    if (!begin) return tl::unexpected(begin.error().with_context("invalid parameter \"start\""));
    range.begin = *begin;
    if (const std::string_view text = parameters.get("end"); !text.empty()) {
        auto end = store::parse_time(text, now_ns, unit);
        if (!end) return tl::unexpected(end.error().with_context("invalid parameter \"end\""));
        range.end = *end == INT64_MAX ? INT64_MAX : *end + 1;
    }
    if (range.end <= range.begin) {
        return fail(ErrorCode::InvalidArgument,
                    "invalid parameter \"end\": end timestamp must not be before start time");
    }
    return range;
}

Result<Selection> select(const WindowScope& scope, store::TimeRange range) {
    Selection selection;
    selection.range = range;
    selection.querier = &scope.querier;
    std::string_view text = scope.parameters.get("query");
    const auto seed = split_seed_selector(text);
    if (seed) {
        selection.database = seed->database;
        text = seed->promql;
    }
    auto expr = promql::parse(text);
    if (!expr) return tl::unexpected(expr.error().with_context("invalid parameter \"query\""));
    const auto* selector = promql::as_if<promql::VectorSelector>(**expr);
    if (selector == nullptr) {
        return fail(ErrorCode::InvalidArgument,
                    "invalid parameter \"query\": aggregate and window need a selector: db/metric "
                    "or metric{...}");
    }
    if (!selector->database.empty()) selection.database = selector->database;
    if (!selection.database.empty()) {
        selection.owned = TRY(scope.databases(selection.database));
        selection.querier = selection.owned.get();
    }
    selection.series = TRY(selection.querier->select(selector->matchers, range));
    return selection;
}

void write_metric(JsonWriter& json, const Selection& selection, const store::SeriesHandle& series) {
    json.key("metric");
    if (selection.database.empty()) {
        write_labels(json, *series.labels);
        return;
    }
    store::Labels named = *series.labels;
    named.set("db", selection.database);
    write_labels(json, named);
}

void begin_answer(JsonWriter& json, std::string_view type) {
    json.begin_object();
    json.field("status", "success");
    json.key("data");
    json.begin_object();
    json.field("resultType", type);
    json.key("result");
    json.begin_array();
}

void end_answer(JsonWriter& json) {
    json.end_array();
    json.end_object();
    json.end_object();
}

void write_value(JsonWriter& json, double value) {
    json.open_plain_string();
    promql::append_value(json.buffer(), value);
    json.close_plain_string();
}

void write_row(JsonWriter& json, store::TimestampNs time, double value) {
    if (time % kNsPerMs == 0) {
        write_point(json, time / kNsPerMs, value);
        return;
    }
    json.begin_array();
    write_time_ns(json, time);
    write_value(json, value);
    json.end_array();
}

Result<int64_t> read_window(const Parameters& parameters) {
    std::string_view text = parameters.get("window");
    if (text.empty()) text = parameters.get("step");
    const int64_t window_ms =
        TRY(parse_duration_ms(text).with_context("invalid parameter \"window\""));
    if (window_ms <= 0)
        return fail(ErrorCode::InvalidArgument,
                    "invalid parameter \"window\": it must be positive");
    return window_ms * 1'000'000;
}

struct WantedAggregates {
    std::vector<std::string_view> names;  // as asked for
    std::vector<store::Aggregate> aggregates;
};

// "avg,max" in the order given.
Result<WantedAggregates> read_aggregates(const Parameters& parameters) {
    WantedAggregates wanted;
    std::string_view list = parameters.get("aggregate");
    while (true) {
        const size_t end = list.find(',');
        const std::string_view name = list.substr(0, end);
        const auto aggregate = store::parse_aggregate(name);
        if (!aggregate) {
            return fail(
                ErrorCode::InvalidArgument,
                fmt::format("unknown aggregate \"{}\": /api/v1/aggregates lists the known ones",
                            name));
        }
        wanted.names.push_back(name);
        wanted.aggregates.push_back(*aggregate);
        if (end == std::string_view::npos) return wanted;
        list.remove_prefix(end + 1);
    }
}

// Where a row stands: at the end of its window, but not beyond the range's last nanosecond.
store::TimestampNs time_of(const store::AggregateRow& row, const store::TimeRange& range) {
    return std::min(row.window.end_ns, range.end - 1);
}

struct WindowQuery {
    Selection selection;
    WantedAggregates wanted;
    int64_t window_ns = 0;
};

Result<WindowQuery> read_window_query(const WindowScope& scope, int64_t now_ms) {
    WindowQuery query;
    query.window_ns = TRY(read_window(scope.parameters));
    query.wanted = TRY(read_aggregates(scope.parameters));
    query.selection = TRY(select(scope, TRY(read_range(scope.parameters, now_ms))));
    return query;
}

Status write_windows(JsonWriter& json,
                     const WindowQuery& query,
                     const store::SeriesHandle& series) {
    const store::TimeRange& range = query.selection.range;
    const auto rows = TRY(store::aggregate_windows(
        *query.selection.querier, series, range, query.window_ns, query.wanted.aggregates));
    if (rows.size() > kWindowsMax) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("more than {} windows: use a larger window", kWindowsMax));
    }
    for (size_t a = 0; a < query.wanted.names.size() && !rows.empty(); ++a) {
        json.begin_object();
        write_metric(json, query.selection, series);
        json.field("aggregate", query.wanted.names[a]);
        json.field("window", store::format_duration(query.window_ns));
        json.key("values");
        json.begin_array();
        for (size_t i = 0; i < rows.size(); ++i)
            write_row(json, time_of(rows[i], range), rows[i].values[a]);
        json.end_array();
        json.end_object();
    }
    return {};
}

Status write_samples(JsonWriter& json,
                     const Selection& selection,
                     const store::SeriesHandle& series,
                     uint64_t& left) {
    std::vector<store::TimestampNs> times;
    std::vector<store::ValueBits> values;
    TRY(selection.querier->read_bits(series, selection.range, times, values));
    if (times.size() > left) {
        return fail(ErrorCode::ResourceExhausted,
                    "query processing would load too many samples into memory");
    }
    left -= times.size();
    json.begin_object();
    write_metric(json, selection, series);
    json.key("values");
    json.begin_array();
    for (size_t i = 0; i < times.size(); ++i) {
        if (store::is_stale_marker(values[i].as_double()) && series.type == store::ValueType::Float)
            continue;
        json.begin_array();
        write_time_ns(json, times[i]);
        if (series.type == store::ValueType::Int) {
            json.plain_string(std::to_string(values[i].as_int()));
        } else {
            write_value(json, values[i].as_double());
        }
        json.end_array();
    }
    json.end_array();
    json.end_object();
    return {};
}

}  // namespace

bool wants_windows(const Parameters& parameters) {
    return !parameters.get("aggregate").empty();
}

bool wants_samples(const Parameters& parameters) {
    if (!parameters.get("step").empty()) return false;
    const std::string_view query = parameters.get("query");
    if (split_seed_selector(query)) return true;
    const auto expr = promql::parse(query);
    if (!expr) return false;
    const auto* selector = promql::as_if<promql::VectorSelector>(**expr);
    if (selector == nullptr) return false;
    return !selector->database.empty() || parameters.find("db").has_value();
}

Response query_windows(const Services&, const WindowScope& scope, int64_t now_ms) {
    auto query = read_window_query(scope, now_ms);
    if (!query) return Response::error(query.error());
    JsonWriter json;
    begin_answer(json, "matrix");
    for (const auto& series : query->selection.series) {
        const Status written = write_windows(json, *query, series);
        if (!written) return Response::error(written.error());
    }
    end_answer(json);
    return Response::json(200, json.take());
}

Response query_windows_at(const Services&, const WindowScope& scope, int64_t time_ms) {
    const auto window = read_window(scope.parameters);
    if (!window) return Response::error(window.error());
    const auto wanted = read_aggregates(scope.parameters);
    if (!wanted) return Response::error(wanted.error());
    const int64_t end = time_ms * 1'000'000;
    auto selection = select(scope, {end - *window, end + 1});
    if (!selection) return Response::error(selection.error());
    JsonWriter json;
    begin_answer(json, "vector");
    for (const auto& series : selection->series) {
        const auto rows = store::aggregate_windows(
            *selection->querier, series, selection->range, 0, wanted->aggregates);
        if (!rows) return Response::error(rows.error());
        for (size_t a = 0; a < wanted->names.size() && !rows->empty(); ++a) {
            json.begin_object();
            write_metric(json, *selection, series);
            json.field("aggregate", wanted->names[a]);
            json.field("window", store::format_duration(*window));
            json.key("value");
            const store::AggregateRow row = (*rows)[0];
            write_row(json, time_of(row, selection->range), row.values[a]);
            json.end_object();
        }
    }
    end_answer(json);
    return Response::json(200, json.take());
}

Response query_samples(const Services& services, const WindowScope& scope, int64_t now_ms) {
    const auto range = read_range(scope.parameters, now_ms);
    if (!range) return Response::error(range.error());
    auto selected = select(scope, *range);
    if (!selected) return Response::error(selected.error());
    JsonWriter json;
    begin_answer(json, "matrix");
    uint64_t left = services.options.limits.query_samples;
    for (const auto& series : selected->series) {
        const Status written = write_samples(json, *selected, series, left);
        if (!written) return Response::error(422, "execution", written.error().message);
    }
    end_answer(json);
    return Response::json(200, json.take());
}

void name_database(std::string_view database, promql::QueryResult& result) {
    for (auto& series : result.series)
        series.labels.set("db", database);
}

}  // namespace cistern::web
