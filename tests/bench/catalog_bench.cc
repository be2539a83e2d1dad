// SPDX-License-Identifier: MIT
// The catalog at 1 M series: bytes per idle series (by the allocator's own count and by
// memory_bytes), time to add, find, select and open.
//   catalog_bench [series]
#include "store/catalog/catalog.h"
#include "tests/support/temp_folder.h"

#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <cstdlib>
#include <string>

using namespace cistern;
using namespace cistern::store;

namespace {

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

size_t heap_bytes() {
    const struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

// As a building's sensors are labelled: six labels, one of them unique.
Labels labels_of(uint32_t i) {
    return Labels::of_metric(fmt::format("sensor_metric_{}", i % 50),
                             {{"broker", "factory"},
                              {"device", fmt::format("sensor-{:08x}", i / 10)},
                              {"field", fmt::format("value_{}", i % 10)},
                              {"hall", fmt::format("hall {}", i % 97)},
                              {"topic", fmt::format("plant/{}/{}", i % 97, i)}});
}

void measure(const char* what, double begin, double count, const char* unit) {
    const double took = seconds() - begin;
    fmt::print("{:<34} {:9.3f} s {:12.0f} {}/s\n", what, took, count / took, unit);
}

void bench_select(const Catalog& catalog, const char* what, const std::vector<Matcher>& matchers) {
    const double begin = seconds();
    size_t found = 0;
    int rounds = 0;
    while (seconds() - begin < 0.3) {
        found = catalog.select(matchers).size();
        ++rounds;
    }
    fmt::print("{:<34} {:9.1f} us {:11} series\n", what, (seconds() - begin) / rounds * 1e6, found);
}

Matcher matcher(const char* label, MatchOp op, const char* value) {
    return Matcher::create(label, op, value).value();
}

}  // namespace

int main(int argc, char** argv) {
    const uint32_t count = argc > 1 ? static_cast<uint32_t>(std::atoi(argv[1])) : 1'000'000;
    const test::TempFolder folder;
    std::vector<std::string> warnings;
    malloc_trim(0);
    const size_t before = heap_bytes();
    auto catalog = std::move(*Catalog::open(posix_file_system(), folder.path(), warnings));
    double begin = seconds();
    for (uint32_t i = 0; i < count; ++i) {
        if (!catalog->add(labels_of(i), ValueType::Float, count).has_value()) {
            return 1;
        }
    }
    measure("add (building the labels included)", begin, count, "series");
    begin = seconds();
    if (!catalog->persist(false).has_value()) {
        return 1;
    }
    measure("persist", begin, count, "series");
    const double each = static_cast<double>(heap_bytes() - before) / count;
    fmt::print("heap {:.0f} bytes per series, memory_bytes {:.0f}\n",
               each,
               static_cast<double>(catalog->memory_bytes()) / count);
    begin = seconds();
    for (uint32_t i = 0; i < 200'000; ++i) {
        if (!catalog->find(labels_of(i * 7 % count)).has_value()) {
            return 1;
        }
    }
    measure("find (building the labels included)", begin, 200'000, "series");
    const auto metric = matcher("__name__", MatchOp::Equal, "sensor_metric_7");
    bench_select(*catalog, "metric =", {metric});
    bench_select(*catalog, "metric =, hall =", {metric, matcher("hall", MatchOp::Equal, "hall 3")});
    bench_select(*catalog,
                 "metric =, hall =~ a|b|c",
                 {metric, matcher("hall", MatchOp::Regex, "hall 1|hall 2|hall 3")});
    bench_select(
        *catalog, "metric =, hall =~ .*1.*", {metric, matcher("hall", MatchOp::Regex, ".*1.*")});
    bench_select(
        *catalog, "metric =, hall !=", {metric, matcher("hall", MatchOp::NotEqual, "hall 3")});
    bench_select(
        *catalog, "device = (10 series)", {matcher("device", MatchOp::Equal, "sensor-00000010")});
    bench_select(*catalog,
                 "device =~ sensor-000000.*",
                 {matcher("device", MatchOp::Regex, "sensor-000000.*")});
    bench_select(*catalog, "all", {});
    catalog.reset();
    begin = seconds();
    catalog = std::move(*Catalog::open(posix_file_system(), folder.path(), warnings));
    measure("open", begin, count, "series");
    return catalog->series_count() == count && warnings.empty() ? 0 : 1;
}
