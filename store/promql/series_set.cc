// SPDX-License-Identifier: MIT
#include "store/promql/series_set.h"

#include "store/promql/work_crew.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace cistern::promql {
namespace {

constexpr size_t kBatchSeries = 64;
// Fewer series than this are done before a helper has started.
constexpr size_t kThreadedSeriesMin = 16;

// Computes and consumes in batches: first the columns of a batch are spread over the crew by
// series, then the batch is consumed in order, spread over the crew by steps.
class Batches {
  public:
    Batches(SeriesSet& set, QueryContext& context, WorkCrew& crew)
        : set_(set),
          context_(context),
          crew_(crew),
          workspaces_(crew.size()),
          columns_(kBatchSeries) {}

    Status run(const Consume& consume) {
        for (size_t first = 0; first < set_.size(); first += kBatchSeries) {
            const size_t count = std::min(kBatchSeries, set_.size() - first);
            TRY(compute(first, count));
            crew_.run([&](size_t member) {
                const size_t begin = set_.steps * member / crew_.size();
                const size_t end = set_.steps * (member + 1) / crew_.size();
                for (size_t i = 0; i < count && begin < end; ++i) {
                    consume(first + i, columns_[i], begin, end);
                }
            });
        }
        return {};
    }

  private:
    Status compute(size_t first, size_t count) {
        std::atomic<size_t> next = 0;
        std::vector<Status> outcomes(crew_.size());
        crew_.run([&](size_t member) {
            for (size_t i = next++; i < count && outcomes[member].has_value(); i = next++) {
                outcomes[member] = context_.check();
                if (outcomes[member].has_value()) {
                    outcomes[member] = set_.compute(first + i, workspaces_[member], columns_[i]);
                }
            }
        });
        for (Status& outcome : outcomes) {
            TRY(std::move(outcome));
        }
        return {};
    }

    SeriesSet& set_;
    QueryContext& context_;
    WorkCrew& crew_;
    std::vector<Workspace> workspaces_;
    std::vector<Column> columns_;
};

Status for_each_alone(SeriesSet& set, QueryContext& context, const Consume& consume) {
    Workspace workspace;
    Column column;
    for (size_t i = 0; i < set.size(); ++i) {
        TRY(context.check());
        TRY(set.compute(i, workspace, column));
        consume(i, column, 0, set.steps);
    }
    return {};
}

bool threads_pay(const SeriesSet& set, const QueryContext& context) {
    return set.heavy && set.size() >= kThreadedSeriesMin && context.options().threads > 1;
}

constexpr std::string_view kSameLabels = "vector cannot contain metrics with the same labelset";

// Adds the values of `from` to `into`; false when both have one at a step.
bool merge_column(Column& into, const Column& from) {
    for (size_t step = 0; step < into.size(); ++step) {
        if (is_absent(from[step])) {
            continue;
        }
        if (!is_absent(into[step])) {
            return false;
        }
        into[step] = from[step];
    }
    return true;
}

bool has_equal_labels(const std::vector<SeriesLabels>& labels) {
    std::unordered_map<std::string, size_t> seen;
    seen.reserve(labels.size());
    for (const SeriesLabels& series : labels) {
        if (!seen.emplace(series.key(), 0).second) {
            return true;
        }
    }
    return false;
}

}  // namespace

void Matrix::drop_empty() {
    size_t kept = 0;
    for (size_t i = 0; i < columns.size(); ++i) {
        if (!any_present(columns[i])) {
            continue;
        }
        if (kept != i) {
            labels[kept] = std::move(labels[i]);
            columns[kept] = std::move(columns[i]);
        }
        ++kept;
    }
    labels.resize(kept);
    columns.resize(kept);
}

SeriesSet to_set(Matrix matrix) {
    auto shared = std::make_shared<Matrix>(std::move(matrix));
    SeriesSet set;
    set.steps = shared->steps;
    set.labels = shared->labels;
    set.unique_without_name = shared->unique_without_name;
    set.compute = [shared](size_t index, Workspace&, Column& column) -> Status {
        column = std::move(shared->columns[index]);
        return {};
    };
    return set;
}

Result<Matrix> materialise(SeriesSet set, QueryContext& context) {
    Matrix matrix;
    matrix.steps = set.steps;
    matrix.unique_without_name = set.unique_without_name;
    matrix.charge = TRY(Charge::take(context, static_cast<uint64_t>(set.steps) * set.size()));
    matrix.columns.resize(set.size());
    const size_t threads = threads_pay(set, context) ? context.options().threads : 1;
    WorkCrew crew(threads);
    std::atomic<size_t> next = 0;
    std::vector<Status> outcomes(crew.size());
    crew.run([&](size_t member) {
        Workspace workspace;
        for (size_t i = next++; i < set.size() && outcomes[member].has_value(); i = next++) {
            outcomes[member] = context.check();
            if (outcomes[member].has_value()) {
                outcomes[member] = set.compute(i, workspace, matrix.columns[i]);
            }
        }
    });
    for (Status& outcome : outcomes) {
        TRY(std::move(outcome));
    }
    matrix.labels = std::move(set.labels);
    matrix.drop_empty();
    return matrix;
}

Status for_each_series(SeriesSet& set, QueryContext& context, const Consume& consume) {
    if (!threads_pay(set, context)) {
        return for_each_alone(set, context, consume);
    }
    WorkCrew crew(context.options().threads);
    if (crew.size() == 1) {
        return for_each_alone(set, context, consume);
    }
    return Batches(set, context, crew).run(consume);
}

SeriesSet map_columns(SeriesSet set, std::function<void(Column&)> change) {
    set.compute = [inner = std::move(set.compute), change = std::move(change)](
                      size_t index, Workspace& workspace, Column& column) -> Status {
        TRY(inner(index, workspace, column));
        change(column);
        return {};
    };
    return set;
}

Result<SeriesSet> merge_equal(SeriesSet set, DuplicateRule rule, QueryContext& context) {
    if (!has_equal_labels(set.labels)) {
        return set;
    }
    Matrix matrix = TRY(materialise(std::move(set), context));
    Matrix merged;
    merged.steps = matrix.steps;
    std::unordered_map<std::string, size_t> seen;
    for (size_t i = 0; i < matrix.labels.size(); ++i) {
        const auto [found, is_new] = seen.emplace(matrix.labels[i].key(), merged.labels.size());
        if (is_new) {
            merged.add(std::move(matrix.labels[i]), std::move(matrix.columns[i]));
        } else if (rule == DuplicateRule::PerSeries ||
                   !merge_column(merged.columns[found->second], matrix.columns[i])) {
            return execution_error(std::string(kSameLabels));
        }
    }
    merged.charge = std::move(matrix.charge);
    return to_set(std::move(merged));
}

Result<SeriesSet> drop_names(SeriesSet set, DuplicateRule rule, QueryContext& context) {
    const bool unique = set.unique_without_name;
    for (SeriesLabels& series : set.labels) {
        series.drop_name();
    }
    set.unique_without_name = true;
    if (unique) {
        return set;
    }
    return merge_equal(std::move(set), rule, context);
}

}  // namespace cistern::promql
