// SPDX-License-Identifier: MIT
// Aggregators that compare the series of a step with each other.
#include "store/promql/aggregation.h"
#include "store/promql/format.h"
#include "store/promql/quantile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace cistern::promql {
namespace {

// A heap of series by their value at one step, as Go's container/heap keeps it, so that of equal
// values the same series survive: the worst is on top.
class BestSeries {
  public:
    BestSeries(bool largest, const std::vector<Column>& columns)
        : largest_(largest), columns_(columns) {}

    void start(size_t step) {
        step_ = step;
        heap_.clear();
    }

    void offer(size_t series, size_t limit) {
        if (heap_.size() < limit) {
            heap_.push_back(series);
            sift_up(heap_.size() - 1);
        } else if (replaces_top(series)) {
            pop();
            heap_.push_back(series);
            sift_up(heap_.size() - 1);
        }
    }

    // Best first; as Go sorts a dozen and less, because NaN has no place in any order.
    std::vector<size_t>& ranked() {
        if (heap_.size() > kSortedByInsertion) {
            std::stable_sort(
                heap_.begin(), heap_.end(), [this](size_t a, size_t b) { return worse(b, a); });
            return heap_;
        }
        for (size_t i = 1; i < heap_.size(); ++i) {
            for (size_t at = i; at > 0 && worse(heap_[at - 1], heap_[at]); --at) {
                std::swap(heap_[at - 1], heap_[at]);
            }
        }
        return heap_;
    }
    [[nodiscard]] const std::vector<size_t>& any_order() const { return heap_; }

  private:
    static constexpr size_t kSortedByInsertion = 12;

    [[nodiscard]] double value(size_t series) const { return columns_[series][step_]; }

    // NaN is worse than anything, another NaN too.
    [[nodiscard]] bool worse(size_t a, size_t b) const {
        if (std::isnan(value(a))) {
            return true;
        }
        return largest_ ? value(a) < value(b) : value(a) > value(b);
    }

    [[nodiscard]] bool replaces_top(size_t series) const {
        const double top = value(heap_[0]);
        const double candidate = value(series);
        const bool better = largest_ ? top < candidate : top > candidate;
        return better || std::isnan(top);
    }

    void sift_up(size_t child) {
        while (child > 0) {
            const size_t parent = (child - 1) / 2;
            if (!worse(heap_[child], heap_[parent])) {
                return;
            }
            std::swap(heap_[child], heap_[parent]);
            child = parent;
        }
    }

    void pop() {
        std::swap(heap_.front(), heap_.back());
        heap_.pop_back();
        size_t parent = 0;
        while (2 * parent + 1 < heap_.size()) {
            size_t child = 2 * parent + 1;
            if (child + 1 < heap_.size() && worse(heap_[child + 1], heap_[child])) {
                ++child;
            }
            if (!worse(heap_[child], heap_[parent])) {
                return;
            }
            std::swap(heap_[parent], heap_[child]);
            parent = child;
        }
    }

    bool largest_;
    const std::vector<Column>& columns_;
    size_t step_ = 0;
    std::vector<size_t> heap_;
};

// The number of series to keep at each step; zero for less than one.
Result<std::vector<size_t>> limits_of(const Column& parameter) {
    constexpr double kBound = 9223372036854775808.0;
    std::vector<size_t> limits;
    limits.reserve(parameter.size());
    for (const double value : parameter) {
        if (!(value > -kBound && value < kBound)) {
            return execution_error(
                fmt::format("Scalar value {} overflows int64", format_literal(value)));
        }
        limits.push_back(value < 1 ? 0 : static_cast<size_t>(value));
    }
    return limits;
}

// Members of each group in order.
std::vector<std::vector<size_t>> members_of(const Grouping& grouping) {
    std::vector<std::vector<size_t>> members(grouping.labels.size());
    for (size_t series = 0; series < grouping.group_of.size(); ++series) {
        members[grouping.group_of[series]].push_back(series);
    }
    return members;
}

// Keeps of every series the steps at which it was chosen.
class Chosen {
  public:
    explicit Chosen(const Matrix& matrix)
        : matrix_(matrix), column_of_(matrix.labels.size(), kNone) {}

    void add(size_t series, size_t step) {
        if (column_of_[series] == kNone) {
            column_of_[series] = result_.labels.size();
            result_.add(matrix_.labels[series], Column(matrix_.steps, absent()));
        }
        result_.columns[column_of_[series]][step] = matrix_.columns[series][step];
    }

    Matrix take() {
        result_.steps = matrix_.steps;
        result_.unique_without_name = matrix_.unique_without_name;
        return std::move(result_);
    }

  private:
    static constexpr size_t kNone = SIZE_MAX;
    const Matrix& matrix_;
    Matrix result_;
    std::vector<size_t> column_of_;
};

Result<Matrix> best_series(const AggregateExpr& node,
                           const Matrix& matrix,
                           const Column& parameter) {
    const std::vector<size_t> limits = TRY(limits_of(parameter));
    const auto groups = members_of(group_series(node, matrix.labels));
    BestSeries best(node.op == AggregateOp::TopK, matrix.columns);
    Chosen chosen(matrix);
    for (size_t step = 0; step < matrix.steps; ++step) {
        for (const std::vector<size_t>& members : groups) {
            best.start(step);
            for (const size_t series : members) {
                if (limits[step] > 0 && !is_absent(matrix.columns[series][step])) {
                    best.offer(series, limits[step]);
                }
            }
            for (const size_t series : matrix.steps == 1 ? best.ranked() : best.any_order()) {
                chosen.add(series, step);
            }
        }
    }
    return chosen.take();
}

Result<Matrix> first_series(const AggregateExpr& node,
                            const Matrix& matrix,
                            const Column& parameter) {
    const std::vector<size_t> limits = TRY(limits_of(parameter));
    Chosen chosen(matrix);
    for (const std::vector<size_t>& members : members_of(group_series(node, matrix.labels))) {
        for (size_t step = 0; step < matrix.steps; ++step) {
            size_t kept = 0;
            for (size_t i = 0; i < members.size() && kept < limits[step]; ++i) {
                if (!is_absent(matrix.columns[members[i]][step])) {
                    chosen.add(members[i], step);
                    ++kept;
                }
            }
        }
    }
    return chosen.take();
}

// A share of the series by the hash of their labels, the same share at every step: a negative ratio
// gives the complement of the positive one.
Result<Matrix> share_of_series(const Matrix& matrix, const Column& parameter) {
    constexpr double kHashes = 18446744073709551616.0;
    Chosen chosen(matrix);
    for (size_t step = 0; step < matrix.steps; ++step) {
        if (std::isnan(parameter[step])) {
            return execution_error("Ratio value NaN is NaN");
        }
    }
    for (size_t series = 0; series < matrix.labels.size(); ++series) {
        const double place =
            static_cast<double>(matrix.labels[series].to_labels().hash()) / kHashes;
        for (size_t step = 0; step < matrix.steps; ++step) {
            const double ratio = std::clamp(parameter[step], -1.0, 1.0);
            const bool in = ratio >= 0 ? place < ratio : place >= 1 + ratio;
            if (in && !is_absent(matrix.columns[series][step])) {
                chosen.add(series, step);
            }
        }
    }
    return chosen.take();
}

Matrix quantiles(const AggregateExpr& node, const Matrix& matrix, const Column& parameter) {
    const Grouping grouping = group_series(node, matrix.labels);
    const auto groups = members_of(grouping);
    Matrix result;
    result.steps = matrix.steps;
    std::vector<double> values;
    for (size_t group = 0; group < groups.size(); ++group) {
        Column column(matrix.steps, absent());
        for (size_t step = 0; step < matrix.steps; ++step) {
            values.clear();
            for (const size_t series : groups[group]) {
                if (!is_absent(matrix.columns[series][step])) {
                    values.push_back(matrix.columns[series][step]);
                }
            }
            if (!values.empty()) {
                column[step] = quantile(parameter[step], values);
            }
        }
        result.add(grouping.labels[group], std::move(column));
    }
    return result;
}

// Counts equal values: a series for each value in each group.
Result<Matrix> count_values(const AggregateExpr& node,
                            const Matrix& matrix,
                            const std::string& label) {
    if (!is_label_name(label)) {
        return execution_error(fmt::format("invalid label name {}", quote(label)));
    }
    // The label comes first and the grouping then: without() may take it away again.
    const bool dropped =
        node.without && (label == store::kMetricNameLabel || is_grouping_label(node, label));
    Matrix result;
    result.steps = matrix.steps;
    std::unordered_map<std::string, size_t> known;
    for (size_t series = 0; series < matrix.labels.size(); ++series) {
        const store::Labels group = group_labels(node, matrix.labels[series]);
        for (size_t step = 0; step < matrix.steps; ++step) {
            if (is_absent(matrix.columns[series][step])) {
                continue;
            }
            store::Labels labels = group;
            if (!dropped) {
                labels.set(label, format_plain(matrix.columns[series][step]));
            }
            const SeriesLabels counted(std::move(labels));
            const auto [found, is_new] = known.emplace(counted.key(), result.labels.size());
            if (is_new) {
                result.add(counted, Column(matrix.steps, absent()));
            }
            double& count = result.columns[found->second][step];
            count = is_absent(count) ? 1 : count + 1;
        }
    }
    return result;
}

Result<Matrix> rank(const AggregateExpr& node,
                    const Matrix& matrix,
                    const AggregateParameter& parameter) {
    switch (node.op) {
        case AggregateOp::TopK:
        case AggregateOp::BottomK:
            return best_series(node, matrix, *parameter.number);
        case AggregateOp::LimitK:
            return first_series(node, matrix, *parameter.number);
        case AggregateOp::LimitRatio:
            return share_of_series(matrix, *parameter.number);
        case AggregateOp::Quantile:
            return quantiles(node, matrix, *parameter.number);
        default:
            return count_values(node, matrix, parameter.text);
    }
}

}  // namespace

Result<SeriesSet> aggregate_ranked(const AggregateExpr& node,
                                   SeriesSet input,
                                   const AggregateParameter& parameter,
                                   QueryContext& context) {
    const Matrix matrix = TRY(materialise(std::move(input), context));
    Matrix result = TRY(rank(node, matrix, parameter));
    result.charge =
        TRY(Charge::take(context, static_cast<uint64_t>(result.steps) * result.labels.size()));
    return to_set(std::move(result));
}

}  // namespace cistern::promql
