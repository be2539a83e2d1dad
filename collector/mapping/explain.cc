// SPDX-License-Identifier: MIT
#include "collector/mapping/explain.h"

#include "store/base/base64.h"
#include "store/base/time_units.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace cistern::collector {
namespace {

using Json = nlohmann::ordered_json;

// Payload texts may hold bytes that are no UTF-8; JSON may not.
std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json labels_json(const store::Labels& labels) {
    Json out = Json::object();
    for (const store::Label& label : labels.all()) {
        if (label.name != store::kMetricNameLabel) {
            out[label.name] = label.value;
        }
    }
    return out;
}

Json milliseconds(int64_t ns) {
    if (ns % kNsPerMs == 0) {
        return ns / kNsPerMs;
    }
    return static_cast<double>(ns / kNsPerMs) + static_cast<double>(ns % kNsPerMs) / 1e6;
}

Json sample_json(const MappedSample& sample, const MappedSeries& series) {
    Json out;
    if (!series.db.empty()) {
        out["db"] = series.db;
    }
    out["metric"] = series.labels.metric();
    out["labels"] = labels_json(series.labels);
    out["value"] = sample.value;
    out["ts_ms"] = milliseconds(sample.timestamp_ns);
    if (!series.unit.empty()) {
        out["unit"] = series.unit;
    }
    if (!series.type.empty()) {
        out["type"] = series.type;
    }
    if (sample.historical) {
        out["historical"] = true;
    }
    if (series.stale_after_ns != 0) {
        out["stale_after"] = series.stale_after_ns < 0
                                 ? Json("never")
                                 : Json(static_cast<double>(series.stale_after_ns) / 1e9);
    }
    return out;
}

Json reasons_json(const std::vector<DroppedField>& list) {
    Json out = Json::array();
    for (const DroppedField& one : list) {
        Json entry = {{"reason", one.reason}};
        if (!one.field.empty()) {
            entry["field"] = one.field;
        }
        out.push_back(std::move(entry));
    }
    return out;
}

void put(Json& out, const char* name, Json list) {
    if (!list.empty()) {
        out[name] = std::move(list);
    }
}

Result<std::string> payload_of(const Json& json) {
    if (json.contains("payload_b64") && json["payload_b64"].is_string()) {
        return decode_base64(json["payload_b64"].get<std::string>()).with_context("payload_b64");
    }
    if (!json.contains("payload")) {
        return fail(ErrorCode::InvalidArgument, "payload or payload_b64 is missing");
    }
    const Json& payload = json["payload"];
    return payload.is_string() ? payload.get<std::string>() : dump(payload);
}

}  // namespace

Message ExplainInput::message() const {
    Message out;
    out.topic = topic;
    out.payload = payload;
    out.retain = retain;
    out.received_ns = received_ns;
    out.content_type = content_type;
    for (const auto& [name, value] : user_properties) {
        out.user_properties.emplace_back(name, value);
    }
    return out;
}

Result<ExplainInput> parse_explain_line(std::string_view line, int64_t now_ns) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) {
        return fail(ErrorCode::InvalidArgument, "not a JSON object");
    }
    if (!json.contains("topic") || !json["topic"].is_string()) {
        return fail(ErrorCode::InvalidArgument, "topic is missing");
    }
    ExplainInput out;
    out.topic = json["topic"].get<std::string>();
    out.payload = TRY(payload_of(json));
    out.retain =
        json.contains("retain") && json["retain"].is_boolean() && json["retain"].get<bool>();
    out.received_ns = now_ns;
    if (json.contains("rx_ts_ms") && json["rx_ts_ms"].is_number()) {
        const double ms = json["rx_ts_ms"].get<double>();
        if (!(std::fabs(ms) < 9e12)) {
            return fail(ErrorCode::InvalidArgument, "rx_ts_ms is out of range");
        }
        const double whole = std::floor(ms);
        out.received_ns =
            static_cast<int64_t>(whole) * 1'000'000 + std::llround((ms - whole) * 1e6);
    }
    if (json.contains("content_type") && json["content_type"].is_string()) {
        out.content_type = json["content_type"].get<std::string>();
    }
    if (json.contains("user_properties") && json["user_properties"].is_object()) {
        for (const auto& [name, value] : json["user_properties"].items()) {
            out.user_properties.emplace_back(
                name, value.is_string() ? value.get<std::string>() : dump(value));
        }
    }
    if (json.contains("user_properties") && json["user_properties"].is_array()) {
        for (const auto& pair : json["user_properties"]) {
            const bool good =
                pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_string();
            if (!good) {
                return fail(ErrorCode::InvalidArgument,
                            "user_properties must be an object, or a list of [name, value]");
            }
            out.user_properties.emplace_back(pair[0].get<std::string>(),
                                             pair[1].get<std::string>());
        }
    }
    return out;
}

std::string explain_json(const ExplainInput& input,
                         const MappedMessage& mapped,
                         const Mapper& mapper) {
    Json out;
    out["topic"] = input.topic;
    if (!mapped.rule.empty()) {
        out["rule"] = mapped.rule;
    }
    MappedSeries series;
    Json samples = Json::array();
    for (const MappedSample& sample : mapped.samples) {
        mapper.describe(sample.series, series);
        samples.push_back(sample_json(sample, series));
    }
    put(out, "samples", std::move(samples));
    Json texts = Json::array();
    for (const MappedText& text : mapped.texts) {
        mapper.describe(text.series, series);
        texts.push_back({{"metric", series.labels.metric()},
                         {"labels", labels_json(series.labels)},
                         {"value", text.value}});
    }
    put(out, "text", std::move(texts));
    Json stale = Json::array();
    for (const StaleSeries& one : mapped.stale) {
        Json entry;
        if (one.labels.has(store::kMetricNameLabel)) {
            entry["metric"] = one.labels.metric();
        }
        entry["labels"] = labels_json(one.labels);
        entry["ts_ms"] = milliseconds(one.timestamp_ns);
        stale.push_back(std::move(entry));
    }
    put(out, "stale", std::move(stale));
    put(out, "dropped", reasons_json(mapped.dropped));
    put(out, "notes", reasons_json(mapped.notes));
    Json actions = Json::array();
    for (const MappedAction& action : mapped.actions) {
        actions.push_back({{"name", action.name}, {"topic", action.topic}});
    }
    put(out, "actions", std::move(actions));
    put(out, "steps", mapped.steps);
    return dump(out);
}

std::string explain_text(const ExplainInput& input,
                         const MappedMessage& mapped,
                         const Mapper& mapper) {
    std::string out =
        fmt::format("{}\n  rule: {}\n", input.topic, mapped.rule.empty() ? "none" : mapped.rule);
    const auto line = [&out](const std::string& text) { out += "  " + text + "\n"; };
    for (const std::string& step : mapped.steps) {
        line("- " + step);
    }
    MappedSeries series;
    for (const MappedSample& sample : mapped.samples) {
        mapper.describe(sample.series, series);
        line(fmt::format("{}{}{} {} {}at {} ns{}",
                         series.db,
                         series.db.empty() ? "" : "/",
                         series.labels.to_string(),
                         sample.value,
                         series.unit.empty() ? "" : "[" + series.unit + "] ",
                         sample.timestamp_ns,
                         sample.timestamp_from_payload ? " (time from the payload)" : ""));
    }
    for (const MappedText& text : mapped.texts) {
        mapper.describe(text.series, series);
        line(fmt::format("text {} = '{}'", series.labels.to_string(), text.value));
    }
    for (const StaleSeries& one : mapped.stale) {
        line("stale: every series with " + one.labels.to_string());
    }
    for (const DroppedField& one : mapped.dropped) {
        line(
            fmt::format("not stored: {}{}{}", one.reason, one.field.empty() ? "" : " ", one.field));
    }
    for (const DroppedField& one : mapped.notes) {
        line(fmt::format("note: {}{}{}", one.reason, one.field.empty() ? "" : " ", one.field));
    }
    for (const MappedAction& action : mapped.actions) {
        line(fmt::format("would do: {} {}", action.name, action.topic));
    }
    return out;
}

}  // namespace cistern::collector
