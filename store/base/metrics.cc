// SPDX-License-Identifier: MIT
#include "store/base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace cistern {
namespace {

void append_escaped(std::string& out, std::string_view value) {
    for (const char c : value) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
}

}  // namespace

Counter& MetricsRegistry::counter(std::string_view name,
                                  std::string_view help,
                                  const MetricLabels& labels) {
    const MutexLock lock(mutex_);
    for (Entry& entry : counters_) {
        if (entry.description.name == name && entry.description.labels == labels) {
            return entry.counter;
        }
    }
    Entry& entry = counters_.emplace_back();
    entry.description = {std::string(name), std::string(help), MetricType::Counter, labels, 0};
    return entry.counter;
}

void MetricsRegistry::add_source(Source source) {
    const MutexLock lock(mutex_);
    sources_.push_back(std::move(source));
}

std::vector<MetricValue> MetricsRegistry::collect() const {
    std::vector<MetricValue> values;
    std::vector<Source> sources;
    {
        const MutexLock lock(mutex_);
        for (const Entry& entry : counters_) {
            values.push_back(entry.description);
            values.back().value = static_cast<double>(entry.counter.value());
        }
        sources = sources_;
    }
    for (const Source& source : sources) {
        source(values);
    }
    std::sort(values.begin(), values.end(), [](const MetricValue& a, const MetricValue& b) {
        return std::tie(a.name, a.labels) < std::tie(b.name, b.labels);
    });
    return values;
}

std::string MetricsRegistry::exposition() const {
    std::string out;
    std::string_view previous;
    const auto values = collect();
    for (const MetricValue& metric : values) {
        if (metric.name != previous) {
            out += fmt::format("# HELP {} {}\n# TYPE {} {}\n",
                               metric.name,
                               metric.help,
                               metric.name,
                               metric.type == MetricType::Counter ? "counter" : "gauge");
            previous = metric.name;
        }
        out += metric.name;
        for (size_t i = 0; i < metric.labels.size(); ++i) {
            out += fmt::format("{}{}=\"", i == 0 ? "{" : ",", metric.labels[i].first);
            append_escaped(out, metric.labels[i].second);
            out += i + 1 == metric.labels.size() ? "\"}" : "\"";
        }
        out += fmt::format(" {}\n", metric.value);
    }
    return out;
}

}  // namespace cistern
