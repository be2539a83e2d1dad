// SPDX-License-Identifier: MIT
// cistern query: samples of metrics by name, or a PromQL expression, from the files of a root.
#include "app/command_line.h"
#include "app/open_store.h"
#include "app/query_output.h"
#include "app/terminal.h"
#include "store/base/time_units.h"
#include "store/model/time_text.h"
#include "store/promql/engine.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace cistern::app {
namespace {

struct QueryOptions {
    std::string root;
    std::string database;
    std::string metric;
    std::string promql;
    std::string start;
    std::string end;
    std::string step;
    std::string format = "table";
    bool json = false;
};

struct Prepared {
    std::unique_ptr<store::Store> store;
    std::unique_ptr<store::Querier> querier;
};

Result<Prepared> prepare(const QueryOptions& options) {
    Prepared prepared;
    prepared.store = TRY(open_store_for_reading(options.root));
    if (options.database == "_all") {
        prepared.querier = prepared.store->querier_of_all();
        return prepared;
    }
    const store::Database* database = prepared.store->find(options.database);
    if (database == nullptr) {
        return fail(ErrorCode::NotFound,
                    fmt::format("there is no database '{}' in {}", options.database, options.root));
    }
    prepared.querier = database->querier();
    return prepared;
}

Result<int64_t> time_or(const std::string& text, int64_t otherwise) {
    return text.empty() ? Result<int64_t>(otherwise)
                        : store::parse_time(text, system_clock().now_ns());
}

Result<std::string> query_metrics(const QueryOptions& options, const Prepared& prepared) {
    const int64_t began = system_clock().monotonic_ns();
    store::TimeRange range;
    range.begin = TRY(time_or(options.start, range.begin).with_context("--start"));
    range.end = TRY(time_or(options.end, range.end).with_context("--end"));
    const auto matcher = TRY(store::Matcher::create(
        std::string(store::kMetricNameLabel), store::MatchOp::Regex, options.metric));
    MetricRows rows{options.root, options.database, options.metric, range, {}};
    for (const auto& series : TRY(prepared.querier->select(std::span(&matcher, 1), range))) {
        std::vector<store::TimestampNs> timestamps;
        std::vector<store::ValueBits> values;
        TRY(prepared.querier->read_bits(series, range, timestamps, values));
        rows.series.push_back(
            {series.labels->to_string(), series.type, std::move(timestamps), std::move(values)});
    }
    const int64_t took_ns = system_clock().monotonic_ns() - began;
    return options.json ? rows.to_json(took_ns) : rows.to_table();
}

Result<std::string> query_promql(const QueryOptions& options, const Prepared& prepared) {
    const int64_t now = system_clock().now_ns();
    const int64_t end = TRY(time_or(options.end, now).with_context("--end"));
    promql::Engine engine;
    promql::QueryResult result;
    if (options.step.empty()) {
        result = TRY(engine.instant(*prepared.querier, options.promql, end / kNsPerMs));
    } else {
        const int64_t step = TRY(store::parse_duration(options.step).with_context("--step"));
        const int64_t hour = 3600 * kNsPerSecond;
        const int64_t start = TRY(time_or(options.start, end - hour).with_context("--start"));
        result = TRY(engine.range(
            *prepared.querier, options.promql, start / kNsPerMs, end / kNsPerMs, step / kNsPerMs));
    }
    return options.json ? result_to_json(result) : result_to_table(result);
}

int run_query(QueryOptions options) {
    if (options.metric.empty() == options.promql.empty()) {
        fmt::print(stderr, "cistern: give either --metric or --promql\n");
        return kExitUsage;
    }
    options.json = options.json || options.format == "json";
    const auto prepared = prepare(options);
    if (!prepared) {
        return report(prepared.error());
    }
    const auto printed = options.promql.empty() ? query_metrics(options, *prepared)
                                                : query_promql(options, *prepared);
    if (!printed) {
        return report(printed.error());
    }
    fmt::print("{}", *printed);
    return exit_after_reading(*prepared->store,
                              options.database == "_all" ? std::string() : options.database);
}

}  // namespace

void add_query(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<QueryOptions>();
    auto* command =
        app.add_subcommand("query", "Print samples or the result of a PromQL expression");
    command->footer(
        "Times: RFC 3339, \"YYYY-MM-DD [HH[:MM[:SS[.n]]]]\" (UTC), unix seconds or ns, or "
        "relative: -6h.\n"
        "Reads the files of the root; works beside a running server and sees what it has logged.\n"
        "\n"
        "Examples:\n"
        "  cistern query --root data --metric 'temperature|humidity' --start -1h\n"
        "  cistern query --root data --promql 'avg by (device) (temperature)'\n"
        "  cistern query --root data --promql 'rate(energy_total[5m])' --start -1d --step 5m "
        "--format json");
    add_root_option(*command, options->root);
    command->add_option("--db", options->database, "The database; _all for every one")
        ->type_name("NAME")
        ->default_val("main");
    command->add_option("--metric", options->metric, "Metrics whose name matches")
        ->type_name("REGEX");
    command
        ->add_option(
            "--promql", options->promql, "The expression; instant at --end unless --step is given")
        ->type_name("EXPR");
    command->add_option("--start", options->start, "From this time on")->type_name("TIME");
    command->add_option("--end", options->end, "Up to this time (default: now)")->type_name("TIME");
    command->add_option("--step", options->step, "Resolution of a range query")
        ->type_name("DURATION");
    command->add_option("--format", options->format, "How to print")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->add_flag("--json", options->json, "The same as --format json");
    command->callback([options, &exit_code] { exit_code = run_query(*options); });
}

}  // namespace cistern::app
