// SPDX-License-Identifier: MIT
#include "web/federate_api.h"

#include "store/base/time_units.h"
#include "store/promql/format.h"
#include "web/selectors.h"
#include "web/time_parameters.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::web {
namespace {

void append_value(std::string& out, std::string_view value) {
    out += '"';
    for (const char c : value) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

// Names that the format cannot write bare are quoted inside the braces (Prometheus 3).
void append_series(std::string& out, const store::Labels& labels) {
    const std::string_view metric = labels.metric();
    const bool bare = std::all_of(metric.begin(), metric.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == ':';
    });
    if (bare) out += metric;
    out += '{';
    bool first = true;
    if (!bare) {
        append_value(out, metric);
        first = false;
    }
    for (const store::Label& label : labels.all()) {
        if (label.name == store::kMetricNameLabel) continue;
        if (!first) out += ',';
        first = false;
        if (promql::is_label_name(label.name)) {
            out += label.name;
        } else {
            append_value(out, label.name);
        }
        out += '=';
        append_value(out, label.value);
    }
    out += '}';
}

store::TimeRange lookback_of(const store::SeriesHandle& series,
                             int64_t now_ns,
                             int64_t lookback_ns) {
    store::TimeRange range;
    range.end = now_ns + 1;
    if (series.stale_after_ns == store::kNeverStale) return range;
    range.begin = now_ns - (series.stale_after_ns > 0 ? series.stale_after_ns : lookback_ns);
    return range;
}

Result<std::vector<store::SeriesHandle>> select_all(const store::Querier& querier,
                                                    const std::vector<MatcherSet>& selectors) {
    std::vector<store::SeriesHandle> all;
    for (const MatcherSet& selector : selectors) {
        auto some = TRY(querier.select(selector, {}));
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    std::sort(
        all.begin(), all.end(), [](const auto& a, const auto& b) { return *a.labels < *b.labels; });
    const auto same = [](const auto& a, const auto& b) { return *a.labels == *b.labels; };
    all.erase(std::unique(all.begin(), all.end(), same), all.end());
    return all;
}

Result<std::string> federate(const Services& services, const Request& request) {
    const auto selectors = TRY(parse_match_parameters(request.query));
    const auto querier = TRY(open_querier(services, request));
    const int64_t now_ns = services.clock.now_ns();
    const int64_t lookback_ns = services.options.limits.lookback_ms * kNsPerMs;
    std::string out;
    std::string_view family;
    const auto all = TRY(select_all(*querier, selectors));
    for (const auto& series : all) {
        const auto newest = querier->last(series, lookback_of(series, now_ns, lookback_ns));
        if (!newest) continue;
        const double value = newest->value.number(series.type);
        if (store::is_stale_marker(value)) continue;
        if (series.labels->metric() != family) {
            family = series.labels->metric();
            fmt::format_to(std::back_inserter(out), "# TYPE {} untyped\n", family);
        }
        append_series(out, *series.labels);
        out += ' ';
        promql::append_value(out, value);
        fmt::format_to(std::back_inserter(out), " {}\n", newest->timestamp / kNsPerMs);
    }
    return out;
}

}  // namespace

void add_federate_routes(Router& router, const Services& services) {
    router.get("/federate", Role::Read, [&services](const Request& request) {
        auto text = federate(services, request);
        if (!text && text.error().code == ErrorCode::InvalidArgument) {
            return Response::text(400, text.error().message + "\n");
        }
        if (!text) return Response::error(text.error());
        Response response = Response::text(200, *std::move(text));
        response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        return response;
    });
}

}  // namespace cistern::web
