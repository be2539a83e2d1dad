// SPDX-License-Identifier: MIT
#include "web/import_report.h"

#include "web/json_writer.h"

#include <fmt/format.h>

namespace cistern::web {
namespace {

std::string first_reason(const ImportReport& report, const ImportCounts& counts) {
    if (!report.errors.empty()) {
        return fmt::format("line {}: {}", report.errors.front().line, report.errors.front().reason);
    }
    return fmt::format("{} samples are too old, too new or out of order for this database",
                       counts.rejected);
}

void write_counts(JsonWriter& json, const ImportReport& report, const ImportCounts& counts) {
    json.key("data");
    json.begin_object();
    json.field("imported", counts.stored);
    json.field("failed", report.failed + counts.rejected);
    if (!report.errors.empty()) {
        json.key("errors");
        json.begin_array();
        for (const store::LineError& error : report.errors) {
            json.begin_object();
            json.field("line", static_cast<uint64_t>(error.line));
            json.field("reason", error.reason);
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
}

}  // namespace

void ImportReport::add(size_t line, std::string reason) {
    ++failed;
    if (errors.size() < store::kLineErrorsMax) errors.push_back({line, std::move(reason)});
}

void count_dropped(MetricsRegistry& registry, uint64_t bad, uint64_t rejected) {
    constexpr std::string_view kName = "cistern_samples_dropped_total";
    constexpr std::string_view kHelp = "Samples not stored, by reason.";
    if (bad > 0) registry.counter(kName, kHelp, {{"reason", "http_bad_line"}}).add(bad);
    if (rejected > 0) registry.counter(kName, kHelp, {{"reason", "http_rejected"}}).add(rejected);
}

Response storing_failed(const Error& error) {
    Response response;
    if (error.code == ErrorCode::ResourceExhausted) {
        response = Response::error(507, "unavailable", error.message);
    } else if (error.code == ErrorCode::Unavailable || error.code == ErrorCode::Cancelled) {
        response = Response::error(503, "unavailable", error.message);
    } else {
        response = Response::error(500, "internal", error.message);
    }
    response.headers.set("Retry-After", "30");
    return response;
}

Response import_answer(const ImportReport& report, const ImportCounts& counts) {
    JsonWriter json;
    json.begin_object();
    const bool all_good = report.failed + counts.rejected == 0;
    json.field("status", all_good ? "success" : "error");
    if (!all_good) {
        json.field("errorType", "bad_data");
        json.field("error", first_reason(report, counts));
    }
    write_counts(json, report, counts);
    json.end_object();
    return Response::json(all_good ? 200 : 400, json.take());
}

}  // namespace cistern::web
