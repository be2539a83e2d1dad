// SPDX-License-Identifier: MIT
// A day of a house in one partition file: devices of ten sensors each that share their timestamps.
//   partition_bench [SERIES] [SAMPLES] [JITTER_MS] [SHARED 1|0]
// Prints bytes per sample, hot and sealed, and the CPU time of writing, opening and reading.
#include "store/partition/partition_reader.h"
#include "store/partition/partition_writer.h"
#include "tests/support/temp_folder.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace cistern;
using namespace cistern::store;

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kStart = 1'767'225'600'000 * kMillisecond;

struct Kind {
    int decimals;
    double start, step, low, high;
    enum { Walk, Counter, Flip } mode;
};

constexpr std::array<Kind, 10> kKinds = {{
    {2, 21, 0.03, -20, 45, Kind::Walk},          // temperature
    {1, 48, 0.2, 0, 100, Kind::Walk},            // humidity
    {1, 1013, 0.05, 950, 1060, Kind::Walk},      // pressure
    {0, 120, 15, 0, 3600, Kind::Walk},           // power
    {3, 1234.5, 0.004, 0, 1e12, Kind::Counter},  // energy
    {0, 90, 3, 0, 255, Kind::Walk},              // link quality
    {0, 97, 0, 0, 100, Kind::Flip},              // battery
    {1, 231, 0.3, 200, 250, Kind::Walk},         // voltage
    {0, 600, 8, 350, 5000, Kind::Walk},          // carbon dioxide
    {0, 0, 1, 0, 1, Kind::Flip},                 // contact
}};

class Random {
  public:
    uint64_t next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  private:
    uint64_t state_ = 88172645463325252ULL;
};

struct Column {
    std::vector<TimestampNs> timestamps;
    std::vector<ValueBits> values;
};

void advance(const Kind& kind, Random& random, double& value) {
    if (kind.mode == Kind::Walk) {
        value += (random.unit() * 2 - 1) * kind.step * 2;
        value = std::min(std::max(value, kind.low), kind.high);
    } else if (kind.mode == Kind::Counter) {
        value += random.unit() * kind.step;
    } else if (random.unit() < 0.002) {
        value = kind.low + (kind.high > 1 ? value - 1 : 1 - value);
    }
}

std::vector<Column> make_columns(size_t series, size_t samples, uint64_t jitter_ms, bool shared) {
    Random random;
    std::vector<Column> columns(series);
    for (size_t s = 0; s < series; ++s) {
        const Kind& kind = kKinds[s % kKinds.size()];
        double value = kind.start;
        const double power = std::pow(10, kind.decimals);
        for (size_t i = 0; i < samples; ++i) {
            const auto shift = static_cast<int64_t>(jitter_ms > 0 ? random.next() % jitter_ms : 0);
            advance(kind, random, value);
            columns[s].timestamps.push_back(kStart + (static_cast<int64_t>(i) * 10'000 + shift) *
                                                         kMillisecond);
            columns[s].values.push_back(ValueBits::of(std::round(value * power) / power));
        }
        if (shared && s % kKinds.size() != 0) {
            columns[s].timestamps = columns[s - 1].timestamps;
        }
    }
    return columns;
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

bool measure(const std::vector<Column>& columns, bool sealed, const std::string& path) {
    PartitionIdentity identity;
    identity.period = {kStart, kStart + 86'400'000 * kMillisecond};
    identity.sealed = sealed;
    const double begin = cpu_seconds();
    auto writer = PartitionWriter::create(posix_file_system(), path, identity, 8192);
    if (!writer) {
        return false;
    }
    for (size_t s = 0; s < columns.size(); ++s) {
        const SeriesColumns series{SeriesId(static_cast<uint32_t>(s + 1)),
                                   ValueType::Float,
                                   columns[s].timestamps,
                                   columns[s].values};
        if (!(*writer)->add(series)) {
            return false;
        }
    }
    const auto result = (*writer)->finish();
    if (!result) {
        return false;
    }
    const double written = cpu_seconds();
    const auto reader = PartitionReader::open(posix_file_system(), path);
    if (!reader) {
        return false;
    }
    const double opened = cpu_seconds();
    std::vector<TimestampNs> timestamps;
    std::vector<double> values;
    std::vector<BlockFault> faults;
    for (size_t s = 0; s < columns.size(); ++s) {
        timestamps.clear();
        values.clear();
        if (!(*reader)->read(
                SeriesId(static_cast<uint32_t>(s + 1)), {}, timestamps, values, faults) ||
            timestamps != columns[s].timestamps) {
            return false;
        }
    }
    const double read = cpu_seconds();
    for (size_t s = 0; s < columns.size(); ++s) {
        if ((*reader)->blocks(SeriesId(static_cast<uint32_t>(s + 1)))->empty()) {
            return false;
        }
    }
    const double indexed = cpu_seconds();
    const auto n = static_cast<double>(result->samples);
    const uint64_t other = result->file_bytes - result->time_bytes - result->value_bytes;
    fmt::print(
        "{:<7} {:.4f} B/sample (values {:.4f}, times {:.4f}, index {:.4f})  write {:.1f} M/s  open "
        "{:.2f} ms  "
        "read {:.0f} M/s  index {:.2f} us/series\n",
        sealed ? "sealed" : "hot",
        static_cast<double>(result->file_bytes) / n,
        static_cast<double>(result->value_bytes) / n,
        static_cast<double>(result->time_bytes) / n,
        static_cast<double>(other) / n,
        n / (written - begin) * 1e-6,
        (opened - written) * 1e3,
        n / (read - opened) * 1e-6,
        (indexed - read) * 1e6 / static_cast<double>(columns.size()));
    return faults.empty();
}

size_t argument(int argc, char** argv, int index, size_t otherwise) {
    return argc > index ? std::strtoul(argv[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
    const auto columns = make_columns(argument(argc, argv, 1, 1000),
                                      argument(argc, argv, 2, 8640),
                                      argument(argc, argv, 3, 50),
                                      argument(argc, argv, 4, 1) != 0);
    const test::TempFolder folder;
    for (const bool sealed : {false, true}) {
        if (!measure(columns, sealed, folder.file("data-2026-01-01.dat"))) {
            fmt::print(stderr, "partition_bench: what was written is not what was read\n");
            return 1;
        }
    }
    return 0;
}
