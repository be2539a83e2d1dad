// SPDX-License-Identifier: MIT
#include "store/promql/instant_function.h"

#include <unordered_set>

namespace cistern::promql {
namespace {

SeriesSet one_series(SeriesLabels labels, Column column) {
    Matrix matrix;
    matrix.steps = column.size();
    matrix.unique_without_name = true;
    matrix.add(std::move(labels), std::move(column));
    return to_set(std::move(matrix));
}

SeriesSet no_series(size_t steps) {
    Matrix matrix;
    matrix.steps = steps;
    matrix.unique_without_name = true;
    return to_set(std::move(matrix));
}

Result<SeriesSet> apply_to_values(ValueFunction function, SeriesSet set, QueryContext& context) {
    set = map_columns(std::move(set), [function](Column& column) {
        for (double& value : column) {
            value = is_absent(value) ? value : function(value);
        }
    });
    return drop_names(std::move(set), DuplicateRule::PerStep, context);
}

// The evaluation times, for date functions without an argument.
Column whole_seconds(const Grid& grid) {
    Column column(grid.count);
    for (size_t step = 0; step < grid.count; ++step) {
        column[step] = static_cast<double>(grid.at(step) / 1000);
    }
    return column;
}

SeriesSet evaluation_times(SeriesSet set, const Grid& grid) {
    return map_columns(std::move(set), [grid](Column& column) {
        for (size_t step = 0; step < column.size(); ++step) {
            column[step] =
                is_absent(column[step]) ? absent() : static_cast<double>(grid.at(step)) / 1000;
        }
    });
}

const std::vector<store::Matcher>* conditions_of(const Expr& argument) {
    const Expr& inner = without_parens(argument);
    if (const auto* selector = as_if<VectorSelector>(inner)) {
        return &selector->matchers;
    }
    if (const auto* matrix = as_if<MatrixSelector>(inner)) {
        return &matrix->selector->matchers;
    }
    return nullptr;
}

// A label that occurs twice, or with another operator than =, is left out.
SeriesLabels labels_of_absence(const Expr& argument) {
    store::Labels labels;
    const std::vector<store::Matcher>* conditions = conditions_of(argument);
    if (conditions == nullptr) {
        return SeriesLabels();
    }
    std::unordered_set<std::string_view> set;
    for (const store::Matcher& matcher : *conditions) {
        if (matcher.label() == store::kMetricNameLabel) {
            continue;
        }
        const bool first_equal =
            matcher.op() == store::MatchOp::Equal && set.insert(matcher.label()).second;
        labels.set(matcher.label(),
                   first_equal ? std::string_view(matcher.value()) : std::string_view());
    }
    return SeriesLabels(std::move(labels));
}

}  // namespace

Result<SeriesSet> absent_steps(SeriesSet set, const Expr& argument, QueryContext& context) {
    const size_t steps = set.steps;
    Column column(steps, 1);
    TRY(for_each_series(set, context, [&](size_t, const Column& values, size_t begin, size_t end) {
        for (size_t step = begin; step < end; ++step) {
            column[step] = is_absent(values[step]) ? column[step] : absent();
        }
    }));
    return any_present(column) ? one_series(labels_of_absence(argument), std::move(column))
                               : no_series(steps);
}

Result<SeriesSet> apply_instant_function(FunctionArguments arguments, QueryContext& context) {
    const FunctionId id = arguments.node.function->id;
    if (const ValueFunction function = value_function(id); function != nullptr) {
        return apply_to_values(function, std::move(arguments.vector), context);
    }
    if (const ValueFunction function = calendar_function(id); function != nullptr) {
        if (arguments.node.arguments.empty()) {
            arguments.vector = one_series(SeriesLabels(), whole_seconds(arguments.grid));
        }
        return apply_to_values(function, std::move(arguments.vector), context);
    }
    switch (id) {
        case FunctionId::Absent:
            return absent_steps(std::move(arguments.vector), *arguments.node.arguments[0], context);
        case FunctionId::Clamp:
        case FunctionId::ClampMax:
        case FunctionId::ClampMin:
        case FunctionId::Round:
            return apply_bounded_function(std::move(arguments), context);
        case FunctionId::HistogramQuantile:
            return histogram_quantile(std::move(arguments), context);
        case FunctionId::LabelJoin:
            return label_join(std::move(arguments), context);
        case FunctionId::LabelReplace:
            return label_replace(std::move(arguments), context);
        case FunctionId::Sort:
        case FunctionId::SortDesc:
            return sort_by_value(std::move(arguments), context);
        case FunctionId::SortByLabel:
        case FunctionId::SortByLabelDesc:
            return sort_by_label(std::move(arguments), context);
        case FunctionId::Timestamp: {
            SeriesSet times = evaluation_times(std::move(arguments.vector), arguments.grid);
            return drop_names(std::move(times), DuplicateRule::PerStep, context);
        }
        case FunctionId::Vector:
            return one_series(SeriesLabels(), std::move(arguments.scalars[0]));
        // Native histograms are what these look at; there are none.
        case FunctionId::HistogramCount:
        case FunctionId::HistogramFraction:
        case FunctionId::HistogramSum:
            TRY(materialise(std::move(arguments.vector), context));  // its errors count
            return no_series(arguments.grid.count);
        default:
            return execution_error("unknown function");
    }
}

}  // namespace cistern::promql
