// SPDX-License-Identifier: MIT
#include "web/import_api.h"

#include "store/base/time_units.h"
#include "store/model/line_protocol.h"
#include "store/model/prometheus_text.h"
#include "store/model/series_key.h"
#include "store/model/time_text.h"
#include "web/body_lines.h"
#include "web/import_batch.h"
#include "web/import_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

namespace cistern::web {
namespace {

constexpr size_t kMetadataMax = 10'000;  // families of one request

bool is_json(const Request& request) {
    return request.headers.get("Content-Type").starts_with("application/json");
}

// The family of a sample: counters of OpenMetrics, histograms and summaries add a suffix.
const store::SeriesMetadata* metadata_of(
    const std::map<std::string, store::SeriesMetadata>& metadata, std::string_view metric) {
    const auto exact = metadata.find(std::string(metric));
    if (exact != metadata.end()) return &exact->second;
    for (const std::string_view suffix : {"_total", "_bucket", "_sum", "_count"}) {
        if (!metric.ends_with(suffix)) continue;
        const auto family =
            metadata.find(std::string(metric.substr(0, metric.size() - suffix.size())));
        if (family != metadata.end()) return &family->second;
    }
    return nullptr;
}

// The time of samples that bring none: of arrival, cut to ms so that series share their times.
store::TimestampNs arrival(const Services& services) {
    return services.clock.now_ns() / kNsPerMs * kNsPerMs;
}

// One sample's error goes into the report; any other stops the import.
bool report_or_stop(ImportReport& report, size_t line, const Status& added) {
    if (added) return true;
    if (added.error().code == ErrorCode::InvalidArgument) {
        report.add(line, added.error().message);
        return true;
    }
    report.stopped = added.error();
    return false;
}

struct LineImport {
    ImportBatch& batch;
    ImportReport& report;
    store::TimestampNs now;
    size_t lines = 0;

    bool import(std::string_view block) {
        store::LineParser parser(block, now, lines);
        while (true) {
            const auto step = parser.next();
            if (step == store::LineParser::Step::End) break;
            if (step == store::LineParser::Step::BadLine) {
                report.add(parser.line_number(), parser.reason());
                continue;
            }
            const store::ParsedLine& line = parser.line();
            const store::TimestampNs time = line.has_timestamp ? line.timestamp : now;
            const Status added = batch.add(line.database, line.key, line.type, line.value, time);
            if (!report_or_stop(report, line.number, added)) return false;
        }
        lines = parser.line_number();
        return true;
    }
};

struct PrometheusImport {
    ImportBatch& batch;
    ImportReport& report;
    store::TimestampNs now;
    store::PrometheusParser::Timestamps unit;
    std::map<std::string, store::SeriesMetadata>& metadata;
    size_t lines = 0;

    bool import(std::string_view block) {
        store::PrometheusParser parser(block, unit, lines);
        while (true) {
            const auto step = parser.next();
            if (step == store::PrometheusParser::Step::End) break;
            if (step == store::PrometheusParser::Step::BadLine) {
                report.add(parser.line_number(), parser.reason());
            } else if (step == store::PrometheusParser::Step::Metadata) {
                note(parser.metadata());
            } else if (!add(parser)) {
                return false;
            }
        }
        lines = parser.line_number();
        return true;
    }

  private:
    bool add(const store::PrometheusParser& parser) {
        const store::PrometheusSample& sample = parser.sample();
        const store::TimestampNs time = sample.has_timestamp ? sample.timestamp : now;
        const Status added = batch.add(
            {}, sample.key, store::ValueType::Float, store::ValueBits::of(sample.value), time);
        return report_or_stop(report, parser.line_number(), added);
    }
    void note(const store::PrometheusMetadata& found) {
        if (metadata.size() >= kMetadataMax) return;
        store::SeriesMetadata& known = metadata[std::string(found.metric)];
        using Kind = store::PrometheusMetadata::Kind;
        if (found.kind == Kind::Type) known.type = found.text;
        if (found.kind == Kind::Help) known.help = store::unescape_help(found.text);
        if (found.kind == Kind::Unit) known.unit = found.text;
    }
};

// {"lines":"..."} in a JSON body.
Result<std::string> lines_of_json(const Services& services, const Request& request) {
    const std::string body = TRY(request.read_body(services.options.limits.decompressed_bytes));
    const auto document = nlohmann::json::parse(body, nullptr, false);
    if (!document.is_object() || !document.contains("lines") || !document["lines"].is_string()) {
        return fail(ErrorCode::InvalidArgument, "a JSON body must be {\"lines\": \"...\"}");
    }
    return document["lines"].get<std::string>();
}

template <class Import>
Status import_body(const Request& request, Import& import) {
    BodyLines body(request.body);
    while (true) {
        const std::string_view block = TRY(body.next_block());
        if (block.empty() || !import.import(block)) return {};
    }
}

Response finish(const Services& services,
                ImportBatch& batch,
                const ImportReport& report,
                const Status& read) {
    const Status flushed = batch.flush();
    count_dropped(services.registry, report.failed, batch.counts().rejected);
    if (report.stopped) return storing_failed(*report.stopped);
    if (!flushed) return storing_failed(flushed.error());
    if (!read) return Response::error(read.error());
    return import_answer(report, batch.counts());
}

Response import_lines(const Services& services, const Request& request) {
    auto database = database_name(services, request);
    if (!database) return Response::error(database.error());
    ImportBatch batch(
        services, request, *database, KeyKind::LineProtocol, [](std::string_view key) {
            return store::parse_series_key(key, store::KeyDialect::LineProtocol);
        });
    ImportReport report;
    LineImport import{batch, report, arrival(services)};
    Status read;
    if (is_json(request)) {
        auto lines = lines_of_json(services, request);
        if (!lines) return Response::error(lines.error());
        import.import(*lines);
    } else {
        read = import_body(request, import);
    }
    return finish(services, batch, report, read);
}

// timestamp (ms) and extra_label=name=value, as VictoriaMetrics has them.
struct PrometheusParameters {
    store::TimestampNs now = 0;
    std::vector<store::Label> extra_labels;
};

Result<PrometheusParameters> read_parameters(const Services& services, const Request& request) {
    PrometheusParameters parameters;
    parameters.now = arrival(services);
    if (const auto text = request.query.find("timestamp")) {
        auto time = store::parse_time(*text, parameters.now, store::NumberUnit::Milliseconds);
        if (!time)
            return tl::unexpected(time.error().with_context("invalid parameter \"timestamp\""));
        parameters.now = *time;
    }
    for (const std::string_view text : request.query.get_all("extra_label")) {
        const size_t equals = text.find('=');
        if (equals == std::string_view::npos ||
            !store::validate_label_name(text.substr(0, equals))) {
            return fail(
                ErrorCode::InvalidArgument,
                fmt::format("invalid parameter \"extra_label\": \"{}\" is not name=value", text));
        }
        parameters.extra_labels.push_back(
            {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))});
    }
    return parameters;
}

Response import_prometheus(const Services& services, const Request& request) {
    auto database = database_name(services, request);
    if (!database) return Response::error(database.error());
    auto parameters = read_parameters(services, request);
    if (!parameters) return Response::error(parameters.error());
    // What # TYPE, # HELP and # UNIT said, for the series made after them.
    std::map<std::string, store::SeriesMetadata> metadata;
    ImportBatch batch(
        services, request, *database, KeyKind::PrometheusText, [](std::string_view key) {
            return store::parse_series_key(key, store::KeyDialect::Prometheus);
        });
    batch.set_extra_labels(std::move(parameters->extra_labels));
    batch.set_metadata_of([&metadata](const store::Labels& labels) -> const store::SeriesMetadata* {
        return metadata_of(metadata, labels.metric());
    });
    using Unit = store::PrometheusParser::Timestamps;
    const bool open_metrics =
        request.headers.get("Content-Type").starts_with("application/openmetrics-text");
    ImportReport report;
    PrometheusImport import{batch,
                            report,
                            parameters->now,
                            open_metrics ? Unit::Seconds : Unit::Milliseconds,
                            metadata};
    const Status read = import_body(request, import);
    return finish(services, batch, report, read);
}

}  // namespace

void add_import_routes(Router& router, const Services& services) {
    const Handler lines = [&services](const Request& request) {
        return import_lines(services, request);
    };
    router.add({Method::Post, "/api/v1/import", Role::Write, lines, BodyLimit::Stream});
    const Handler prometheus = [&services](const Request& request) {
        return import_prometheus(services, request);
    };
    router.add(
        {Method::Post, "/api/v1/import/prometheus", Role::Write, prometheus, BodyLimit::Stream});
}

}  // namespace cistern::web
