// SPDX-License-Identifier: MIT
#include "store/promql/engine.h"

#include "store/promql/evaluator.h"
#include "store/promql/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace cistern::promql {
namespace {

// A waiting query looks at least this often whether its caller is still there.
constexpr std::chrono::milliseconds kWaitSlice{50};

std::vector<ResultSeries> to_points(Matrix matrix, const Grid& grid) {
    std::vector<ResultSeries> series;
    series.reserve(matrix.labels.size());
    for (size_t i = 0; i < matrix.labels.size(); ++i) {
        ResultSeries one{matrix.labels[i].to_labels(), {}, {}};
        const Column column = std::move(matrix.columns[i]);
        const size_t count = count_present(column);
        one.timestamps_ms.reserve(count);
        one.values.reserve(count);
        for (size_t step = 0; step < column.size(); ++step) {
            if (!is_absent(column[step])) {
                one.timestamps_ms.push_back(grid.at(step));
                one.values.push_back(column[step]);
            }
        }
        series.push_back(std::move(one));
    }
    return series;
}

void sort_by_labels(std::vector<ResultSeries>& series) {
    std::sort(series.begin(), series.end(), [](const ResultSeries& a, const ResultSeries& b) {
        return a.labels < b.labels;
    });
}

// The raw samples of one series of an instant query's range vector; none when there are none.
Status read_points(const RangeVector& range, size_t index, bool left_open, ResultSeries& into) {
    Workspace workspace;
    TRY(range.read(index, workspace));
    find_windows(range.references, range.range_ms, left_open, workspace);
    const Window& window = workspace.windows[0];
    const auto begin = static_cast<ptrdiff_t>(window.begin);
    const auto end = static_cast<ptrdiff_t>(window.end);
    const store::SampleColumns& samples = workspace.samples;
    into.timestamps_ms.resize(window.size());
    std::transform(samples.timestamps.begin() + begin,
                   samples.timestamps.begin() + end,
                   into.timestamps_ms.begin(),
                   ms_of_ns);
    into.values.assign(samples.values.begin() + begin, samples.values.begin() + end);
    return {};
}

Result<std::vector<ResultSeries>> raw_samples(const RangeVector& range,
                                              bool left_open,
                                              QueryContext& context) {
    std::vector<ResultSeries> series;
    for (size_t i = 0; i < range.size(); ++i) {
        TRY(context.check());
        ResultSeries one{range.labels[i].to_labels(), {}, {}};
        TRY(read_points(range, i, left_open, one));
        if (!one.values.empty()) {
            TRY(context.charge(one.values.size()));  // held until the answer is written
            series.push_back(std::move(one));
        }
    }
    return series;
}

Status check_times(int64_t start_ms, int64_t end_ms) {
    if (std::min(start_ms, end_ms) < -kQueryTimeMsMax ||
        std::max(start_ms, end_ms) > kQueryTimeMsMax) {
        return fail(ErrorCode::InvalidArgument, "the time is too far away");
    }
    return {};
}

std::string with_thousands(int64_t number) {
    std::string digits = std::to_string(number);
    for (auto at = static_cast<int64_t>(digits.size()) - 3; at > 0; at -= 3) {
        digits.insert(static_cast<size_t>(at), ",");
    }
    return digits;
}

}  // namespace

std::string_view error_type(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument:
            return "bad_data";
        case ErrorCode::Unsupported:
        case ErrorCode::ResourceExhausted:
            return "execution";
        case ErrorCode::Unavailable:
            return "timeout";
        case ErrorCode::Cancelled:
            return "canceled";
        case ErrorCode::NotFound:
        case ErrorCode::Corruption:
        case ErrorCode::Io:
            break;
    }
    return "internal";
}

Result<QueryResult> Engine::instant(const store::Querier& querier,
                                    std::string_view query,
                                    int64_t time_ms,
                                    const QueryOptions& options) {
    TRY(check_times(time_ms, time_ms));
    const ExprPtr expr = TRY(parse(query));
    return run({querier, *expr, {time_ms, 1, 1}, time_ms, true, options});
}

Result<QueryResult> Engine::range(const store::Querier& querier,
                                  std::string_view query,
                                  int64_t start_ms,
                                  int64_t end_ms,
                                  int64_t step_ms,
                                  const QueryOptions& options) {
    TRY(check_times(start_ms, end_ms));
    if (end_ms < start_ms) {
        return fail(ErrorCode::InvalidArgument, "end timestamp must not be before start time");
    }
    if (step_ms <= 0) {
        return fail(ErrorCode::InvalidArgument,
                    "zero or negative query resolution step widths are not accepted. Try a "
                    "positive integer");
    }
    const int64_t intervals = (end_ms - start_ms) / step_ms;
    if (intervals > options_.max_points) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format(
                "exceeded maximum resolution of {} points per timeseries. Try decreasing the query "
                "resolution (?step=XX)",
                with_thousands(options_.max_points)));
    }
    const ExprPtr expr = TRY(parse(query));
    const ValueType type = type_of(*expr);
    if (type != ValueType::Scalar && type != ValueType::Vector) {
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format(
                "invalid expression type \"{}\" for range query, must be Scalar or instant Vector",
                documented_name(type)));
    }
    return run({querier,
                *expr,
                {start_ms, step_ms, static_cast<size_t>(intervals) + 1},
                end_ms,
                false,
                options});
}

// What an evaluation needs for as long as its answer is read.
struct Engine::Running {
    Running(const EngineOptions& engine, const Request& request)
        : options(engine), context(request.querier, request.options.databases, options) {}

    EngineOptions options;
    QueryContext context;
};

Result<QueryResult> Engine::run(const Request& request) {
    const auto running = std::make_shared<Running>(options_, request);
    EngineOptions& options = running->options;
    QueryContext& context = running->context;
    options.lookback_ms =
        request.options.lookback_ms > 0 ? request.options.lookback_ms : options.lookback_ms;
    if (request.options.timeout_ms > 0) {
        options.timeout_ms = std::min(options.timeout_ms, request.options.timeout_ms);
    }
    const int64_t begin_ns = options.clock->monotonic_ns();
    const int64_t deadline_ns = begin_ns + options.timeout_ms * kNsInMs;
    context.set_cancel(request.options.cancel);
    context.set_deadline(deadline_ns);
    context.start_ms = request.grid.start_ms;
    context.end_ms = request.end_ms;
    TRY(wait_for_turn(context, deadline_ns));
    const int64_t started_ns = options.clock->monotonic_ns();
    auto result = evaluate(request, running);
    leave();
    if (result.has_value()) {
        result->stats = {context.samples_read(),
                         context.samples_peak(),
                         started_ns - begin_ns,
                         options.clock->monotonic_ns() - started_ns};
    }
    return result;
}

Result<QueryResult> Engine::evaluate(const Request& request,
                                     const std::shared_ptr<Running>& running) const {
    QueryContext& context = running->context;
    const Evaluator evaluator(request.expr, context);
    const Grid& grid = request.grid;
    QueryResult result;
    result.type = request.instant ? type_of(request.expr) : ValueType::Matrix;
    result.time_ms = grid.start_ms;
    switch (type_of(request.expr)) {
        case ValueType::String:
            result.text = Evaluator::text(request.expr);
            return result;
        case ValueType::Scalar: {
            Column column = TRY(evaluator.scalar(request.expr, grid));
            result.scalar = column[0];
            if (!request.instant) {
                Matrix matrix;
                matrix.add(SeriesLabels(), std::move(column));
                result.series = to_points(std::move(matrix), grid);
            }
            return result;
        }
        case ValueType::Matrix: {
            const RangeVector range = TRY(evaluator.range(request.expr, grid));
            if (request.options.stream_samples && range.check_room) {
                TRY(stream_samples(range, running, result));
                return result;
            }
            result.series = TRY(raw_samples(range, options_.left_open, context));
            sort_by_labels(result.series);
            return result;
        }
        case ValueType::Vector:
            break;
    }
    SeriesSet set = TRY(evaluator.vector(request.expr, grid));
    result.series = to_points(TRY(materialise(std::move(set), context)), grid);
    if (!request.instant) {
        sort_by_labels(result.series);
    }
    return result;
}

Status Engine::stream_samples(const RangeVector& range,
                              const std::shared_ptr<Running>& running,
                              QueryResult& result) const {
    // What Prometheus would refuse is refused here, before the first byte of the answer is out.
    TRY(range.check_room());
    for (const SeriesLabels& labels : range.labels) {
        result.series.push_back({labels.to_labels(), {}, {}});
    }
    // The caller's token may go before the answer has been read, and no time is too long for that.
    running->context.set_cancel(nullptr);
    running->context.set_deadline(std::numeric_limits<int64_t>::max());
    result.samples = [range, running](size_t index, ResultSeries& into) {
        return read_points(range, index, running->options.left_open, into);
    };
    return {};
}

Status Engine::wait_for_turn(const QueryContext& context, int64_t deadline_ns) {
    const MutexLock lock(mutex_);
    while (running_ >= options_.max_concurrency) {
        if (options_.clock->monotonic_ns() > deadline_ns) {
            return fail(ErrorCode::Unavailable, "query timed out in query queue");
        }
        TRY(context.check());
        left_.wait_for(mutex_, kWaitSlice);
    }
    ++running_;
    return {};
}

void Engine::leave() {
    {
        const MutexLock lock(mutex_);
        --running_;
    }
    left_.notify_one();
}

}  // namespace cistern::promql
