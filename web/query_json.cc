// SPDX-License-Identifier: MIT
#include "web/query_json.h"

#include "store/promql/format.h"
#include "web/json_labels.h"

#include <algorithm>

namespace cistern::web {
namespace {

constexpr size_t kPiece = 32 << 10;

class Document {
  public:
    explicit Document(ResponseStream& out) : out_(out) {}
    JsonWriter& json() { return json_; }
    // Sends what there is when it is much. False when the client is gone.
    bool pass_on() {
        if (json_.size() < kPiece) return true;
        const bool alive = out_.write(json_.text());
        json_.drain();
        return alive;
    }
    void finish() { out_.write(json_.text()); }

  private:
    ResponseStream& out_;
    JsonWriter json_;
};

bool write_matrix(Document& document, const promql::ResultSeries& series) {
    JsonWriter& json = document.json();
    json.key("values");
    json.begin_array();
    for (size_t i = 0; i < series.values.size(); ++i) {
        write_point(json, series.timestamps_ms[i], series.values[i]);
        if (i % 256 == 255 && !document.pass_on()) return false;
    }
    json.end_array();
    return true;
}

bool write_series(Document& document, const QueryAnswer& answer, size_t count) {
    JsonWriter& json = document.json();
    json.begin_array();
    const bool points = answer.result.type == promql::ValueType::Vector;
    for (size_t i = 0; i < count; ++i) {
        const promql::ResultSeries& listed = answer.result.series[i];
        promql::ResultSeries read;
        if (answer.result.samples) {
            // The head of the answer is out: all that is left is to end before its end.
            if (!answer.result.samples(i, read)) return false;
            if (read.values.empty()) continue;
            read.labels = listed.labels;
        }
        const promql::ResultSeries& series = answer.result.samples ? read : listed;
        json.begin_object();
        json.key("metric");
        write_labels(json, series.labels);
        if (points) {
            json.key("value");
            write_point(json, series.timestamps_ms.front(), series.values.front());
        } else if (!write_matrix(document, series)) {
            return false;
        }
        json.end_object();
        if (!document.pass_on()) return false;
    }
    json.end_array();
    return true;
}

// A scalar or a string: [time,"text"].
void write_single(JsonWriter& json, const promql::QueryResult& result) {
    json.begin_array();
    json.time_ms(result.time_ms);
    if (result.type == promql::ValueType::Scalar) {
        json.plain_string(promql::format_plain(result.scalar));
    } else {
        json.string(result.text);
    }
    json.end_array();
}

void write_stats(JsonWriter& json, const promql::QueryStats& stats) {
    const auto seconds = [](int64_t ns) { return static_cast<double>(ns) / 1e9; };
    json.key("stats");
    json.begin_object();
    json.key("timings");
    json.begin_object();
    json.field("evalTotalTime", seconds(stats.evaluation_ns));
    json.field("resultSortTime", 0.0);
    json.field("queryPreparationTime", 0.0);
    json.field("innerEvalTime", seconds(stats.evaluation_ns));
    json.field("execQueueTime", seconds(stats.queue_ns));
    json.field("execTotalTime", seconds(stats.queue_ns + stats.evaluation_ns));
    json.end_object();
    json.key("samples");
    json.begin_object();
    json.field("totalQueryableSamples", stats.samples_read);
    json.field("peakSamples", stats.samples_peak);
    json.end_object();
    json.end_object();
}

}  // namespace

void write_point(JsonWriter& json, int64_t time_ms, double value) {
    json.separate();
    promql::append_point(json.buffer(), time_ms, value);
}

void write_string_list(JsonWriter& json,
                       std::string_view key,
                       const std::vector<std::string>& list) {
    if (list.empty()) return;
    json.key(key);
    json.begin_array();
    for (const std::string& text : list)
        json.string(text);
    json.end_array();
}

void write_query_answer(const QueryAnswer& answer, ResponseStream& out) {
    Document document(out);
    JsonWriter& json = document.json();
    const promql::QueryResult& result = answer.result;
    size_t count = result.series.size();
    if (answer.series_max != 0) count = std::min(count, answer.series_max);

    json.begin_object();
    json.field("status", "success");
    json.key("data");
    json.begin_object();
    json.field("resultType", promql::name_of(result.type));
    json.key("result");
    const bool single =
        result.type == promql::ValueType::Scalar || result.type == promql::ValueType::String;
    if (single) {
        write_single(json, result);
    } else if (!write_series(document, answer, count)) {
        return;
    }
    if (answer.with_stats) write_stats(json, result.stats);
    json.end_object();
    std::vector<std::string> warnings = result.warnings;
    if (count < result.series.size()) warnings.emplace_back("results truncated due to limit");
    write_string_list(json, "warnings", warnings);
    write_string_list(json, "infos", result.infos);
    json.end_object();
    document.finish();
}

}  // namespace cistern::web
