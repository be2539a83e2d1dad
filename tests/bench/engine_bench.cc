// SPDX-License-Identifier: MIT
// The engine through its public header: append rate with the log on, reopening, reading.
//
//   engine_bench [--benchmark_filter=Append]
#include "store/base/log.h"
#include "store/engine/embedded_store.h"
#include "store/engine/store.h"
#include "tests/support/temp_folder.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cmath>

namespace cistern::store {
namespace {

constexpr TimestampNs kStart = 1'700'000'000 * kNsPerSecond;
constexpr int64_t kStepNs = 10 * kNsPerSecond;

StoreOptions options_in(const test::TempFolder& folder) {
    StoreOptions options;
    options.root = folder.file("root");
    options.reserve_bytes = 0;
    return options;
}

std::vector<SeriesId> make_series(Database& database, size_t count) {
    std::vector<SeriesId> ids;
    for (size_t i = 0; i < count; ++i) {
        const auto labels = Labels::of_metric("temperature", {{"sensor", std::to_string(i)}});
        ids.push_back(database.series(labels, ValueType::Float)->id);
    }
    return ids;
}

// What sensors send: decimals that move slowly.
void fill(std::vector<Sample>& batch, const std::vector<SeriesId>& ids, int64_t step) {
    batch.resize(ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
        const auto tenths = static_cast<double>((step * 7 + static_cast<int64_t>(i) * 13) % 300);
        batch[i] = {ids[i], kStart + step * kStepNs, ValueBits::of(std::round(tenths) / 10)};
    }
}

// One batch of range(0) series per append, through a day and more.
void append(benchmark::State& state) {
    set_up_log({});
    const test::TempFolder folder;
    auto store = Store::open(options_in(folder));
    Database& database = **(*store)->database("main");
    const auto ids = make_series(database, static_cast<size_t>(state.range(0)));
    std::vector<Sample> batch;
    int64_t step = 0;
    for (auto _ : state) {
        state.PauseTiming();
        fill(batch, ids, step++);
        state.ResumeTiming();
        if (!database.append({batch, {}})) {
            state.SkipWithError("append failed");
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    const auto stats = database.stats();
    state.counters["flushes"] = static_cast<double>(stats.flushes);
    state.counters["files"] = static_cast<double>(stats.files);
    state.counters["syncs"] = static_cast<double>(stats.wal_syncs);
}
BENCHMARK(append)->Arg(1)->Arg(10)->Arg(1000)->MinTime(0.5);

// The same through the interface for programs that link the store: series by their text.
void append_named(benchmark::State& state) {
    set_up_log({});
    const test::TempFolder folder;
    const auto store = EmbeddedStore::open(options_in(folder));
    std::vector<std::string> names;
    for (int64_t i = 0; i < state.range(0); ++i) {
        names.push_back(fmt::format("temperature{{sensor=\"{}\"}}", i));
    }
    const std::vector<SeriesId> ids(names.size());
    std::vector<Sample> values;
    std::vector<EmbeddedStore::NamedSample> batch(names.size());
    int64_t step = 0;
    for (auto _ : state) {
        state.PauseTiming();
        fill(values, ids, step++);
        for (size_t i = 0; i < names.size(); ++i) {
            batch[i] = {names[i], values[i].timestamp, values[i].value.as_double()};
        }
        state.ResumeTiming();
        if (!(*store)->append(batch)) {
            state.SkipWithError("append failed");
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_named)->Arg(1)->Arg(10)->Arg(1000)->MinTime(0.5);

// Ready again after kill -9 with a full log, of batches of range(0) samples.
void reopen(benchmark::State& state) {
    set_up_log({});
    const test::TempFolder folder;
    StoreOptions options = options_in(folder);
    options.background = false;
    options.defaults.flush_bytes = uint64_t{4} << 30;
    const uint64_t full = options.defaults.wal.total_bytes_max;
    options.defaults.wal.total_bytes_max = 2 * full;
    auto first = Store::open(options);
    Database& database = **(*first)->database("main");
    const auto ids = make_series(database, 1000);
    const auto size = static_cast<size_t>(state.range(0));
    std::vector<Sample> batch;
    uint64_t sequence = 0;
    for (int64_t step = 0; database.stats().wal_bytes < full; ++step) {
        fill(batch, ids, step);
        for (size_t at = 0; at < batch.size(); at += size) {
            ++sequence;
            (void)database.append({std::span(batch).subspan(at, size), {9, sequence, sequence, 0}});
        }
    }
    state.counters["wal_bytes"] = static_cast<double>(database.stats().wal_bytes);
    // A second store reads what the first one has left, as after a kill.
    options.read_only = true;
    for (auto _ : state) {
        auto again = Store::open(options);
        benchmark::DoNotOptimize(again);
    }
    state.SetItemsProcessed(state.iterations() *
                            static_cast<int64_t>(database.stats().head_samples));
}
BENCHMARK(reopen)->Arg(1)->Arg(10)->Arg(1000)->Unit(benchmark::kMillisecond);

void read_one_day(benchmark::State& state) {
    set_up_log({});
    const test::TempFolder folder;
    auto store = Store::open(options_in(folder));
    Database& database = **(*store)->database("main");
    const auto ids = make_series(database, 100);
    std::vector<Sample> batch;
    for (int64_t step = 0; step < 8640; ++step) {
        fill(batch, ids, step);
        (void)database.append({batch, {}});
    }
    if (state.range(0) != 0) {
        (void)database.compact();
    }
    SampleColumns columns;
    for (auto _ : state) {
        const auto querier = database.querier();
        const std::vector<Matcher> matchers{Matcher::equal("sensor", "7")};
        const auto found = querier->select(matchers, {});
        (void)querier->read(found->front(), {}, columns);
    }
    state.SetItemsProcessed(state.iterations() * 8640);
}
BENCHMARK(read_one_day)->Arg(0)->Arg(1);

}  // namespace
}  // namespace cistern::store

BENCHMARK_MAIN();
