// SPDX-License-Identifier: MIT
#include "store/engine/union_querier.h"

#include <algorithm>
#include <set>

namespace cistern::store {

std::vector<uint32_t> UnionQuerier::sources_of(std::span<const Matcher> matchers,
                                               std::vector<Matcher>& others) const {
    std::vector<const Matcher*> on_database;
    for (const Matcher& matcher : matchers) {
        if (matcher.label() == kDatabaseLabel) {
            on_database.push_back(&matcher);
        } else {
            others.push_back(matcher);
        }
    }
    std::vector<uint32_t> numbers;
    for (uint32_t i = 0; i < sources_.size(); ++i) {
        const auto matches = [&](const Matcher* matcher) {
            return matcher->matches(sources_[i].name);
        };
        if (std::all_of(on_database.begin(), on_database.end(), matches)) {
            numbers.push_back(i);
        }
    }
    return numbers;
}

Result<const Querier*> UnionQuerier::source_of(const SeriesHandle& series) const {
    if (series.source >= sources_.size()) {
        return fail(ErrorCode::InvalidArgument, "the series is of another querier");
    }
    return sources_[series.source].querier.get();
}

Result<std::vector<SeriesHandle>> UnionQuerier::select(std::span<const Matcher> matchers,
                                                       TimeRange range) const {
    std::vector<Matcher> others;
    std::vector<SeriesHandle> all;
    for (const uint32_t number : sources_of(matchers, others)) {
        for (SeriesHandle& handle : TRY(sources_[number].querier->select(others, range))) {
            Labels labels = *handle.labels;
            labels.set(kDatabaseLabel, sources_[number].name);
            handle.labels = std::make_shared<const Labels>(std::move(labels));
            handle.source = number;
            all.push_back(std::move(handle));
        }
    }
    std::sort(all.begin(), all.end(), [](const SeriesHandle& a, const SeriesHandle& b) {
        return *a.labels < *b.labels;
    });
    return all;
}

Status UnionQuerier::read(const SeriesHandle& series, TimeRange range, SampleColumns& into) const {
    return TRY(source_of(series))
    ->read(series, range, into);
}

uint64_t UnionQuerier::samples_at_least(const SeriesHandle& series,
                                        TimeRange range,
                                        uint64_t few) const {
    const auto source = source_of(series);
    return source ? (*source)->samples_at_least(series, range, few) : 0;
}

Status UnionQuerier::read_bits(const SeriesHandle& series,
                               TimeRange range,
                               std::vector<TimestampNs>& timestamps,
                               std::vector<ValueBits>& values) const {
    return TRY(source_of(series))
    ->read_bits(series, range, timestamps, values);
}

Result<Sample> UnionQuerier::last(const SeriesHandle& series, TimeRange range) const {
    return TRY(source_of(series))
    ->last(series, range);
}

Status UnionQuerier::summarize(const SeriesHandle& series,
                               TimeRange range,
                               int64_t align_ns,
                               int64_t align_offset_ns,
                               std::vector<BlockSummary>& into) const {
    return TRY(source_of(series))
    ->summarize(series, range, align_ns, align_offset_ns, into);
}

Result<std::vector<std::string>> UnionQuerier::label_names(std::span<const Matcher> matchers,
                                                           TimeRange range) const {
    std::vector<Matcher> others;
    std::set<std::string> names;
    for (const uint32_t number : sources_of(matchers, others)) {
        for (std::string& name : TRY(sources_[number].querier->label_names(others, range))) {
            names.insert(std::move(name));
        }
    }
    if (!names.empty()) {
        names.emplace(kDatabaseLabel);
    }
    return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<std::string>> UnionQuerier::label_values(std::string_view label,
                                                            std::span<const Matcher> matchers,
                                                            TimeRange range) const {
    std::vector<Matcher> others;
    std::set<std::string> values;
    for (const uint32_t number : sources_of(matchers, others)) {
        const Querier& source = *sources_[number].querier;
        if (label == kDatabaseLabel) {
            if (!TRY(source.select(others, range)).empty()) {
                values.insert(sources_[number].name);
            }
            continue;
        }
        for (std::string& value : TRY(source.label_values(label, others, range))) {
            values.insert(std::move(value));
        }
    }
    return std::vector<std::string>(values.begin(), values.end());
}

}  // namespace cistern::store
