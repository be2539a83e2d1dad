// SPDX-License-Identifier: MIT
#include "web/metric_family.h"

#include <span>

namespace cistern::web {
namespace {

std::span<const std::string_view> suffixes_of(std::string_view type) {
    static constexpr std::string_view kHistogram[] = {"_bucket", "_sum", "_count"};
    static constexpr std::string_view kGaugeHistogram[] = {"_bucket", "_gsum", "_gcount"};
    static constexpr std::string_view kSummary[] = {"_sum", "_count"};
    if (type == "histogram") return kHistogram;
    if (type == "gaugehistogram") return kGaugeHistogram;
    if (type == "summary") return kSummary;
    return {};
}

}  // namespace

std::vector<std::string> family_metrics(std::string_view family, std::string_view type) {
    std::vector<std::string> metrics{std::string(family)};
    for (const std::string_view suffix : suffixes_of(type))
        metrics.push_back(std::string(family) + std::string(suffix));
    // OpenMetrics leaves the suffix out of the family's name, the older format does not.
    if (type == "counter" && !family.ends_with("_total")) {
        metrics.push_back(std::string(family) + "_total");
    }
    if (type == "info" && !family.ends_with("_info")) {
        metrics.push_back(std::string(family) + "_info");
    }
    return metrics;
}

std::string_view family_of(std::string_view metric, std::string_view type) {
    for (const std::string_view suffix : suffixes_of(type)) {
        if (metric.size() > suffix.size() && metric.ends_with(suffix)) {
            return metric.substr(0, metric.size() - suffix.size());
        }
    }
    return metric;
}

}  // namespace cistern::web
