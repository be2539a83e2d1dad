// SPDX-License-Identifier: MIT
#include "store/promql/selector.h"

#include "store/promql/window_sweep.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::promql {
namespace {

// Windows that cover less than 1/kSparseFactor of the time are read one by one.
constexpr int64_t kSparseFactor = 8;
constexpr int64_t kForever = kQueryTimeMsMax;

void drop_stale_markers(store::SampleColumns& samples) {
    size_t markers = 0;
    for (const double value : samples.values) {
        markers += store::is_stale_marker(value) ? 1 : 0;
    }
    if (markers == 0) {
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
        if (!store::is_stale_marker(samples.values[i])) {
            samples.timestamps[kept] = samples.timestamps[i];
            samples.values[kept] = samples.values[i];
            ++kept;
        }
    }
    samples.timestamps.resize(kept);
    samples.values.resize(kept);
}

void append(store::SampleColumns& into, const store::SampleColumns& part) {
    into.timestamps.insert(into.timestamps.end(), part.timestamps.begin(), part.timestamps.end());
    into.values.insert(into.values.end(), part.values.begin(), part.values.end());
}

// Before the memory is spent.
Status check_room(const store::Querier& querier,
                  const store::SeriesHandle& series,
                  store::TimeRange range,
                  const QueryContext& context) {
    const uint64_t left = context.samples_left();
    if (querier.samples_at_least(series, range, left) > left) {
        return QueryContext::too_many_samples();
    }
    return {};
}

// Samples of all windows that end at the references and reach `range_ms` back, stale markers too.
Status read_raw(const store::Querier& querier,
                const store::SeriesHandle& series,
                const References& references,
                int64_t range_ms,
                QueryContext& context,
                Workspace& workspace) {
    const bool left_open = context.options().left_open;
    const store::TimeRange first = window_range(references.first_ms, range_ms, left_open);
    const store::TimeRange last = window_range(references.last_ms(), range_ms, left_open);
    const store::TimestampNs horizon = ns_of_ms(references.horizon_ms + 1);
    store::SampleColumns& samples = workspace.samples;
    samples.clear();
    if (first.begin >= horizon) {
        return {};
    }
    if (references.distinct() <= 1 || references.step_ms < range_ms * kSparseFactor) {
        const store::TimeRange range{first.begin, std::min(last.end, horizon)};
        TRY(check_room(querier, series, range, context));
        TRY(querier.read(series, range, samples));
    } else {
        for (size_t step = 0; step < references.count; ++step) {
            store::TimeRange window = window_range(references.at(step), range_ms, left_open);
            window.end = std::min(window.end, horizon);
            if (window.begin >= window.end) {
                break;
            }
            TRY(querier.read(series, window, workspace.part));
            append(samples, workspace.part);
        }
    }
    context.count_read(samples.size());
    // What is held for the time of this call alone still counts against the limit.
    TRY(Charge::take(context, samples.size()));
    return {};
}

// Reads instant values of one series.
class InstantReader {
  public:
    // `selected_ms`: the reference of pinned selectors before any correction.
    InstantReader(Selection selection,
                  References references,
                  int64_t selected_ms,
                  bool timestamps,
                  QueryContext& context)
        : selection_(std::move(selection)),
          references_(references),
          selected_ms_(selected_ms),
          timestamps_(timestamps),
          context_(context) {}

    Status read(size_t index, Workspace& workspace, Column& column) const {
        column.assign(references_.count, absent());
        if (references_.count == 0) {
            return {};
        }
        const store::SeriesHandle& series = selection_.series[index];
        const int64_t lookback_ms = lookback_of(series);
        if (references_.distinct() == 1) {
            return read_one(series, lookback_ms, column);
        }
        if (lookback_ms >= kForever) {
            TRY(read_with_predecessor(series, workspace));
        } else {
            TRY(read_raw(
                *selection_.querier, series, references_, lookback_ms, context_, workspace));
        }
        sweep(workspace.samples, lookback_ms, column);
        return {};
    }

  private:
    [[nodiscard]] int64_t lookback_of(const store::SeriesHandle& series) const {
        if (series.stale_after_ns == 0) {
            return context_.options().lookback_ms;
        }
        return series.stale_after_ns == store::kNeverStale ? kForever
                                                           : series.stale_after_ns / kNsInMs;
    }

    [[nodiscard]] double value_of(store::TimestampNs timestamp, double value) const {
        return timestamps_ ? static_cast<double>(ms_of_ns(timestamp)) / 1000 : value;
    }

    Status read_one(const store::SeriesHandle& series, int64_t lookback_ms, Column& column) const {
        const bool left_open = context_.options().left_open;
        store::TimeRange range = window_range(references_.first_ms, lookback_ms, left_open);
        const store::TimeRange reach = window_range(selected_ms_, lookback_ms, left_open);
        range = {std::max(range.begin, reach.begin), std::min(range.end, reach.end)};
        range.end = std::min(range.end, ns_of_ms(references_.horizon_ms + 1));
        if (range.begin >= range.end) {
            return {};
        }
        auto sample = selection_.querier->last(series, range);
        if (!sample.has_value()) {
            return sample.error().code == ErrorCode::NotFound
                       ? Status()
                       : Status(tl::unexpected(sample.error()));
        }
        context_.count_read(1);
        const double value = sample->value.number(series.type);
        if (!store::is_stale_marker(value)) {
            column.assign(references_.count, value_of(sample->timestamp, value));
        }
        return {};
    }

    // For a series that never goes stale: its newest sample before the first step, and the rest.
    Status read_with_predecessor(const store::SeriesHandle& series, Workspace& workspace) const {
        const store::TimestampNs begin = ns_of_ms(references_.first_ms);
        const store::TimestampNs end =
            ns_of_ms(std::min(references_.last_ms(), references_.horizon_ms) + 1);
        TRY(check_room(*selection_.querier, series, {begin, end}, context_));
        TRY(selection_.querier->read(series, {begin, end}, workspace.samples));
        auto before =
            selection_.querier->last(series, {std::numeric_limits<int64_t>::min(), begin});
        if (before.has_value()) {
            workspace.samples.timestamps.insert(workspace.samples.timestamps.begin(),
                                                before->timestamp);
            workspace.samples.values.insert(workspace.samples.values.begin(),
                                            before->value.number(series.type));
        } else if (before.error().code != ErrorCode::NotFound) {
            return tl::unexpected(before.error());
        }
        context_.count_read(workspace.samples.size());
        return {};
    }

    void sweep(const store::SampleColumns& samples, int64_t lookback_ms, Column& column) const {
        const WindowBounds bounds(references_, lookback_ms, context_.options().left_open);
        SampleCursor after(samples.timestamps);
        for (size_t step = 0; step < references_.count; ++step) {
            const store::TimeRange window = bounds.at(step);
            const size_t next = after.advance(window.end);  // the first sample after the step
            if (next > 0 && samples.timestamps[next - 1] >= window.begin) {
                const double value = samples.values[next - 1];
                // A stale marker is the mark of absence, so it needs no case of its own.
                column[step] =
                    is_absent(value) ? absent() : value_of(samples.timestamps[next - 1], value);
            }
        }
    }

    Selection selection_;
    References references_;
    int64_t selected_ms_;
    bool timestamps_;
    QueryContext& context_;
};

bool names_one_metric(const VectorSelector& selector) {
    return std::any_of(
        selector.matchers.begin(), selector.matchers.end(), [](const store::Matcher& matcher) {
            return matcher.label() == store::kMetricNameLabel &&
                   matcher.op() == store::MatchOp::Equal;
        });
}

}  // namespace

References references_of(const TimeShift& shift, const Grid& grid, const QueryContext& context) {
    References references{grid.start_ms - shift.offset_ms, grid.step_ms, grid.count};
    if (context.horizon_ms < kQueryTimeMsMax) {
        references.horizon_ms =
            std::clamp(context.horizon_ms - shift.offset_ms, -kQueryTimeMsMax, kQueryTimeMsMax);
    }
    switch (shift.anchor) {
        case TimeShift::Anchor::None:
            return references;
        case TimeShift::Anchor::Timestamp:
            references.first_ms = shift.at_ms;
            break;
        case TimeShift::Anchor::Start:
            references.first_ms = context.start_ms;
            break;
        case TimeShift::Anchor::End:
            references.first_ms = context.end_ms;
            break;
    }
    references.first_ms =
        std::clamp(references.first_ms, -kQueryTimeMsMax, kQueryTimeMsMax) - shift.offset_ms;
    references.step_ms = 0;
    references.horizon_ms = kQueryTimeMsMax;
    return references;
}

References window_references_of(const TimeShift& shift,
                                const Grid& grid,
                                const QueryContext& context) {
    References references = references_of(shift, grid, context);
    if (shift.anchor != TimeShift::Anchor::None && grid.count > 1) {
        references.horizon_ms = references.first_ms;
    }
    references.step_ms = grid.step_ms;
    return references;
}

std::vector<SeriesLabels> Selection::labels() const {
    std::vector<SeriesLabels> all;
    all.reserve(series.size());
    for (const store::SeriesHandle& handle : series) {
        all.emplace_back(handle.labels);
    }
    return all;
}

store::TimeRange window_range(int64_t reference_ms, int64_t range_ms, bool left_open) {
    return {ns_of_ms(reference_ms - range_ms + (left_open ? 1 : 0)), ns_of_ms(reference_ms + 1)};
}

Result<Selection> select_series(const VectorSelector& selector,
                                int64_t begin_ms,
                                int64_t end_ms,
                                QueryContext& context) {
    TRY(context.check());
    Selection selection;
    selection.querier = TRY(context.querier_of(selector.database));
    std::vector<store::Matcher> matchers = selector.matchers;
    if (!selector.database.empty() && !context.resolves_databases()) {
        matchers.push_back(store::Matcher::equal("db", selector.database));
    }
    const store::TimeRange range{ns_of_ms(begin_ms), ns_of_ms(end_ms + 1)};
    selection.series = TRY(selection.querier->select(matchers, range));
    if (selection.series.size() > context.options().max_series) {
        return fail(ErrorCode::ResourceExhausted,
                    fmt::format("the selector matches {} series, more than {}",
                                selection.series.size(),
                                context.options().max_series));
    }
    selection.unique_without_name = names_one_metric(selector);
    return selection;
}

Result<SeriesSet> select_instant(const VectorSelector& selector,
                                 const Grid& grid,
                                 bool timestamps,
                                 QueryContext& context) {
    References references = references_of(selector.shift, grid, context);
    const int64_t selected_ms = references.first_ms;
    if (timestamps && references.step_ms == 0) {
        // timestamp(x @ t offset d) looks at t, but only at samples that the offset left in reach.
        references.first_ms += selector.shift.offset_ms;
    }
    // How far back a series counts is known only once it is selected.
    Selection selection = TRY(select_series(selector, -kForever, references.last_ms(), context));
    SeriesSet set;
    set.steps = grid.count;
    set.labels = selection.labels();
    set.unique_without_name = selection.unique_without_name;
    set.heavy = references.distinct() > 1;
    auto reader = std::make_shared<const InstantReader>(
        std::move(selection), references, selected_ms, timestamps, context);
    set.compute = [reader](size_t index, Workspace& workspace, Column& column) {
        return reader->read(index, workspace, column);
    };
    return set;
}

Status read_windows(const Selection& selection,
                    size_t index,
                    const References& references,
                    int64_t range_ms,
                    QueryContext& context,
                    Workspace& workspace) {
    TRY(read_raw(
        *selection.querier, selection.series[index], references, range_ms, context, workspace));
    drop_stale_markers(workspace.samples);
    return {};
}

Status check_room(const Selection& selection,
                  const References& references,
                  int64_t range_ms,
                  const QueryContext& context) {
    const bool left_open = context.options().left_open;
    const uint64_t left = context.samples_left();
    const store::TimeRange range{window_range(references.first_ms, range_ms, left_open).begin,
                                 window_range(references.last_ms(), range_ms, left_open).end};
    uint64_t samples = 0;
    for (const store::SeriesHandle& series : selection.series) {
        samples += selection.querier->samples_at_least(series, range, left);
        if (samples > left) {
            return QueryContext::too_many_samples();
        }
    }
    return {};
}

}  // namespace cistern::promql
