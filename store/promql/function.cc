// SPDX-License-Identifier: MIT
#include "store/promql/function.h"

#include <algorithm>
#include <array>

namespace cistern::promql {
namespace {

constexpr auto kScalarType = ValueType::Scalar;
constexpr auto kVectorType = ValueType::Vector;
constexpr auto kMatrixType = ValueType::Matrix;
constexpr auto kStringType = ValueType::String;

constexpr std::array kMatrix = {kMatrixType};
constexpr std::array kScalar = {kScalarType};
constexpr std::array kVector = {kVectorType};
constexpr std::array kMatrixScalar = {kMatrixType, kScalarType};
constexpr std::array kScalarMatrix = {kScalarType, kMatrixType};
constexpr std::array kScalarVector = {kScalarType, kVectorType};
constexpr std::array kVectorScalar = {kVectorType, kScalarType};
constexpr std::array kVectorString = {kVectorType, kStringType};
constexpr std::array kMatrixScalarScalar = {kMatrixType, kScalarType, kScalarType};
constexpr std::array kScalarScalarVector = {kScalarType, kScalarType, kVectorType};
constexpr std::array kVectorScalarScalar = {kVectorType, kScalarType, kScalarType};
constexpr std::array kVectorStringStringString = {
    kVectorType, kStringType, kStringType, kStringType};
constexpr std::array kVectorStringStringStringString = {
    kVectorType, kStringType, kStringType, kStringType, kStringType};

// Sorted by name.
constexpr std::array kFunctions = {
    Function{"abs", FunctionId::Abs, kVector},
    Function{"absent", FunctionId::Absent, kVector},
    Function{"absent_over_time", FunctionId::AbsentOverTime, kMatrix},
    Function{"acos", FunctionId::Acos, kVector},
    Function{"acosh", FunctionId::Acosh, kVector},
    Function{"asin", FunctionId::Asin, kVector},
    Function{"asinh", FunctionId::Asinh, kVector},
    Function{"atan", FunctionId::Atan, kVector},
    Function{"atanh", FunctionId::Atanh, kVector},
    Function{"avg_over_time", FunctionId::AvgOverTime, kMatrix},
    Function{"ceil", FunctionId::Ceil, kVector},
    Function{"changes", FunctionId::Changes, kMatrix},
    Function{"clamp", FunctionId::Clamp, kVectorScalarScalar},
    Function{"clamp_max", FunctionId::ClampMax, kVectorScalar},
    Function{"clamp_min", FunctionId::ClampMin, kVectorScalar},
    Function{"cos", FunctionId::Cos, kVector},
    Function{"cosh", FunctionId::Cosh, kVector},
    Function{"count_over_time", FunctionId::CountOverTime, kMatrix},
    Function{"day_of_month", FunctionId::DayOfMonth, kVector, 1},
    Function{"day_of_week", FunctionId::DayOfWeek, kVector, 1},
    Function{"day_of_year", FunctionId::DayOfYear, kVector, 1},
    Function{"days_in_month", FunctionId::DaysInMonth, kVector, 1},
    Function{"deg", FunctionId::Deg, kVector},
    Function{"delta", FunctionId::Delta, kMatrix},
    Function{"deriv", FunctionId::Deriv, kMatrix},
    Function{"double_exponential_smoothing",
             FunctionId::DoubleExponentialSmoothing,
             kMatrixScalarScalar},
    Function{"exp", FunctionId::Exp, kVector},
    Function{"floor", FunctionId::Floor, kVector},
    Function{"histogram_count", FunctionId::HistogramCount, kVector},
    Function{"histogram_fraction", FunctionId::HistogramFraction, kScalarScalarVector},
    Function{"histogram_quantile", FunctionId::HistogramQuantile, kScalarVector},
    Function{"histogram_sum", FunctionId::HistogramSum, kVector},
    Function{"holt_winters", FunctionId::HoltWinters, kMatrixScalarScalar},
    Function{"hour", FunctionId::Hour, kVector, 1},
    Function{"idelta", FunctionId::Idelta, kMatrix},
    Function{"increase", FunctionId::Increase, kMatrix},
    Function{"irate", FunctionId::Irate, kMatrix},
    Function{"label_join", FunctionId::LabelJoin, kVectorStringStringString, -1},
    Function{"label_replace", FunctionId::LabelReplace, kVectorStringStringStringString},
    Function{"last_over_time", FunctionId::LastOverTime, kMatrix},
    Function{"ln", FunctionId::Ln, kVector},
    Function{"log10", FunctionId::Log10, kVector},
    Function{"log2", FunctionId::Log2, kVector},
    Function{"mad_over_time", FunctionId::MadOverTime, kMatrix},
    Function{"max_over_time", FunctionId::MaxOverTime, kMatrix},
    Function{"min_over_time", FunctionId::MinOverTime, kMatrix},
    Function{"minute", FunctionId::Minute, kVector, 1},
    Function{"month", FunctionId::Month, kVector, 1},
    Function{"pi", FunctionId::Pi, {}, 0, kScalarType},
    Function{"predict_linear", FunctionId::PredictLinear, kMatrixScalar},
    Function{"present_over_time", FunctionId::PresentOverTime, kMatrix},
    Function{"quantile_over_time", FunctionId::QuantileOverTime, kScalarMatrix},
    Function{"rad", FunctionId::Rad, kVector},
    Function{"rate", FunctionId::Rate, kMatrix},
    Function{"resets", FunctionId::Resets, kMatrix},
    Function{"round", FunctionId::Round, kVectorScalar, 1},
    Function{"scalar", FunctionId::Scalar, kVector, 0, kScalarType},
    Function{"sgn", FunctionId::Sgn, kVector},
    Function{"sin", FunctionId::Sin, kVector},
    Function{"sinh", FunctionId::Sinh, kVector},
    Function{"sort", FunctionId::Sort, kVector},
    Function{"sort_by_label", FunctionId::SortByLabel, kVectorString, -1},
    Function{"sort_by_label_desc", FunctionId::SortByLabelDesc, kVectorString, -1},
    Function{"sort_desc", FunctionId::SortDesc, kVector},
    Function{"sqrt", FunctionId::Sqrt, kVector},
    Function{"stddev_over_time", FunctionId::StddevOverTime, kMatrix},
    Function{"stdvar_over_time", FunctionId::StdvarOverTime, kMatrix},
    Function{"sum_over_time", FunctionId::SumOverTime, kMatrix},
    Function{"tan", FunctionId::Tan, kVector},
    Function{"tanh", FunctionId::Tanh, kVector},
    Function{"time", FunctionId::Time, {}, 0, kScalarType},
    Function{"timestamp", FunctionId::Timestamp, kVector},
    Function{"vector", FunctionId::Vector, kScalar},
    Function{"year", FunctionId::Year, kVector, 1},
};

}  // namespace

std::string_view name_of(ValueType type) {
    static constexpr std::array<std::string_view, 4> kNames = {
        "scalar", "vector", "matrix", "string"};
    return kNames[static_cast<size_t>(type)];
}

std::string_view documented_name(ValueType type) {
    static constexpr std::array<std::string_view, 4> kNames = {
        "scalar", "instant vector", "range vector", "string"};
    return kNames[static_cast<size_t>(type)];
}

const Function* find_function(std::string_view name) {
    const auto found = std::lower_bound(
        kFunctions.begin(),
        kFunctions.end(),
        name,
        [](const Function& function, std::string_view wanted) { return function.name < wanted; });
    return found != kFunctions.end() && found->name == name ? &*found : nullptr;
}

std::span<const Function> all_functions() {
    return kFunctions;
}

}  // namespace cistern::promql
