// SPDX-License-Identifier: MIT
// A program with the store inside: two threads write, then it asks.
//
//   greenhouse FOLDER
#include "store/base/time_units.h"
#include "store/engine/embedded_store.h"

#include <cstdio>
#include <string>
#include <thread>

namespace {

using namespace cistern;
using store::EmbeddedStore;

constexpr store::TimestampNs kMinuteNs = 60 * kNsPerSecond;
constexpr store::TimestampNs kStart = 1'767'225'600 * kNsPerSecond;  // 2026-01-01

// A day of one sensor, a sample each minute.
Status write_day(EmbeddedStore& greenhouse, const std::string& sensor) {
    const std::string series = "temperature{sensor=\"" + sensor + "\"}";
    for (int minute = 0; minute < 24 * 60; ++minute) {
        TRY(greenhouse.append(series, kStart + minute * kMinuteNs, 20 + minute % 60 / 10.0));
    }
    return {};
}

Status run(const std::string& folder) {
    const auto greenhouse = TRY(EmbeddedStore::open(folder));

    Status roof;
    Status floor;
    std::thread other([&] { roof = write_day(*greenhouse, "roof"); });
    floor = write_day(*greenhouse, "floor");
    other.join();
    TRY(roof);
    TRY(floor);
    const auto lines = TRY(greenhouse->append_line("door{side=\"north\"} 1 2026-01-01 08:00:00\n"));
    std::printf("imported %llu line\n", static_cast<unsigned long long>(lines.imported));

    size_t samples = 0;
    const store::TimeRange one_hour{kStart, kStart + 60 * kMinuteNs};
    TRY(greenhouse->query_range("temperature", one_hour, [&samples](const auto&, auto, double) {
        ++samples;
        return true;
    }));
    std::printf("samples of the first hour: %zu\n", samples);

    for (const auto& last : TRY(greenhouse->query_last("temperature{sensor=\"roof\"}"))) {
        std::printf("last: %s %.1f\n", last.series.to_string().c_str(), last.value);
    }
    const store::Aggregate wanted[] = {store::Aggregate::Avg, store::Aggregate::Max};
    const store::TimeRange day{kStart, kStart + kNsPerDay};
    const auto print_row = [](const store::Labels&, const store::AggregateRow& row) {
        std::printf("average %.2f, maximum %.1f\n", row.values[0], row.values[1]);
        return true;
    };
    TRY(greenhouse->aggregate("temperature{sensor=\"roof\"}", day, kNsPerDay, wanted, print_row));
    const auto exported =
        TRY(greenhouse->export_lines("main", {}, [](std::string_view) { return Status{}; }));
    std::printf("exported %llu samples\n", static_cast<unsigned long long>(exported));
    return greenhouse->close();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    if (const Status done = run(argv[1]); !done) {
        std::fprintf(stderr, "%s\n", done.error().message.c_str());
        return 1;
    }
    return 0;
}
