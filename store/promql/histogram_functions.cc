// SPDX-License-Identifier: MIT
// histogram_quantile over classic buckets (label le).
// Source: Prometheus 2.42 promql/quantile.go, bucketQuantile.
#include "store/promql/format.h"
#include "store/promql/instant_function.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace cistern::promql {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::string_view kBoundLabel = "le";

struct Bucket {
    double bound = 0;
    double count = 0;
};

// Buckets of one bound become one; counts become monotonic, as scrapes may tear them.
void tidy(std::vector<Bucket>& buckets) {
    size_t kept = 0;
    for (size_t i = 1; i < buckets.size(); ++i) {
        if (buckets[i].bound == buckets[kept].bound) {
            buckets[kept].count += buckets[i].count;
        } else {
            buckets[++kept] = buckets[i];
        }
    }
    buckets.resize(kept + 1);
    double highest = buckets[0].count;
    for (Bucket& bucket : buckets) {
        if (bucket.count > highest) {
            highest = bucket.count;
        } else if (bucket.count < highest) {
            bucket.count = highest;
        }
    }
}

// The first of buckets [0, size - 1) whose count reaches rank, or size - 1: Go's sort.Search, also
// for counts that are NaN.
size_t find_rank(const std::vector<Bucket>& buckets, double rank) {
    size_t low = 0;
    size_t high = buckets.size() - 1;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (buckets[middle].count >= rank) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

// `buckets` are sorted by bound, not empty.
double bucket_quantile(double q, std::vector<Bucket>& buckets) {
    if (std::isnan(q)) {
        return kNan;
    }
    if (q < 0 || q > 1) {
        return q < 0 ? -kInfinity : kInfinity;
    }
    if (buckets.back().bound != kInfinity) {
        return kNan;
    }
    tidy(buckets);
    const double observations = buckets.back().count;
    if (buckets.size() < 2 || observations == 0) {
        return kNan;
    }
    double rank = q * observations;
    const size_t found = find_rank(buckets, rank);
    if (found == buckets.size() - 1) {
        return buckets[buckets.size() - 2].bound;
    }
    if (found == 0 && buckets[0].bound <= 0) {
        return buckets[0].bound;
    }
    double begin = 0;
    const double end = buckets[found].bound;
    double count = buckets[found].count;
    if (found > 0) {
        begin = buckets[found - 1].bound;
        count -= buckets[found - 1].count;
        rank -= buckets[found - 1].count;
    }
    return begin + (end - begin) * (rank / count);
}

// The series of one histogram, ordered by bound.
struct Histogram {
    SeriesLabels labels;
    std::vector<std::pair<double, size_t>> bounds;  // bound, series
};

std::vector<Histogram> group_buckets(const std::vector<SeriesLabels>& series) {
    std::vector<Histogram> histograms;
    std::unordered_map<std::string, size_t> known;
    for (size_t i = 0; i < series.size(); ++i) {
        const auto bound = parse_float(series[i].get(kBoundLabel));
        if (!bound.has_value()) {
            continue;
        }
        store::Labels labels = series[i].to_labels();
        labels.remove(kBoundLabel);
        const SeriesLabels with_name(labels);
        const auto [found, is_new] = known.emplace(with_name.key(), histograms.size());
        if (is_new) {
            labels.remove(store::kMetricNameLabel);
            histograms.push_back({SeriesLabels(std::move(labels)), {}});
        }
        histograms[found->second].bounds.emplace_back(*bound, i);
    }
    for (Histogram& histogram : histograms) {
        std::stable_sort(
            histogram.bounds.begin(), histogram.bounds.end(), [](const auto& a, const auto& b) {
                const bool a_nan = std::isnan(a.first);
                return a_nan || std::isnan(b.first) ? a_nan && !std::isnan(b.first)
                                                    : a.first < b.first;
            });
    }
    return histograms;
}

}  // namespace

Result<SeriesSet> histogram_quantile(FunctionArguments arguments, QueryContext& context) {
    const Matrix matrix = TRY(materialise(std::move(arguments.vector), context));
    const Column& q = arguments.scalars[0];
    Matrix result;
    result.steps = matrix.steps;
    std::vector<Bucket> buckets;
    for (Histogram& histogram : group_buckets(matrix.labels)) {
        Column column(matrix.steps, absent());
        for (size_t step = 0; step < matrix.steps; ++step) {
            buckets.clear();
            for (const auto& [bound, series] : histogram.bounds) {
                const double count = matrix.columns[series][step];
                if (!is_absent(count)) {
                    buckets.push_back({bound, count});
                }
            }
            if (!buckets.empty()) {
                column[step] = bucket_quantile(q[step], buckets);
            }
        }
        result.add(std::move(histogram.labels), std::move(column));
    }
    return merge_equal(to_set(std::move(result)), DuplicateRule::PerStep, context);
}

}  // namespace cistern::promql
