// SPDX-License-Identifier: MIT
// Bytes per value and speed of the value codec on files of `timestamp,value` lines, one series
// each.
//   codec_bench [FOLDER] [BLOCK_SAMPLES]
// The reference columns are the bytes per value of the prototypes that the formats were chosen from
// (bit-packing with dictionary; byte planes with zstd level 1 and dictionary; blocks of 4096).
// Speeds are per second of this thread's CPU time, the median of five runs.
#include "store/codec/doubles.h"
#include "store/codec/times.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace {

using cistern::store::codec::DoubleEncoder;
using cistern::store::codec::Effort;

struct Reference {
    const char* group;
    double packed;
    double planes;
};

const std::map<std::string, Reference>& references() {
    static const std::map<std::string, Reference> all = {
        {"alp_air_sensor_f", {"full precision", 6.654, 6.363}},
        {"alp_basel_temp_f", {"full precision", 3.622, 3.497}},
        {"alp_basel_wind_f", {"full precision", 3.331, 3.411}},
        {"alp_neon_air_pressure", {"decimal", 1.184, 1.108}},
        {"alp_neon_bio_temp_c", {"decimal", 0.690, 0.625}},
        {"alp_neon_dew_point_temp", {"decimal", 1.016, 1.025}},
        {"alp_neon_pm10_dust", {"decimal", 0.505, 0.431}},
        {"alp_neon_wind_dir", {"decimal", 1.967, 2.007}},
        {"appl_appliances", {"decimal", 0.749, 0.542}},
        {"appl_rh_1", {"17 digits or float32", 6.493, 4.978}},
        {"appl_t1", {"17 digits or float32", 1.275, 1.076}},
        {"beijing_iws", {"decimal", 1.195, 0.989}},
        {"beijing_pres", {"decimal", 0.290, 0.273}},
        {"beijing_temp", {"decimal", 0.449, 0.376}},
        {"ett_hufl_f32", {"17 digits or float32", 2.263, 1.539}},
        {"ett_ot_f32", {"17 digits or float32", 1.617, 1.103}},
        {"nab_ambient_temp", {"full precision", 3.934, 4.121}},
        {"nab_ec2_cpu", {"decimal", 0.523, 0.368}},
        {"nab_ec2_net_in", {"decimal", 2.533, 2.305}},
        {"nab_machine_temp", {"full precision", 4.129, 4.280}},
        {"occup_co2", {"17 digits or float32", 2.260, 1.877}},
        {"occup_hum", {"17 digits or float32", 1.898, 1.452}},
        {"occup_light", {"17 digits or float32", 0.746, 0.585}},
        {"occup_occ", {"decimal", 0.022, 0.025}},
        {"occup_temp", {"17 digits or float32", 0.925, 0.551}},
        {"skab_accel", {"decimal", 1.690, 1.806}},
        {"skab_current", {"decimal", 2.406, 2.545}},
        {"skab_flow", {"decimal", 0.863, 0.622}},
        {"skab_pressure", {"decimal", 0.391, 0.308}},
        {"skab_temp", {"decimal", 1.766, 1.833}},
        {"skab_voltage", {"decimal", 2.011, 2.005}},
        {"syn_contact", {"synthetic MQTT", 0.138, 0.006}},
        {"syn_esp_rssi", {"synthetic MQTT", 0.385, 0.311}},
        {"syn_esp_temp01", {"synthetic MQTT", 0.175, 0.184}},
        {"syn_esp_temp_f32", {"synthetic MQTT", 0.510, 0.426}},
        {"syn_pi_cpu", {"synthetic MQTT", 0.764, 0.693}},
        {"syn_pi_cpufreq", {"synthetic MQTT", 0.264, 0.256}},
        {"syn_pi_ds18b20", {"synthetic MQTT", 0.278, 0.273}},
        {"syn_pi_mem", {"synthetic MQTT", 1.283, 1.383}},
        {"syn_pi_netbytes", {"synthetic MQTT", 1.886, 1.928}},
        {"syn_pm_energy", {"synthetic MQTT", 0.276, 0.274}},
        {"syn_pm_power", {"synthetic MQTT", 0.699, 0.668}},
        {"syn_pm_volt", {"synthetic MQTT", 0.413, 0.396}},
        {"syn_z2m_batt", {"synthetic MQTT", 0.005, 0.006}},
        {"syn_z2m_hum", {"synthetic MQTT", 0.850, 0.766}},
        {"syn_z2m_lqi", {"synthetic MQTT", 0.440, 0.270}},
        {"syn_z2m_press", {"synthetic MQTT", 0.270, 0.271}},
        {"syn_z2m_temp", {"synthetic MQTT", 0.634, 0.529}},
        {"uci_air_co", {"decimal", 0.770, 0.569}},
        {"uci_air_rh", {"decimal", 1.054, 0.987}},
        {"uci_air_temp", {"decimal", 0.844, 0.742}},
        {"uci_power_active", {"decimal", 1.233, 1.049}},
        {"uci_power_current", {"decimal", 0.687, 0.480}},
        {"uci_power_sub3", {"decimal", 0.226, 0.128}},
        {"uci_power_voltage", {"decimal", 1.147, 1.153}},
    };
    return all;
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Median seconds of one call, each timing long enough to measure.
template <class Call>
double seconds_of(Call call) {
    std::array<double, 5> runs{};
    for (double& run : runs) {
        const double start = cpu_seconds();
        size_t calls = 0;
        double used = 0;
        while (used < 0.004) {
            call();
            ++calls;
            used = cpu_seconds() - start;
        }
        run = used / static_cast<double>(calls);
    }
    std::sort(runs.begin(), runs.end());
    return runs[2];
}

struct Columns {
    std::vector<int64_t> times;
    std::vector<double> values;
};

Columns load(const std::filesystem::path& path) {
    Columns columns;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        char* end = nullptr;
        const long long time = std::strtoll(line.c_str(), &end, 10);
        if (*end == ',') {
            columns.times.push_back(time);
            columns.values.push_back(std::strtod(end + 1, nullptr));
        }
    }
    return columns;
}

using Blocks = std::vector<std::vector<std::byte>>;

Blocks encode(const std::vector<double>& values, size_t block, Effort effort) {
    Blocks blocks;
    DoubleEncoder encoder;
    for (size_t at = 0; at < values.size(); at += block) {
        blocks.emplace_back();
        encoder.encode(std::span(values).subspan(at, std::min(block, values.size() - at)),
                       effort,
                       blocks.back());
    }
    return blocks;
}

bool decode(const Blocks& blocks, size_t block, size_t count, std::vector<double>& into) {
    bool good = true;
    for (size_t i = 0; i < blocks.size(); ++i) {
        const size_t values = std::min(block, count - i * block);
        good =
            cistern::store::codec::decode_doubles(blocks[i], std::span(into).first(values)) && good;
    }
    return good;
}

bool same(const Blocks& blocks, size_t block, const std::vector<double>& values) {
    std::vector<double> decoded(block);
    for (size_t i = 0; i < blocks.size(); ++i) {
        const auto part =
            std::span(values).subspan(i * block, std::min(block, values.size() - i * block));
        if (!cistern::store::codec::decode_doubles(blocks[i],
                                                   std::span(decoded).first(part.size())) ||
            !std::equal(part.begin(), part.end(), decoded.begin(), [](double a, double b) {
                return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
            })) {
            return false;
        }
    }
    return true;
}

double bytes_per_value(const Blocks& blocks, size_t count) {
    size_t bytes = 0;
    for (const auto& block : blocks) {
        bytes += block.size();
    }
    return static_cast<double>(bytes) / static_cast<double>(count);
}

struct Figures {
    double hot = 0;
    double sealed = 0;
    double packed = 0;          // reference
    double planes = 0;          // reference
    double decode_seconds = 0;  // per value
    double encode_seconds = 0;
    double sealed_decode_seconds = 0;
    double seal_seconds = 0;
    size_t series = 0;

    void add(const Figures& other) {
        hot += other.hot;
        sealed += other.sealed;
        packed += other.packed;
        planes += other.planes;
        decode_seconds += other.decode_seconds;
        encode_seconds += other.encode_seconds;
        sealed_decode_seconds += other.sealed_decode_seconds;
        seal_seconds += other.seal_seconds;
        series += other.series;
    }
    void print(const std::string& name) const {
        const auto n = static_cast<double>(series);
        const auto rate = [n](double seconds) { return n / seconds * 1e-6; };
        fmt::print(
            "{:<26} {:7.3f} {:7.3f} {:6.3f}  {:7.3f} {:7.3f} {:6.3f}  {:7.0f} {:7.1f} {:7.0f} "
            "{:7.1f}\n",
            name,
            hot / n,
            packed / n,
            packed > 0 ? hot / packed : 0,
            sealed / n,
            planes / n,
            planes > 0 ? sealed / planes : 0,
            rate(decode_seconds),
            rate(encode_seconds),
            rate(sealed_decode_seconds),
            rate(seal_seconds));
    }
};

// False when a value does not come back bit for bit.
bool measure(const std::vector<double>& values, size_t block, Figures& figures) {
    const Blocks hot = encode(values, block, Effort::Fast);
    const Blocks sealed = encode(values, block, Effort::Seal);
    std::vector<double> into(block);
    const auto n = static_cast<double>(values.size());
    figures.hot = bytes_per_value(hot, values.size());
    figures.sealed = bytes_per_value(sealed, values.size());
    figures.series = 1;
    figures.decode_seconds = seconds_of([&] { decode(hot, block, values.size(), into); }) / n;
    figures.sealed_decode_seconds =
        seconds_of([&] { decode(sealed, block, values.size(), into); }) / n;
    figures.encode_seconds = seconds_of([&] { encode(values, block, Effort::Fast); }) / n;
    figures.seal_seconds = seconds_of([&] { encode(values, block, Effort::Seal); }) / n;
    return same(hot, block, values) && same(sealed, block, values);
}

}  // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = argc > 1 ? argv[1] : "../shared/bench/data";
    const size_t block = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 4096;
    if (!std::filesystem::is_directory(folder)) {
        fmt::print(stderr, "codec_bench: no folder {}\n", folder.string());
        return 2;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".csv") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    fmt::print("bytes per value and million values per CPU second, blocks of {}\n", block);
    fmt::print("{:<26} {:>7} {:>7} {:>6}  {:>7} {:>7} {:>6}  {:>7} {:>7} {:>7} {:>7}\n",
               "series",
               "hot",
               "ref",
               "ratio",
               "sealed",
               "ref",
               "ratio",
               "decode",
               "encode",
               "d.seal",
               "e.seal");
    std::map<std::string, Figures> groups;
    bool lossless = true;
    for (const auto& path : files) {
        const Columns columns = load(path);
        if (columns.values.empty()) {
            continue;
        }
        const std::string name = path.stem().string();
        Figures figures;
        if (!measure(columns.values, block, figures)) {
            fmt::print("{}: NOT LOSSLESS\n", name);
            lossless = false;
        }
        const auto found = references().find(name);
        if (found != references().end()) {
            figures.packed = found->second.packed;
            figures.planes = found->second.planes;
            groups[found->second.group].add(figures);
        }
        figures.print(name);
    }
    fmt::print("\n");
    for (const auto& [group, figures] : groups) {
        figures.print(fmt::format("{} ({})", group, figures.series));
    }
    return lossless ? 0 : 1;
}
