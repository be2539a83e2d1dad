// SPDX-License-Identifier: MIT
#include "app/query_output.h"

#include "app/terminal.h"
#include "store/base/time_units.h"
#include "store/model/time_text.h"
#include "store/promql/format.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace cistern::app {
namespace {

std::string value_text(store::ValueBits value, store::ValueType type) {
    return type == store::ValueType::Int ? std::to_string(value.as_int())
                                         : promql::format_value(value.as_double());
}

// A number where JSON has one, else Prometheus' text ("NaN", "+Inf").
nlohmann::json value_json(store::ValueBits value, store::ValueType type) {
    if (type == store::ValueType::Int) {
        return value.as_int();
    }
    if (std::isfinite(value.as_double())) {
        return value.as_double();
    }
    return promql::format_value(value.as_double());
}

double seconds(int64_t ms) {
    return static_cast<double>(ms) / 1000;
}

nlohmann::json point(int64_t ms, double value) {
    return nlohmann::json::array({seconds(ms), promql::format_value(value)});
}

nlohmann::json series_json(const promql::ResultSeries& series, bool is_vector) {
    nlohmann::json labels = nlohmann::json::object();
    for (const store::Label& label : series.labels.all()) {
        labels[label.name] = label.value;
    }
    nlohmann::json json{{"metric", labels}};
    if (is_vector) {
        json["value"] = point(series.timestamps_ms.at(0), series.values.at(0));
        return json;
    }
    nlohmann::json values = nlohmann::json::array();
    for (size_t i = 0; i < series.values.size(); ++i) {
        values.push_back(point(series.timestamps_ms[i], series.values[i]));
    }
    json["values"] = std::move(values);
    return json;
}

std::string_view type_name(promql::ValueType type) {
    switch (type) {
        case promql::ValueType::Scalar:
            return "scalar";
        case promql::ValueType::Vector:
            return "vector";
        case promql::ValueType::Matrix:
            return "matrix";
        case promql::ValueType::String:
            return "string";
        default:
            return "none";
    }
}

}  // namespace

std::string MetricRows::to_table() const {
    Table table({"time", "series", "value"});
    for (const Series& one : series) {
        for (size_t i = 0; i < one.timestamps.size(); ++i) {
            table.row({store::format_time(one.timestamps[i]),
                       one.name,
                       value_text(one.values[i], one.type)});
        }
    }
    return table.to_string();
}

std::string MetricRows::to_json(int64_t took_ns) const {
    nlohmann::json rows = nlohmann::json::array();
    for (const Series& one : series) {
        for (size_t i = 0; i < one.timestamps.size(); ++i) {
            rows.push_back({{"series", one.name},
                            {"ts_ns", one.timestamps[i]},
                            {"ts_utc", store::format_time(one.timestamps[i])},
                            {"value", value_json(one.values[i], one.type)}});
        }
    }
    const size_t count = rows.size();
    return nlohmann::json{{"root_dir", root},
                          {"database", database},
                          {"metric_regex", regex},
                          {"start_ns", range.begin},
                          {"end_ns", range.end},
                          {"rows", std::move(rows)},
                          {"row_count", count},
                          {"duration_ms", static_cast<double>(took_ns) / 1e6}}
               .dump(2) +
           "\n";
}

std::string result_to_table(const promql::QueryResult& result) {
    if (result.type == promql::ValueType::Scalar) {
        return promql::format_value(result.scalar) + "\n";
    }
    if (result.type == promql::ValueType::String) {
        return result.text + "\n";
    }
    Table table({"time", "series", "value"});
    for (const promql::ResultSeries& series : result.series) {
        for (size_t i = 0; i < series.values.size(); ++i) {
            table.row({store::format_time(series.timestamps_ms[i] * kNsPerMs),
                       series.labels.to_string(),
                       promql::format_value(series.values[i])});
        }
    }
    return table.to_string();
}

std::string result_to_json(const promql::QueryResult& result) {
    nlohmann::json answer = nlohmann::json::array();
    if (result.type == promql::ValueType::Scalar) {
        answer = point(result.time_ms, result.scalar);
    } else if (result.type == promql::ValueType::String) {
        answer = {seconds(result.time_ms), result.text};
    } else {
        for (const promql::ResultSeries& series : result.series) {
            answer.push_back(series_json(series, result.type == promql::ValueType::Vector));
        }
    }
    nlohmann::json data{{"resultType", type_name(result.type)}, {"result", std::move(answer)}};
    if (!result.warnings.empty()) {
        data["warnings"] = result.warnings;
    }
    return data.dump(2) + "\n";
}

}  // namespace cistern::app
