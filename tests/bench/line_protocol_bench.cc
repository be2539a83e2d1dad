// SPDX-License-Identifier: MIT
// Parsing of the three text imports with a series cache, as an HTTP request does it.
#include "store/model/influx_line.h"
#include "store/model/line_protocol.h"
#include "store/model/prometheus_text.h"
#include "store/model/series_cache.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace cistern::store {
namespace {

constexpr uint32_t kSeries = 1'000;
constexpr uint32_t kLines = 20'000;

std::string key_of(uint32_t i) {
    return fmt::format(
        "sensor_temperature{{device=\"sensor-{:04}\",hall=\"hall {}\"}}", i % kSeries, i % 7);
}

std::string text_of(std::string_view prefix, int64_t time_unit) {
    std::string text;
    for (uint32_t i = 0; i < kLines; ++i) {
        text += fmt::format("{}{} {} {}\n",
                            prefix,
                            key_of(i),
                            20.0 + (i % 100) * 0.1,
                            1'700'000'000 * time_unit + i);
    }
    return text;
}

uint64_t look_up(SeriesCache& cache, std::string_view key) {
    const auto found = cache.find(key);
    if (!found) {
        cache.insert(key, {SeriesId(1)});
        return 0;
    }
    return found->id.value();
}

void line_protocol(benchmark::State& state) {
    const std::string text = text_of("home/", 1'000'000'000);
    SeriesCache cache;
    for (auto round : state) {
        LineParser parser(text, 0);
        uint64_t sum = 0;
        while (parser.next() == LineParser::Step::Line) {
            sum += look_up(cache, parser.line().key) + parser.line().value.bits();
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations() * kLines);
}
BENCHMARK(line_protocol);

void prometheus_text(benchmark::State& state) {
    const std::string text = text_of("", 1'000);
    SeriesCache cache;
    for (auto round : state) {
        PrometheusParser parser(text);
        double sum = 0;
        while (parser.next() == PrometheusParser::Step::Sample) {
            sum += static_cast<double>(look_up(cache, parser.sample().key)) + parser.sample().value;
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations() * kLines);
}
BENCHMARK(prometheus_text);

void influx_line(benchmark::State& state) {
    std::string text;
    for (uint32_t i = 0; i < kLines; ++i) {
        text += fmt::format("sensor,device=sensor-{:04},hall=hall\\ {} temperature={} {}\n",
                            i % kSeries,
                            i % 7,
                            20.0 + (i % 100) * 0.1,
                            1'700'000'000'000'000'000 + i);
    }
    SeriesCache cache;
    for (auto round : state) {
        InfluxParser parser(text);
        uint64_t sum = 0;
        while (parser.next() == InfluxParser::Step::Line) {
            sum += look_up(cache, parser.line().key) + parser.line().fields[0].value.bits();
        }
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(state.iterations() * kLines);
}
BENCHMARK(influx_line);

}  // namespace
}  // namespace cistern::store

BENCHMARK_MAIN();
