// SPDX-License-Identifier: MIT
#include "store/codec/times.h"

#include "store/base/assert.h"
#include "store/base/bytes.h"
#include "store/codec/integers.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace cistern::store::codec {
namespace {

constexpr size_t kGridWorthValues = 32;
constexpr int kFitRounds = 2;
// Products stay far inside int64.
constexpr double kPositionMax = 4611686018427387904.0;  // 2^62

struct Grid {
    int64_t tick = 1;                // ns
    double period = 0;               // ticks
    std::vector<int64_t> steps;      // k[i] - k[i - 1]
    std::vector<int64_t> residuals;  // ticks
};

int64_t position(int64_t k, double period) {
    return static_cast<int64_t>(static_cast<double>(k) * period);
}

// Offsets from the first time in ticks, the greatest common divisor of all; nothing when they do
// not fit the arithmetic of a fit.
std::optional<std::vector<double>> offsets_in_ticks(std::span<const int64_t> times, int64_t& tick) {
    const auto first = static_cast<uint64_t>(times[0]);
    if (static_cast<uint64_t>(times.back()) - first >= static_cast<uint64_t>(kPositionMax)) {
        return std::nullopt;
    }
    uint64_t divisor = 0;
    for (const int64_t time : times) {
        const uint64_t offset = static_cast<uint64_t>(time) - first;
        if (divisor != 1 && (divisor == 0 || offset % divisor != 0)) {
            divisor = std::gcd(divisor, offset);
        }
    }
    tick = static_cast<int64_t>(divisor);
    std::vector<double> offsets(times.size());
    for (size_t i = 0; i < times.size(); ++i) {
        const uint64_t steps = (static_cast<uint64_t>(times[i]) - first) / divisor;
        offsets[i] = static_cast<double>(steps);
    }
    return offsets;
}

double median_gap(const std::vector<double>& offsets) {
    std::vector<double> gaps(offsets.size() - 1);
    for (size_t i = 0; i < gaps.size(); ++i) {
        gaps[i] = offsets[i + 1] - offsets[i];
    }
    const auto middle = gaps.begin() + static_cast<ptrdiff_t>(gaps.size() / 2);
    std::nth_element(gaps.begin(), middle, gaps.end());
    return *middle;
}

// Least squares of offset = origin + k * period.
void fit(const std::vector<double>& offsets,
         const std::vector<double>& k,
         double& origin,
         double& period) {
    const auto n = static_cast<double>(k.size());
    const double mean_k = std::accumulate(k.begin(), k.end(), 0.0) / n;
    const double mean_offset = std::accumulate(offsets.begin(), offsets.end(), 0.0) / n;
    double covariance = 0;
    double variance = 0;
    for (size_t i = 0; i < k.size(); ++i) {
        covariance += (k[i] - mean_k) * (offsets[i] - mean_offset);
        variance += (k[i] - mean_k) * (k[i] - mean_k);
    }
    if (variance > 0) {
        period = covariance / variance;
        origin = mean_offset - period * mean_k;
    }
}

// Nothing when the times are on no grid.
std::optional<Grid> find_grid(std::span<const int64_t> times) {
    Grid grid;
    const auto offsets = offsets_in_ticks(times, grid.tick);
    if (!offsets) {
        return std::nullopt;
    }
    double period = median_gap(*offsets);
    if (period < 4) {
        return std::nullopt;
    }
    std::vector<double> k(times.size());
    for (size_t i = 1; i < k.size(); ++i) {
        k[i] = k[i - 1] + std::round(((*offsets)[i] - (*offsets)[i - 1]) / period);
    }
    double origin = 0;
    for (int round = 0; round < kFitRounds; ++round) {
        fit(*offsets, k, origin, period);
        if (!(period >= 2)) {
            return std::nullopt;
        }
        for (size_t i = 0; i < k.size(); ++i) {
            k[i] = std::round(((*offsets)[i] - origin) / period);
        }
    }
    size_t astray = 0;
    grid.period = period;
    int64_t before = 0;
    for (size_t i = 0; i < k.size(); ++i) {
        const auto step = static_cast<int64_t>(k[i]);
        const int64_t residual = static_cast<int64_t>((*offsets)[i]) - position(step, period);
        astray += std::fabs((*offsets)[i] - origin - k[i] * period) > period / 4 ? 1 : 0;
        grid.steps.push_back(step - before);
        grid.residuals.push_back(residual);
        before = step;
    }
    if (astray * 4 > times.size()) {
        return std::nullopt;
    }
    return grid;
}

void write_grid(const Grid& grid, int64_t first, Effort effort, std::vector<std::byte>& out) {
    std::vector<std::byte> steps;
    encode_integers(grid.steps, effort, steps);
    ByteWriter writer;
    writer.u8(static_cast<uint8_t>(TimeEncoding::Grid));
    writer.i64(first);
    writer.varint(static_cast<uint64_t>(grid.tick));
    writer.f64(grid.period);
    writer.varint(steps.size());
    writer.raw(steps);
    out.insert(out.end(), writer.bytes().begin(), writer.bytes().end());
    encode_integers(grid.residuals, effort, out);
}

bool decode_grid(ByteReader& in, std::span<int64_t> times) {
    const auto first = static_cast<uint64_t>(in.i64());
    const uint64_t tick = in.varint();
    const double period = in.f64();
    std::vector<int64_t> steps(times.size());
    const auto bytes = in.raw(in.varint());
    if (!in.ok() || !decode_integers(bytes, steps) || !decode_integers(in.raw(in.left()), times)) {
        return false;
    }
    uint64_t k = 0;
    for (size_t i = 0; i < times.size(); ++i) {
        k += static_cast<uint64_t>(steps[i]);
        const double at = static_cast<double>(static_cast<int64_t>(k)) * period;
        if (!(std::fabs(at) < kPositionMax)) {
            return false;
        }
        const auto position = static_cast<uint64_t>(static_cast<int64_t>(at));
        times[i] =
            static_cast<int64_t>(first + tick * (position + static_cast<uint64_t>(times[i])));
    }
    return true;
}

}  // namespace

void encode_times(std::span<const int64_t> times, Effort effort, std::vector<std::byte>& out) {
    CISTERN_ASSERT(!times.empty());
    const size_t at = out.size();
    out.push_back(static_cast<std::byte>(TimeEncoding::Plain));
    encode_integers(times, effort, out);
    if (times.size() < kGridWorthValues || (out.size() - at) * 16 < times.size()) {
        return;
    }
    if (const auto grid = find_grid(times)) {
        std::vector<std::byte> tried;
        write_grid(*grid, times[0], effort, tried);
        if (tried.size() < out.size() - at) {
            out.resize(at);
            out.insert(out.end(), tried.begin(), tried.end());
        }
    }
}

bool decode_times(std::span<const std::byte> bytes, std::span<int64_t> times) {
    ByteReader in(bytes);
    const uint8_t encoding = in.u8();
    const bool decoded =
        encoding == static_cast<uint8_t>(TimeEncoding::Plain)
            ? decode_integers(in.raw(in.left()), times)
            : encoding == static_cast<uint8_t>(TimeEncoding::Grid) && decode_grid(in, times);
    if (!decoded) {
        return false;
    }
    bool ascending = true;
    for (size_t i = 1; i < times.size(); ++i) {
        ascending &= times[i] > times[i - 1];
    }
    return ascending;
}

}  // namespace cistern::store::codec
