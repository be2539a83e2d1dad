// SPDX-License-Identifier: MIT
#include "tests/support/fake_querier.h"

#include "store/base/assert.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace cistern::test {

using store::BlockSummary;
using store::Matcher;
using store::SeriesHandle;
using store::TimeRange;

void FakeQuerier::add(const store::Labels& labels, store::TimestampNs timestamp, double value) {
    Series& series = series_[labels];
    if (series.labels == nullptr) {
        series.id = store::SeriesId(static_cast<uint32_t>(series_.size()));
        series.labels = std::make_shared<const store::Labels>(labels);
    }
    auto& times = series.samples.timestamps;
    auto& values = series.samples.values;
    const auto at = std::lower_bound(times.begin(), times.end(), timestamp) - times.begin();
    if (at < static_cast<std::ptrdiff_t>(times.size()) &&
        times[static_cast<size_t>(at)] == timestamp) {
        values[static_cast<size_t>(at)] = value;
        return;
    }
    times.insert(times.begin() + at, timestamp);
    values.insert(values.begin() + at, value);
}

void FakeQuerier::set_stale_after(const store::Labels& labels, int64_t stale_after_ns) {
    series_.at(labels).stale_after_ns = stale_after_ns;
}

const FakeQuerier::Series& FakeQuerier::find(const SeriesHandle& handle) const {
    const auto found = series_.find(*handle.labels);
    CISTERN_ASSERT(found != series_.end());
    return found->second;
}

Result<std::vector<SeriesHandle>> FakeQuerier::select(std::span<const Matcher> matchers,
                                                      TimeRange range) const {
    std::vector<SeriesHandle> found;
    for (const auto& [labels, series] : series_) {
        const bool matches = std::all_of(
            matchers.begin(), matchers.end(), [&labels = labels](const Matcher& matcher) {
                return matcher.matches(labels.get(matcher.label()));
            });
        const auto& times = series.samples.timestamps;
        if (matches && !times.empty() && range.overlaps(times.front(), times.back())) {
            found.push_back(
                {series.id, store::ValueType::Float, series.stale_after_ns, series.labels, 0});
        }
    }
    return found;
}

Status FakeQuerier::read(const SeriesHandle& series,
                         TimeRange range,
                         store::SampleColumns& into) const {
    const auto& samples = find(series).samples;
    const auto begin =
        std::lower_bound(samples.timestamps.begin(), samples.timestamps.end(), range.begin) -
        samples.timestamps.begin();
    const auto end =
        std::lower_bound(samples.timestamps.begin() + begin, samples.timestamps.end(), range.end) -
        samples.timestamps.begin();
    into.timestamps.assign(samples.timestamps.begin() + begin,
                           samples.timestamps.begin() + std::max(begin, end));
    into.values.assign(samples.values.begin() + begin,
                       samples.values.begin() + std::max(begin, end));
    return {};
}

Status FakeQuerier::read_bits(const SeriesHandle& series,
                              TimeRange range,
                              std::vector<store::TimestampNs>& timestamps,
                              std::vector<store::ValueBits>& values) const {
    store::SampleColumns samples;
    TRY(read(series, range, samples));
    timestamps = std::move(samples.timestamps);
    values.clear();
    for (const double value : samples.values) {
        values.push_back(store::ValueBits::of(value));
    }
    return {};
}

Result<store::Sample> FakeQuerier::last(const SeriesHandle& series, TimeRange range) const {
    store::SampleColumns samples;
    TRY(read(series, range, samples));
    if (samples.size() == 0) {
        return fail(ErrorCode::NotFound, "no sample in range");
    }
    return store::Sample{
        series.id, samples.timestamps.back(), store::ValueBits::of(samples.values.back())};
}

Status FakeQuerier::summarize(const SeriesHandle& series,
                              TimeRange range,
                              int64_t align_ns,
                              int64_t align_offset_ns,
                              std::vector<BlockSummary>& into) const {
    store::SampleColumns samples;
    TRY(read(series, range, samples));
    into.clear();
    const auto window = [&](store::TimestampNs t) {
        return align_ns > 0 ? std::floor(static_cast<double>(t - align_offset_ns) /
                                         static_cast<double>(align_ns))
                            : 0;
    };
    for (size_t i = 0; i < samples.size(); ++i) {
        const store::TimestampNs t = samples.timestamps[i];
        const double value = samples.values[i];
        if (into.empty() || window(into.back().first_ns) != window(t)) {
            into.push_back({t, t, 0, 0, HUGE_VAL, -HUGE_VAL, 0, value, value});
        }
        BlockSummary& block = into.back();
        block.last_ns = t;
        block.last = value;
        ++block.count;
        if (std::isnan(value)) {
            ++block.nan_count;
            continue;
        }
        block.min = std::min(block.min, value);
        block.max = std::max(block.max, value);
        block.sum += value;
    }
    return {};
}

Result<std::vector<std::string>> FakeQuerier::label_names(std::span<const Matcher> matchers,
                                                          TimeRange range) const {
    std::set<std::string> names;
    for (const SeriesHandle& series : TRY(select(matchers, range))) {
        for (const store::Label& label : series.labels->all()) {
            names.insert(label.name);
        }
    }
    return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<std::string>> FakeQuerier::label_values(std::string_view label,
                                                           std::span<const Matcher> matchers,
                                                           TimeRange range) const {
    std::set<std::string> values;
    for (const SeriesHandle& series : TRY(select(matchers, range))) {
        if (series.labels->has(label)) {
            values.insert(std::string(series.labels->get(label)));
        }
    }
    return std::vector<std::string>(values.begin(), values.end());
}

}  // namespace cistern::test
