// SPDX-License-Identifier: MIT
#include "web/influx_api.h"

#include "store/base/time_units.h"
#include "store/engine/options.h"
#include "store/model/influx_line.h"
#include "web/body_lines.h"
#include "web/import_batch.h"
#include "web/import_report.h"
#include "web/json_writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::web {
namespace {

constexpr std::string_view kVersion = "1.8.10";

// "home" -> home; other names, such as org/bucket or With Spaces, are brought into the form that a
// database's name has.
std::string database_of(std::string_view name) {
    std::string database;
    for (char c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
        const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (good && (!database.empty() || (c != '_' && c != '-'))) {
            database += c;
        } else if (!database.empty() && database.back() != '_') {
            database += '_';
        }
    }
    return database.substr(0, 63);
}

// 1.x: db=. 2.x: bucket=. A /db/<name> prefix goes before both; "db/retention" is the db.
Result<std::string> target_database(const Services& services, const Request& request) {
    if (!request.database.empty()) return database_name(services, request);
    std::string_view name = request.query.get("bucket");
    if (name.empty()) name = request.query.get("db");
    name = name.substr(0, name.find('/'));
    std::string database = database_of(name);
    return database.empty() ? services.default_database : database;
}

// The key of a field's series in the cache: the line's key, then the field as written.
void make_key(std::string& key, std::string_view line_key, std::string_view field) {
    key = line_key;
    key += '\n';
    key += field;
}

// measurement_field, or only the measurement for the field `value`.
Result<store::Labels> labels_of_key(std::string_view key) {
    const size_t newline = key.rfind('\n');
    store::InfluxKey parsed = TRY(store::parse_influx_key(key.substr(0, newline)));
    const std::string field = store::unescape_influx(key.substr(newline + 1));
    std::string metric = parsed.measurement;
    if (field != "value") metric += metric.empty() ? field : "_" + field;
    // Home Assistant's measurements are units: "°C", "%". What a metric's name cannot hold is _.
    for (char& c : metric) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == ':' || c == '.' || c == '-' ||
                          c == '/';
        if (!good) c = '_';
    }
    if (!metric.empty() && !((metric[0] | 0x20) >= 'a' && (metric[0] | 0x20) <= 'z') &&
        metric[0] != '_') {
        metric.insert(0, 1, '_');
    }
    return store::Labels::of_metric(metric, std::move(parsed.tags));
}

struct InfluxImport {
    ImportBatch& batch;
    ImportReport& report;
    store::TimestampNs now;
    int64_t precision_ns;
    size_t lines = 0;
    std::string key;

    bool import(std::string_view block) {
        store::InfluxParser parser(block, precision_ns, lines);
        while (true) {
            const auto step = parser.next();
            if (step == store::InfluxParser::Step::End) break;
            if (step == store::InfluxParser::Step::BadLine) {
                report.add(parser.line_number(), parser.reason());
            } else if (!add(parser)) {
                return false;
            }
        }
        lines += static_cast<size_t>(std::count(block.begin(), block.end(), '\n'));
        return true;
    }

  private:
    bool add(const store::InfluxParser& parser) {
        const store::InfluxLine& line = parser.line();
        const store::TimestampNs time = line.has_timestamp ? line.timestamp : now;
        for (const store::InfluxField& field : line.fields) {
            make_key(key, line.key, field.name);
            // Influx fields change between 1 and 1i; one type of series takes both.
            const auto value = store::ValueBits::of(field.value.number(field.type));
            const Status added = batch.add({}, key, store::ValueType::Float, value, time);
            if (added) continue;
            if (added.error().code != ErrorCode::InvalidArgument) {
                report.stopped = added.error();
                return false;
            }
            report.add(parser.line_number(), added.error().message);
        }
        return true;
    }
};

// Influx' own error body, which its clients show.
Response influx_error(int status, std::string_view code, std::string_view message) {
    JsonWriter json;
    json.begin_object();
    json.field("code", code);
    json.field("message", message);
    json.field("error", message);
    json.end_object();
    Response response = Response::json(status, json.take());
    response.headers.set("X-Influxdb-Error",
                         std::string(message.substr(0, message.find_first_of("\r\n"))));
    return response;
}

Response influx_error(const Error& error) {
    const Response mapped = Response::error(error);
    return influx_error(
        mapped.status, mapped.status < 500 ? "invalid" : "internal error", error.message);
}

Response finish(const Services& services,
                ImportBatch& batch,
                ImportReport& report,
                const Status& read) {
    const Status flushed = batch.flush();
    count_dropped(services.registry, report.failed, batch.counts().rejected);
    if (!report.stopped && !flushed) report.stopped = flushed.error();
    if (report.stopped) {
        Response failed = influx_error(
            storing_failed(*report.stopped).status, "unavailable", report.stopped->message);
        failed.headers.set("Retry-After", "30");
        return failed;
    }
    if (!read) return influx_error(read.error());
    const uint64_t bad = report.failed + batch.counts().rejected;
    if (bad == 0) return Response::no_content();
    const std::string reason =
        report.errors.empty()
            ? "points beyond retention policy: too old, too new or out of order"
            : fmt::format("line {}: {}", report.errors.front().line, report.errors.front().reason);
    return influx_error(400, "invalid", fmt::format("partial write: {} dropped={}", reason, bad));
}

Response write(const Services& services, const Request& request) {
    auto database = target_database(services, request);
    if (!database) return influx_error(database.error());
    const auto precision = store::parse_influx_precision(request.query.get("precision"));
    if (!precision) return influx_error(precision.error());
    ImportBatch batch(services, request, *database, KeyKind::InfluxLine, labels_of_key);
    ImportReport report;
    const store::TimestampNs now = services.clock.now_ns() / kNsPerMs * kNsPerMs;
    InfluxImport import{batch, report, now, *precision, 0, {}};
    BodyLines body(request.body);
    Status read;
    while (true) {
        const auto block = body.next_block();
        if (!block) read = tl::unexpected(block.error());
        if (!block || block->empty() || !import.import(*block)) break;
    }
    return finish(services, batch, report, read);
}

Response ping() {
    Response response = Response::no_content();
    response.headers.set("X-Influxdb-Version", std::string(kVersion));
    response.headers.set("X-Influxdb-Build", "OSS");
    return response;
}

std::string lower_case(std::string_view text) {
    std::string lowered(text);
    for (char& c : lowered) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
    }
    return lowered;
}

// Clients create their database before they write, or list the databases to see whether they may.
Response query(const Services& services, const Request& request) {
    const auto parameters = request.parameters();
    if (!parameters) return influx_error(parameters.error());
    const std::string statement = lower_case(parameters->get("q"));
    if (statement.starts_with("create database"))
        return Response::json(200, R"({"results":[{"statement_id":0}]})");
    if (!statement.starts_with("show databases")) {
        return influx_error(
            400, "invalid", "InfluxQL is not supported: query with PromQL at /api/v1/query");
    }
    JsonWriter json;
    for (const std::string& name : services.store.database_names()) {
        if (request.may_use && !request.may_use(name)) continue;
        json.begin_array();
        json.string(name);
        json.end_array();
    }
    return Response::json(
        200,
        fmt::format(R"({{"results":[{{"statement_id":0,"series":[{{"name":"databases",)"
                    R"("columns":["name"],"values":[{}]}}]}}]}})",
                    json.text()));
}

}  // namespace

void add_influx_routes(Router& router, const Services& services) {
    const Handler writer = [&services](const Request& request) { return write(services, request); };
    router.add({Method::Post, "/write", Role::Write, writer, BodyLimit::Stream});
    router.add({Method::Post, "/api/v2/write", Role::Write, writer, BodyLimit::Stream});
    router.get("/ping", Role::Public, [](const Request&) { return ping(); });
    router.get_or_post("/query", Role::Read, [&services](const Request& request) {
        return query(services, request);
    });
}

}  // namespace cistern::web
