// SPDX-License-Identifier: MIT
#include "web/series_api.h"

#include "web/json_labels.h"
#include "web/selectors.h"
#include "web/time_parameters.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::web {
namespace {

// What all three routes take.
struct Scope {
    std::unique_ptr<store::Querier> querier;
    std::vector<MatcherSet> selectors;
    store::TimeRange range;
    size_t limit = 0;
};

// `of_match` stands before what is wrong with a selector: 2.42 has it on one route of three.
Result<Scope> read_scope(const Services& services,
                         const Request& request,
                         std::string_view of_match = {}) {
    const Parameters parameters = TRY(request.parameters());
    Scope scope;
    scope.range = TRY(range_parameters(parameters, services.clock.now_ns() / 1'000'000));
    auto selectors = parse_match_parameters(parameters);
    if (!selectors) {
        return fail(selectors.error().code, std::string(of_match) + selectors.error().message);
    }
    scope.selectors = *std::move(selectors);
    scope.limit = TRY(limit_parameter(parameters));
    scope.querier = TRY(open_querier(services, request));
    return scope;
}

template <class T>
bool cut(std::vector<T>& list, size_t limit) {
    if (limit == 0 || list.size() <= limit) return false;
    list.resize(limit);
    return true;
}

void finish_document(JsonWriter& json, bool was_cut) {
    if (was_cut) {
        json.key("warnings");
        json.begin_array();
        json.string("results truncated due to limit");
        json.end_array();
    }
    json.end_object();
}

Response string_list(std::vector<std::string> list, size_t limit) {
    const bool was_cut = cut(list, limit);
    JsonWriter json;
    json.begin_object();
    json.field("status", "success");
    json.key("data");
    json.begin_array();
    for (const std::string& text : list)
        json.string(text);
    json.end_array();
    finish_document(json, was_cut);
    return Response::json(200, json.take());
}

// The union of what `ask` gives for each selector, sorted; for all series without one.
template <class Ask>
Result<std::vector<std::string>> union_of(const Scope& scope, const Ask& ask) {
    if (scope.selectors.empty()) return ask(std::span<const store::Matcher>{});
    std::vector<std::string> all;
    for (const MatcherSet& selector : scope.selectors) {
        std::vector<std::string> some = TRY(ask(std::span<const store::Matcher>(selector)));
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

Response labels(const Services& services, const Request& request) {
    auto scope = read_scope(services, request);
    if (!scope) return Response::error(scope.error());
    auto names = union_of(*scope, [&](std::span<const store::Matcher> matchers) {
        return scope->querier->label_names(matchers, scope->range);
    });
    if (!names) return Response::error(names.error());
    return string_list(*std::move(names), scope->limit);
}

Response label_values(const Services& services, const Request& request) {
    const std::string_view label = request.path_value("name");
    if (!store::validate_label_name(label)) {
        return Response::error(400, "bad_data", fmt::format("invalid label name: \"{}\"", label));
    }
    auto scope = read_scope(services, request);
    if (!scope) return Response::error(scope.error());
    auto values = union_of(*scope, [&](std::span<const store::Matcher> matchers) {
        return scope->querier->label_values(label, matchers, scope->range);
    });
    if (!values) return Response::error(values.error());
    return string_list(*std::move(values), scope->limit);
}

Result<std::vector<store::SeriesHandle>> select_all(const Scope& scope) {
    std::vector<store::SeriesHandle> all;
    for (const MatcherSet& selector : scope.selectors) {
        auto some = TRY(scope.querier->select(selector, scope.range));
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    if (scope.selectors.size() < 2) return all;
    const auto less = [](const auto& a, const auto& b) { return *a.labels < *b.labels; };
    const auto equal = [](const auto& a, const auto& b) { return *a.labels == *b.labels; };
    std::sort(all.begin(), all.end(), less);
    all.erase(std::unique(all.begin(), all.end(), equal), all.end());
    return all;
}

Response series(const Services& services, const Request& request) {
    auto scope = read_scope(services, request, "invalid parameter \"match[]\": ");
    if (!scope) return Response::error(scope.error());
    if (scope->selectors.empty())
        return Response::error(400, "bad_data", "no match[] parameter provided");
    auto found = select_all(*scope);
    if (!found) return Response::error(found.error());
    const bool was_cut = cut(*found, scope->limit);
    Response response = Response::json(200, {});
    response.stream = [list = *std::move(found), was_cut](ResponseStream& out) {
        JsonWriter json;
        json.begin_object();
        json.field("status", "success");
        json.key("data");
        json.begin_array();
        for (const auto& handle : list) {
            write_labels(json, *handle.labels);
            if (json.size() < 32'768) continue;
            if (!out.write(json.text())) return;
            json.drain();
        }
        json.end_array();
        finish_document(json, was_cut);
        out.write(json.text());
    };
    return response;
}

}  // namespace

void add_series_routes(Router& router, const Services& services) {
    router.get_or_post("/api/v1/series", Role::Read, [&services](const Request& request) {
        return series(services, request);
    });
    router.get_or_post("/api/v1/labels", Role::Read, [&services](const Request& request) {
        return labels(services, request);
    });
    router.get("/api/v1/label/{name}/values", Role::Read, [&services](const Request& request) {
        return label_values(services, request);
    });
}

}  // namespace cistern::web
